import ArgumentParser
import Foundation
import Hardware
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// Says which machines, and how many, hold a model under a load, and what that costs.
struct Size: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plan capacity: which machines hold a load, at what cost.",
    usage: "plimsoll size MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll size llama-3.1-70b-instruct --workload chat --concurrency 50 --ttft 2s
        plimsoll size 70b --on h100-sxm5-80gb --price "8x h100=250000"
      """)

  @Argument(help: "A model file, folder, hf:org/name or https:// address; a known model's name; or a size such as 70b.")
  var model: String
  @OptionGroup var load: WorkloadOption
  @OptionGroup var demand: DemandOption
  @Option(name: .customLong("on"), help: "Consider only this machine or accelerator; repeatable.") var on: [String] = []
  @OptionGroup var names: CatalogueOption
  @Option(help: "Numbers of accelerators in one box, such as 1,2,4 or 1-8.") var counts = AcceleratorCounts([
    1, 2, 4, 8,
  ])
  @Option(help: "Consider only these quantizations, such as FP8,AWQ; repeatable.") var quantizations: [String] = []
  @Option(help: .hidden) var quantization: [String] = []
  @Option(help: "Factor by which the load is to grow, such as 1.5.") var growth: Double = 1
  @Flag(help: "Keep the targets at the upper ends of the predictions' bands, not as expected.") var pessimistic = false
  @Option(help: "Price of a box, such as \"8x h100=250000\", or of one accelerator; repeatable.") var price: [String] =
    []
  @Option(help: ArgumentHelp("Price of a kilowatt-hour, such as 0.25 or 0.25/kWh.", valueName: "price"))
  var electricity: EnergyPrice?
  @Option(help: "Years over which a price is spread.") var years: Double = 3
  @Option(help: "Share of the time at the busiest load, from 0 to 1.") var utilization: Double = 1
  @Option(help: "A service's price for a million output tokens, to break even with.") var breakEven: Double?
  @Option(help: "Lines of the table.") var limit = 15
  @Option(help: "Write a report with charts to this file (.html or .md).") var report: String?
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Print CSV.") var csv = false

  func validate() throws {
    for (name, value) in [("--growth", growth), ("--years", years), ("--break-even", breakEven ?? 1)] {
      if !value.isFinite || value <= 0 { throw ValidationError("\(name) is a number above 0") }
    }
    guard utilization > 0, utilization <= 1 else { throw ValidationError("--utilization is above 0 and at most 1") }
    if demand.isStated, load.concurrency != nil {
      throw ValidationError("--concurrency, --rate and --users state the same load: give one")
    }
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
    if let report, SizingRendering.Form(path: report) == nil {
      throw ValidationError("--report writes .html or .md, and \(report) ends in neither")
    }
    _ = try SizingPrices(price)
  }

  func run() async throws {
    let context = names.workspace()
    let profiles = context.catalogue()
    let request = try await request(profiles, context)
    let sizing = Sizing(request, estimator: SpeedEstimator(try profiles.efficiencies()))
    let rendering = SizingRendering(sizing, isShortlist: !on.isEmpty)
    if let report { try rendering.write(to: report, at: context.clock.wallSeconds()) }
    if json {
      try JSONOutput.print(sizing)
    } else {
      Terminal.result(csv ? rendering.csv : rendering.text(limit: limit))
    }
    if sizing.options.isEmpty { throw NothingHolds(sizing: sizing) }
  }

  private func request(_ profiles: Profiles, _ context: Workspace) async throws -> SizingRequest {
    let found = try await SizingModel.resolve(model, in: context)
    let names = (quantizations + quantization).flatMap {
      $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    var request = try SizingRequest(
      model: found.model, quantizations: names, workload: try load.resolved(profiles, usual: "chat"),
      candidates: try candidates(profiles, context))
    request.siblings = found.siblings
    if let stated = demand.resolved(try load.profile(profiles, usual: "chat")) { request.demand = stated }
    request.counts = counts.counts
    request.growth = growth
    request.isPessimistic = pessimistic
    request.costs.prices = try SizingPrices(price).byName
    request.costs.electricity = electricity?.perKilowattHour
    request.costs.years = years
    request.costs.utilization = utilization
    request.costs.pricePerMillionTokens = breakEven
    return request
  }

  private func candidates(_ profiles: Profiles, _ workspace: Workspace) throws -> [Machine] {
    guard on.isEmpty else { return try on.map { try workspace.machine($0) } }
    return profiles.shortlist()
  }
}

/// Nothing that was considered holds the load.
private struct NothingHolds: ExplainedError {
  var sizing: Sizing
  var outcome: FailureOutcome { .doesNotFit }
  var reason: Reason {
    let machines = sizing.failedMachines
    let only = machines.count == 1 ? machines.first?.reason : nil
    return Reason(
      .nothingHoldsTheLoad,
      machines.count == 1
        ? "\(machines[0].box) does not hold \(sizing.model) under this load"
        : "none of \(machines.count) machines holds \(sizing.model) under this load",
      remedy: only?.remedy ?? "relax the targets with --ttft and --tpot, or allow other quantizations")
  }
}

/// A price for a kilowatt-hour, with or without its unit.
struct EnergyPrice: ExpressibleByArgument {
  var perKilowattHour: Double

  init?(argument: String) {
    let number = argument.lowercased().hasSuffix("/kwh") ? argument.dropLast(4) : Substring(argument)
    guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
    perKilowattHour = value
  }
}
