import Engines
import Hardware
import Models
import Units

extension PlacementSearch {
  /// The fewest devices: cut inside a link island where heads and blocks divide, in stages across islands.
  ///
  /// A cache of a tenth of the weights or more comes first: with less, the devices read weights for a few requests only.
  /// Then one with room for all requests at once, then one that makes some of them wait. Under a load another that is
  /// predicted to be much faster comes before it: requests seldom fill the context that is kept for each.
  func tensors() -> EngineRules.Fit {
    var ample: EngineRules.Fit?
    var scarce: EngineRules.Fit?
    var waiting: EngineRules.Fit?
    var last: EngineRules.Fit?
    var held: [EngineRules.Fit] = []
    let islands = DeviceIslands(machine)
    let refused = islands.islands.first.map { refusals(upTo: $0.count) } ?? []
    for (one, why) in cuts() {
      // Stages come last, and are slower than whatever holds the model without them.
      if ample != nil, one.pipelineParallel > 1 || !comparesSpeeds { break }
      var fit = copied(one, copies(of: one, in: islands), in: islands, why)
      fit.ruledOut = refused.filter { $0.ways < one.tensorParallel }.map(\.reason)
      if fit.fits { held.append(fit) }
      if fit.verdict == .fits, hasAmpleCache(fit), ample == nil { ample = fit }
      if fit.verdict == .fits, scarce == nil { scarce = fit }
      if fit.verdict == .tight, room(fit) > waiting.map(room) ?? -1 { waiting = fit }
      fit.why = nil
      last = fit
    }
    guard let ruled = ample ?? scarce ?? waiting else { return last ?? rules.judged(candidate, Placement()) }
    return faster(than: ruled, among: held) ?? ruled
  }

  private var comparesSpeeds: Bool { speed != nil && rules.request.workload.concurrency > 1 }

  /// How much faster another layout has to be before it is preferred to the one that the rules say.
  private static let muchFaster = 1.25

  private func faster(than ruled: EngineRules.Fit, among held: [EngineRules.Fit]) -> EngineRules.Fit? {
    guard comparesSpeeds, let speed else { return nil }
    func rate(_ fit: EngineRules.Fit) -> Double {
      speed.rates(rules.request.speedRequest(candidate, rules.kind, fit.placement, fit.settings))?.output ?? 0
    }
    let usual = rate(ruled)
    let rated = held.map { (fit: $0, rate: rate($0)) }
    guard usual > 0, let best = rated.max(by: { $0.rate < $1.rate }), best.rate > usual * Self.muchFaster else {
      return nil
    }
    var fit = best.fit
    fit.why = fit.why.map { PlacementReason.faster($0, by: best.rate / usual) }
    return fit
  }

  /// As many servers as there are devices and requests for; where devices differ, on as many of the largest as hold one.
  private func copied(_ one: Placement, _ most: Int, in islands: DeviceIslands, _ why: Reason) -> EngineRules.Fit {
    func judged(_ count: Int) -> EngineRules.Fit {
      var fit = rules.judged(candidate, count > 1 ? one.copied(count, in: islands) : one)
      fit.why = count > 1 ? PlacementReason.copies(count, of: one.devices.count) : why
      return fit
    }
    let isMixed = Set(machine.accelerators.map { $0.memoryBytes?.value }).count > 1
    guard isMixed, most > 1, rules.request.replicas == nil else { return judged(most) }
    return (2...most).reversed().lazy.map(judged).first { $0.fits } ?? judged(1)
  }

  /// How many servers of such a cut there are requests and devices for.
  private func copies(of one: Placement, in islands: DeviceIslands) -> Int {
    guard one.pipelineParallel == 1, one.expertParallel == 1 else { return 1 }
    let groups = islands.islands.map { $0.count / one.tensorParallel }.reduce(0, +)
    return max(1, min(groups, rules.request.replicas ?? rules.request.workload.concurrency))
  }

  /// Why the usual numbers of ways cannot be, smallest first.
  private func refusals(upTo most: Int) -> [(ways: Int, reason: Reason)] {
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    return [2, 4, 8, 16].filter { $0 <= most }.compactMap { ways in degree.refusal(ways).map { (ways, $0) } }
  }

  private func room(_ fit: EngineRules.Fit) -> Int { fit.details["concurrentRequests"]?.value ?? 0 }

  private func hasAmpleCache(_ fit: EngineRules.Fit) -> Bool {
    let parts = (fit.estimate?.devices ?? []).map(\.components)
    let cache = parts.reduce(ByteCount.zero) { $0 + $1.kvCache.value + $1.recurrentState.value }
    return cache >= parts.reduce(ByteCount.zero) { $0 + $1.weights.value }.scaled(by: 0.1)
  }

  /// The placements to try: inside an island the fewest devices first, then the fewest stages across islands.
  private func cuts() -> [(Placement, Reason)] {
    let islands = DeviceIslands(machine)
    guard let island = islands.islands.first else { return [] }
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    let usual = Set([1, 2, 4, 8, 16, island.count]).filter { $0 <= island.count }
    // A stage never straddles two islands.
    func whole(_ ways: Int) -> [Int] { islands.islands.flatMap { $0.prefix($0.count / ways * ways) } }
    let shapes = usual.flatMap { ways in (1...(whole(ways).count / ways)).map { (ways: ways, stages: $0) } }
      // Fewer stages before fewer devices: a token passes through them one after the other.
      .sorted { ($0.stages, $0.ways) < ($1.stages, $1.ways) }
    return shapes.compactMap { ways, stages in
      // A stage holds whole layers.
      guard stages <= max(1, layerCount) else { return nil }
      let refusal = degree.refusal(ways)
      guard refusal == nil || degree.holdsExpertsWhole(ways) else { return nil }
      var placement = Placement()
      placement.tensorParallel = ways
      placement.pipelineParallel = stages
      placement.splitMode = .tensor
      placement.devices = Array(whole(ways).prefix(ways * stages))
      if refusal != nil { placement.expertParallel = ways }
      return (placement, Self.reason(placement, isFast: islands.isFast))
    }
  }

  private static func reason(_ placement: Placement, isFast: Bool) -> Reason {
    let (ways, stages) = (placement.tensorParallel, placement.pipelineParallel)
    if placement.expertParallel > 1 { return PlacementReason.experts(ways) }
    if stages > 1 { return PlacementReason.stages(stages, of: ways) }
    return ways > 1 ? PlacementReason.tensors(ways, isFast: isFast) : PlacementReason.oneDevice
  }
}
