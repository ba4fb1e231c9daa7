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
        plimsoll size 70b --on h100-sxm5-80gb --price "8x h100=250k" --context 32k,64k
      """)

  @Argument(
    help: "A model as plimsoll plan takes it, or a size such as 70b.", completion: Completion.models)
  var model: String
  @OptionGroup(title: "Model") var forms: SizeFormOptions
  @OptionGroup(title: "Workload") var load: SizeLoadOptions
  @OptionGroup(title: "Margin") var margin: SizeMarginOptions
  @OptionGroup(title: "Machine") var machines: SizeMachineOptions
  @OptionGroup(title: "Cost") var costs: SizeCostOptions
  @OptionGroup(title: "Output") var output: SizeOutputOptions

  func run() async throws {
    let context = machines.names.workspace()
    let profiles = context.catalogue()
    let requests = try await requests(profiles, context)
    let estimator = SpeedEstimator(try profiles.efficiencies())
    guard requests.count == 1, let request = requests.first?.request else {
      let tiers = SizingTiers(
        requests.map { SizingTiers.Tier(name: $0.name, sizing: Sizing($0.request, estimator: estimator)) })
      for tier in tiers.tiers { try tier.sizing.requireUnambiguousPrices() }
      try output.print(tiers)
      if tiers.tiers.allSatisfy({ $0.sizing.recommended == nil }), let first = tiers.tiers.first {
        throw NothingHolds(sizing: first.sizing)
      }
      return
    }
    let sizing = Sizing(request, estimator: estimator)
    try sizing.requireUnambiguousPrices()
    let study = output.report == nil ? nil : SizingStudy(request, sizing, estimator: estimator)
    try output.print(sizing, study, isShortlist: !machines.on.isEmpty, at: context.clock.wallSeconds())
    if sizing.recommended == nil { throw NothingHolds(sizing: sizing) }
  }

  /// One request for each tier that the options make.
  private func requests(_ profiles: Profiles, _ context: Workspace) async throws -> [(
    name: String, request: SizingRequest
  )] {
    let found = try await SizingModel.resolve(model, in: context)
    let profile = try WorkloadOption.profile(named: load.workload ?? "chat", profiles)
    let candidates = try candidates(profiles, context)
    let curve = try margin.curve()
    let growth =
      margin.growth.isPerYear
      ? LoadGrowth(perYear: margin.growth.amount, years: costs.years) : LoadGrowth(factor: margin.growth.amount)
    let forms = forms.eachQuantization ? forms.names.map { [$0] } : [forms.names]
    return try load.tiers(profile).flatMap { tier in
      try forms.map { names in
        var request = try SizingRequest(
          model: found.model, quantizations: names, workload: tier.workload, candidates: candidates)
        request.siblings = found.siblings
        request.demand = tier.demand
        request.demand.amount *= margin.peak
        request.contextLength = tier.context
        request.firstTokenPercentile = load.percentile
        request.counts = machines.counts?.counts
        request.growth = growth.factor
        request.confidence = margin.confidence.value
        request.isPessimistic = margin.pessimistic
        request.spareBoxes = margin.spare
        request.nodes = machines.nodes
        request.notes = found.catalogueEntry.map { SizingModel.notes($0) } ?? []
        request.kvType = try self.forms.cacheType()
        request.prefixHit = self.forms.prefixHit?.value ?? 0
        request.useTask()
        let batchShare = tier.demand.withinSeconds.map { min(1, $0 / 86_400) } ?? 1
        try costs.apply(
          to: &request, profiles,
          meanOverPeak: (curve?.meanOverPeak ?? 1) / margin.peak * growth.meanOverEnd * batchShare)
        request.day = curve
        let quantization = self.forms.eachQuantization ? names.first : nil
        return ([tier.name.isEmpty ? nil : tier.name, quantization].compactMap { $0 }.joined(separator: ", "), request)
      }
    }
  }

  private func candidates(_ profiles: Profiles, _ workspace: Workspace) throws -> [Machine] {
    guard machines.on.isEmpty else { return try machines.on.map { try workspace.machine($0) } }
    return profiles.shortlist()
  }
}

extension Sizing {
  /// - Throws: `Failure` for a price that is for several machines, which has to say which.
  fileprivate func requireUnambiguousPrices() throws {
    guard let notice = notices.first(where: { $0.code == .ambiguousPrice }) else { return }
    throw Failure(.usage, notice.code, notice.message, remedy: notice.remedy)
  }
}

/// Nothing that was considered holds the load.
private struct NothingHolds: ExplainedError {
  var sizing: Sizing
  var outcome: FailureOutcome { .doesNotFit }
  var reason: Reason {
    let machines = sizing.failedMachines
    guard sizing.options.isEmpty else {
      return Reason(
        .nothingHoldsTheLoad,
        "no machine holds \(sizing.model) under this load with \(sizing.confidence.percent) confidence",
        remedy: "ask for less with --confidence, or relax the targets with --ttft and --tpot")
    }
    let only = machines.count == 1 ? machines.first?.reason : nil
    return Reason(
      .nothingHoldsTheLoad,
      machines.count == 1
        ? "\(machines[0].box) does not hold \(sizing.model) under this load"
        : "none of \(machines.count) machines holds \(sizing.model) under this load",
      remedy: only?.remedy ?? "relax the targets with --ttft and --tpot, or allow other quantizations")
  }
}
