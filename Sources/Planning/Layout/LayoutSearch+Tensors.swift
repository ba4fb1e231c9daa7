import Engines
import Hardware
import Models
import Units

extension LayoutSearch {
  /// The fewest devices: cut inside a link island where heads and blocks divide, in stages across islands.
  ///
  /// A cache of a tenth of the weights or more comes first: with less, the devices read weights for a few requests only.
  /// Then one with room for all requests at once, then one that makes some of them wait.
  func tensors() -> Fit {
    var ample: Fit?
    var scarce: Fit?
    var waiting: Fit?
    var last: Fit?
    var held: [Fit] = []
    let islands = DeviceIslands(machine)
    let refused = islands.islands.first.map { refusals(upTo: $0.count) } ?? []
    for (one, why) in cuts(islands) {
      // Stages come last, and are slower than whatever holds the model without them.
      if ample != nil, one.pipelineParallel > 1 || !weighsSpeeds { break }
      var fit = copied(one, copies(of: one, in: islands), in: islands, why)
      fit.ruledOut = refused.filter { $0.ways != one.tensorParallel && $0.ways <= one.devices.count }.map(\.reason)
      if fit.fits { held.append(fit) }
      if fit.verdict == .fits, hasAmpleCache(fit), ample == nil { ample = fit }
      if fit.verdict == .fits, scarce == nil { scarce = fit }
      if fit.verdict == .tight, isRoomier(fit, than: waiting) { waiting = fit }
      fit.why = nil
      last = fit
    }
    if weighsSpeeds || held.isEmpty { held += sharedExperts(islands).map { judged($0, $1) }.filter(\.fits) }
    guard let ruled = ample ?? scarce ?? waiting ?? held.first else {
      return last ?? memory.judged(question.with(Placement()))
    }
    return best(ruled: ruled, among: held)
  }

  /// Every cut, in as many servers as there are groups of devices for.
  func everyCut() -> [Fit] {
    let islands = DeviceIslands(machine)
    let cuts = cuts(islands)
    let flat = cuts.filter { $0.0.pipelineParallel == 1 }.map { one, why in
      filled(one, groups(of: one, in: islands), in: islands, why)
    }
    var held = flat.filter(\.fits) + sharedExperts(islands).map { judged($0, $1) }.filter(\.fits)
    // Whole layers in stages only where no island holds the model.
    if held.isEmpty { held = cuts.filter { $0.0.pipelineParallel > 1 }.map { judged($0, $1) }.filter(\.fits) }
    return held
  }

  private var weighsSpeeds: Bool { comparesSpeeds || (speed != nil && question.workload.hasTargets) }

  private func judged(_ placement: Placement, _ why: Reason) -> Fit {
    var fit = memory.judged(question.with(placement))
    fit.why = why
    return fit
  }

  /// So many servers with as many requests each as were asked of one.
  private func filled(_ one: Placement, _ count: Int, in islands: DeviceIslands, _ why: Reason) -> Fit {
    guard count > 1 else { return judged(one, why) }
    var fit = memory.judged(question.with(slots: question.parallel * count).with(one.copied(count, in: islands)))
    fit.why = LayoutReason.copies(count, of: one.devices.count)
    return fit
  }

  /// As many servers as there are devices and requests for; where devices differ, on as many of the largest as hold one.
  private func copied(_ one: Placement, _ most: Int, in islands: DeviceIslands, _ why: Reason) -> Fit {
    func judged(_ count: Int) -> Fit {
      self.judged(
        count > 1 ? one.copied(count, in: islands) : one,
        count > 1 ? LayoutReason.copies(count, of: one.devices.count) : why)
    }
    let isMixed = Set(machine.accelerators.map { $0.memoryBytes?.value }).count > 1
    guard isMixed, most > 1, replicas == nil else { return judged(most) }
    return (2...most).reversed().lazy.map(judged).first { $0.fits } ?? judged(1)
  }

  /// How many servers of such a cut there are devices for.
  private func groups(of one: Placement, in islands: DeviceIslands) -> Int {
    guard one.pipelineParallel == 1 else { return 1 }
    return max(1, islands.islands.map { $0.count / one.tensorParallel }.reduce(0, +))
  }

  /// How many servers of such a cut there are requests and devices for.
  private func copies(of one: Placement, in islands: DeviceIslands) -> Int {
    guard one.expertParallel == 1 else { return 1 }
    return max(1, min(groups(of: one, in: islands), replicas ?? question.workload.concurrency))
  }

  /// Why the usual numbers of ways cannot be, smallest first.
  private func refusals(upTo most: Int) -> [(ways: Int, reason: Reason)] {
    [2, 4, 8, 16].filter { $0 <= most }.compactMap { ways in degree.refusal(ways).map { (ways, $0) } }
  }

  private var degree: TensorDegree { TensorDegree(model: question.model, quantization: form.name) }

  private func room(_ fit: Fit) -> Int { fit.pool?.whole ?? 0 }

  /// True where more of the requests that were asked for have room; what has room for all of them comes first.
  private func isRoomier(_ fit: Fit, than other: Fit?) -> Bool {
    guard let other else { return true }
    return room(other) < max(question.parallel, question.workload.concurrency) && room(fit) > room(other)
  }

  private func hasAmpleCache(_ fit: Fit) -> Bool {
    let parts = (fit.estimate?.devices ?? []).map(\.components)
    let cache = parts.reduce(ByteCount.zero) { $0 + $1.kvCache.value + $1.recurrentState.value }
    return cache >= parts.reduce(ByteCount.zero) { $0 + $1.weights.value }.scaled(by: 0.1)
  }

  /// The placements to try: inside an island the fewest devices first, then the fewest stages across islands.
  private func cuts(_ islands: DeviceIslands) -> [(Placement, Reason)] {
    guard let island = islands.islands.first else { return [] }
    let degree = degree
    let usual = Set([1, 2, 4, 8, 16, island.count]).filter { $0 <= island.count }
    // A stage never straddles two islands.
    func whole(_ ways: Int) -> [Int] { islands.islands.flatMap { $0.prefix($0.count / ways * ways) } }
    let shapes = usual.flatMap { ways in (1...(whole(ways).count / ways)).map { (ways: ways, stages: $0) } }
      // Fewer stages before fewer devices: a token passes through them one after the other.
      .sorted { ($0.stages, $0.ways) < ($1.stages, $1.ways) }
    let refused = Dictionary(uniqueKeysWithValues: usual.map { ($0, degree.refusal($0)) })
    return shapes.compactMap { ways, stages in
      // A stage holds whole layers.
      guard stages <= max(1, layerCount) else { return nil }
      let refusal = refused[ways] ?? nil
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

  /// Mixtures whose experts are spread over all devices, while each rank, or each few of them, has attention and cache of
  /// its own: what keeps few heads need not be kept several times.
  private func sharedExperts(_ islands: DeviceIslands) -> [(Placement, Reason)] {
    guard let island = islands.islands.first, let experts = question.model.layers.lazy.compactMap(\.experts).first
    else { return [] }
    let degree = degree
    var found: [(Placement, Reason)] = []
    for all in Set([2, 4, 8, 16, island.count]).sorted() where all <= island.count && experts.count % all == 0 {
      for ways in [1, 2, 4] where ways < all && all % ways == 0 {
        var placement = Placement()
        placement.tensorParallel = ways
        placement.dataParallel = all / ways
        placement.expertParallel = all
        placement.splitMode = .tensor
        placement.devices = Array(island.prefix(all))
        guard degree.refusal(placement, devices: island.count) == nil else { continue }
        found.append((placement, LayoutReason.sharedExperts(all / ways, of: ways)))
      }
    }
    return found
  }

  private static func reason(_ placement: Placement, isFast: Bool) -> Reason {
    let (ways, stages) = (placement.tensorParallel, placement.pipelineParallel)
    if placement.expertParallel > 1 { return LayoutReason.experts(ways) }
    if stages > 1 { return LayoutReason.stages(stages, of: ways) }
    return ways > 1 ? LayoutReason.tensors(ways, isFast: isFast) : LayoutReason.oneDevice
  }
}
