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
        plimsoll size llama-3.1-70b --workload chat --users 200
        plimsoll size 70b --on h100-sxm5-80gb --price "8x h100=250000"
      """)

  @Argument(
    help: "A model as plimsoll plan takes it, or a size such as 70b.", completion: Completion.models)
  var model: String
  @OptionGroup(title: "Model") var forms: SizeFormOptions
  @OptionGroup(title: "Workload") var load: WorkloadOption
  @OptionGroup(title: "Workload") var demand: DemandOption
  @OptionGroup(title: "Workload") var margin: SizeMarginOptions
  @OptionGroup(title: "Machine") var machines: SizeMachineOptions
  @OptionGroup(title: "Cost") var costs: SizeCostOptions
  @OptionGroup(title: "Output") var output: SizeOutputOptions

  func validate() throws {
    if demand.isStated, load.concurrency != nil {
      throw ValidationError("--concurrency, --rate and --users state the same load: give one")
    }
  }

  func run() async throws {
    let context = machines.names.workspace()
    let profiles = context.catalogue()
    let request = try await request(profiles, context)
    let sizing = Sizing(request, estimator: SpeedEstimator(try profiles.efficiencies()))
    let rendering = SizingRendering(sizing, isShortlist: !machines.on.isEmpty)
    if let report = output.report { try rendering.write(to: report, at: context.clock.wallSeconds()) }
    if output.json {
      try JSONOutput.print(sizing)
    } else if output.csv {
      Terminal.document(rendering.csv, end: "")
    } else {
      Terminal.result(rendering.text(limit: output.limit))
    }
    if sizing.options.isEmpty { throw NothingHolds(sizing: sizing) }
  }

  private func request(_ profiles: Profiles, _ context: Workspace) async throws -> SizingRequest {
    let found = try await SizingModel.resolve(model, in: context)
    var request = try SizingRequest(
      model: found.model, quantizations: forms.names, workload: try load.resolved(profiles, usual: "chat"),
      candidates: try candidates(profiles, context))
    request.siblings = found.siblings
    if let stated = demand.resolved(try load.profile(profiles, usual: "chat")) { request.demand = stated }
    request.counts = machines.counts.counts
    request.growth = margin.growth
    request.isPessimistic = margin.pessimistic
    request.costs.prices = try SizingPrices(costs.price).byName
    request.costs.electricity = costs.electricity?.perKilowattHour
    request.costs.years = costs.years
    request.costs.utilization = costs.utilization
    request.costs.pricePerMillionTokens = costs.breakEven
    return request
  }

  private func candidates(_ profiles: Profiles, _ workspace: Workspace) throws -> [Machine] {
    guard machines.on.isEmpty else { return try machines.on.map { try workspace.machine($0) } }
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
