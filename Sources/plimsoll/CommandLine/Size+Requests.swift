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
        var wishes = SizingWishes(workload: tier.workload, demand: tier.demand)
        (wishes.quantizations, wishes.contextLength) = (names, tier.context)
        (wishes.firstTokenPercentile, wishes.outputTokenPercentile) = (load.percentile, load.outputTokenPercentile)
        (wishes.counts, wishes.nodes) = (machines.counts?.counts, machines.nodes)
        wishes.readsPromptsApart = machines.promptsApart
        (wishes.peak, wishes.growth, wishes.day) = (margin.peak, growth, curve)
        (wishes.confidence, wishes.isPessimistic) = (margin.confidence.value, margin.pessimistic)
        wishes.spareBoxes = margin.spare
        (wishes.kvType, wishes.prefixHit) = (try self.forms.cacheType(), self.forms.prefixHit?.value ?? 0)
        (wishes.guessing, wishes.draftAcceptance) = (guessing, self.forms.speculation.draftAcceptance)
        wishes.costs = try costs.wishes()
        let quantization = self.forms.eachQuantization ? names.first : nil
        let name = [tier.name.isEmpty ? nil : tier.name, quantization].compactMap { $0 }.joined(separator: ", ")
        return (name, try wishes.request(found, on: candidates, prices: profiles))
      }
    }
  }

  private func candidates(_ profiles: Profiles, _ workspace: Workspace) throws -> [Machine] {
    guard machines.on.isEmpty else { return try machines.on.map { try workspace.machine($0) } }
    return profiles.shortlist()
  }
}
