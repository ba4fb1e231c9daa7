import Foundation
import Hardware
import Planning
import Profiles
import Units
import Workflows

extension Size {
  /// One request for each tier that the options make.
  func requests(_ profiles: Profiles, _ context: Workspace) async throws -> [(
    name: String, request: SizingRequest
  )] {
    let found = try await SizingModel.resolve(model, in: context)
    let profile = try WorkloadOption.profile(named: load.workload ?? "chat", profiles)
    let candidates = try candidates(profiles, context)
    let guessing = try await self.forms.speculation.guessing(in: context)
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
        request.outputTokenPercentile = load.outputTokenPercentile
        request.counts = machines.counts?.counts
        request.growth = growth.factor
        request.confidence = margin.confidence.value
        request.isPessimistic = margin.pessimistic
        request.spareBoxes = margin.spare
        request.nodes = machines.nodes
        request.readsPromptsApart = machines.promptsApart
        request.notes = found.catalogueEntry.map { SizingModel.notes($0) } ?? []
        request.kvType = try self.forms.cacheType()
        request.prefixHit = self.forms.prefixHit?.value ?? 0
        request.guessing = guessing
        request.draftAcceptance = self.forms.speculation.draftAcceptance
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
