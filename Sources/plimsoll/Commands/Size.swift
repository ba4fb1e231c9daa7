import ArgumentParser
import Foundation
import Hardware
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units

/// Says which machines, and how many, hold a model under a load, and what that costs.
struct Size: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plan capacity before buying: which machines hold a model under a load, and at what cost.",
    discussion: """
      Example: plimsoll size llama-3.1-70b --workload chat --input 7500 --output 500 --concurrency 50 --ttft 2 \
      --tpot 0.066 --price "8x h100=250000" --electricity 0.25/kWh

      The model is a file or folder, the name of a known model, or a size such as 70b or 30b-a3b.
      """)

  @Argument(help: "A model file, folder, hf:org/name or https:// address; a known model's name; or a size such as 70b.")
  var model: String
  @OptionGroup var load: WorkloadOption
  @Option(name: .customLong("on"), help: "Consider only this machine or accelerator; repeatable.") var on: [String] = []
  @Option(help: "Consider only these quantizations, such as FP8; repeatable.") var quantization: [String] = []
  @Option(help: "Factor by which the load is to grow, such as 1.5.") var growth: Double = 1
  @Option(help: "Price of a box, such as \"8x h100=250000\"; repeatable.") var price: [String] = []
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
    for (name, value) in [("--growth", growth), ("--years", years), ("--utilization", utilization)] {
      if !value.isFinite || value <= 0 { throw ValidationError("\(name) is a number above 0") }
    }
    _ = try SizingPrices(price)
  }

  func run() async throws {
    let context = CommandContext()
    let profiles = context.catalogue()
    let (name, traits) = try await SizingModel.resolve(model, profiles, context)
    let chosen = SizingQuantization.usual.filter { usual in
      quantization.isEmpty || quantization.contains { $0.uppercased() == usual.name.uppercased() }
    }
    var request = SizingRequest(
      modelName: name, traits: traits, quantizations: chosen, workload: try load.resolved(profiles, usual: "chat"),
      candidates: try candidates(profiles))
    request.growth = growth
    request.costs.prices = try SizingPrices(price).byName
    request.costs.electricity = electricity?.perKilowattHour
    request.costs.years = years
    request.costs.utilization = utilization
    request.costs.pricePerMillionTokens = breakEven
    let sizing = Sizing(request, estimator: SpeedEstimator(try profiles.efficiencies()))
    if let report { try SizingRendering(sizing).write(to: report, at: context.clock.wallSeconds()) }
    if json { return try JSONOutput.print(sizing) }
    Terminal.result(csv ? SizingRendering(sizing).csv : SizingRendering(sizing).text(limit: limit))
    if sizing.options.isEmpty { throw NothingHolds(sizing: sizing) }
  }

  private func candidates(_ profiles: Profiles) throws -> [Machine] {
    guard on.isEmpty else { return try on.map { try profiles.machine(composedOf: MachineExpression($0)) } }
    return profiles.machines().machines.map(\.machine)
  }
}

/// Nothing in the catalogue holds the load.
private struct NothingHolds: ExplainedError {
  var sizing: Sizing
  var outcome: FailureOutcome { .doesNotFit }
  var reason: Reason {
    Reason(
      "nothing-holds-the-load", "none of \(sizing.failures.count) machines holds \(sizing.model) under this load",
      remedy: "relax the targets with --ttft and --tpot, or allow other quantizations")
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
