import Engines
import Hardware
import Models
import Units

/// Finds where one form of a model goes for one engine: the placements that a specialist would try, in that order, each
/// judged by the engine's own memory rules, until one fits.
struct PlacementSearch {
  let rules: EngineRules
  let candidate: QuantizationCandidate
  /// Says which of several placements is faster; nil leaves it to rules.
  var speed: SpeedEstimator?

  private var machine: Machine { rules.request.machine }
  private var layerCount: Int { candidate.model.layers.count }

  /// The first that fits; where none does, the last that was tried, or the one that was asked for.
  func fit() -> EngineRules.Fit {
    if let asked = rules.request.placement { return fit(asked: asked) }
    var whole = Placement()
    whole.devices = Array(machine.accelerators.indices)
    guard !whole.devices.isEmpty else { return processors() }
    return switch rules.kind {
    case .llamaCpp: layers(whole)
    case .ampereLlamaCpp: processors()
    case .vllm: tensors()
    case .mlx: unified(whole)
    }
  }

  /// One memory for processor and GPU.
  private func unified(_ whole: Placement) -> EngineRules.Fit {
    var fit = rules.judged(candidate, whole)
    if fit.fits { fit.why = PlacementReason.unified }
    return fit
  }

  private func fit(asked: Placement) -> EngineRules.Fit {
    if let refusal = rules.refusal(of: asked) {
      return EngineRules.Fit(placement: asked, settings: rules.request.settings, verdict: .unsupported, reason: refusal)
    }
    let first = rules.judged(candidate, asked)
    let canMoveLayers = asked.gpuLayers == nil && !asked.devices.isEmpty && rules.kind.isLlamaCpp
    guard !first.fits, first.verdict != .unsupported, canMoveLayers else { return first }
    return partial(asked) ?? first
  }
}

// MARK: - Processors

extension PlacementSearch {
  private func processors() -> EngineRules.Fit {
    let places = ProcessorPlacement(
      machine: machine, engine: rules.kind, streams: rules.request.workload.concurrency,
      replicas: rules.request.replicas,
      holds: { judged($0).fits },
      rate: { placement in
        speed.flatMap { speed in
          let asked = rules.request.speedRequest(candidate, rules.kind, placement, settings(placement))
          let threads = ThreadLadder(estimator: speed, asked: rules.request.threads).threads(for: asked)
          return speed.rates(asked.with(threads: threads?.decode, prompts: threads?.prompt))?.output
        }
      })
    guard let found = places.found() else { return rules.judged(candidate, Placement()) }
    var fit = judged(found.placement)
    fit.why = found.why
    return fit
  }

  private func judged(_ placement: Placement) -> EngineRules.Fit {
    rules.with(settings(placement)).judged(candidate, placement)
  }

  /// The pages of a mapped file lie where they were first read, for all that map it: a server that wants its weights on
  /// its own node, or spread over all, reads them into memory of its own.
  private func settings(_ placement: Placement) -> EngineSettings {
    var settings = rules.request.settings
    let hasPlace = placement.numaNode != nil || placement.interleave == true || placement.replicas > 1
    if hasPlace, machine.processorNodes.count > 1, rules.kind.isLlamaCpp { settings.memoryMap = false }
    return settings
  }
}

// MARK: - llama.cpp

extension PlacementSearch {
  /// The fewest devices that hold it, else experts on the CPU, else as many layers on all devices as fit.
  private func layers(_ whole: Placement) -> EngineRules.Fit {
    func usable(_ index: Int) -> ByteCount { machine.usableBytes(ofAccelerator: index)?.value ?? .zero }
    let devices = whole.devices.sorted { usable($0) > usable($1) }
    if let one = single(devices) { return copies(of: devices) ?? one }
    var fit = rules.judged(candidate, whole)
    for count in 2...max(2, devices.count) where count <= devices.count {
      var placement = whole
      placement.devices = devices.prefix(count).sorted()
      fit = rules.judged(candidate, placement)
      fit.why = PlacementReason.layers(over: count)
      if fit.fits { return fit }
    }
    fit.why = nil
    return experts(whole) ?? partial(whole) ?? fit
  }

  /// The fastest of the devices that hold all of it; nil where none does.
  private func single(_ devices: [Int]) -> EngineRules.Fit? {
    func bandwidth(_ index: Int) -> Double { machine.accelerators[index].bandwidth?.value ?? 0 }
    guard let most = devices.first, holds(most) else { return nil }
    var placement = Placement()
    let able = devices.filter { bandwidth($0) > bandwidth(most) && holds($0) }
    placement.devices = [able.max { bandwidth($0) < bandwidth($1) } ?? most]
    var fit = rules.judged(candidate, placement)
    let isShared = machine.accelerators[placement.devices[0]].sharesMemory == true
    fit.why = isShared ? PlacementReason.unified : PlacementReason.oneDevice
    return fit
  }

  private func holds(_ device: Int) -> Bool {
    var one = Placement()
    one.devices = [device]
    return rules.judged(candidate, one).fits
  }

  /// A server on each device that holds one, where there are requests for all of them; nil where there are not.
  private func copies(of devices: [Int]) -> EngineRules.Fit? {
    let streams = rules.request.workload.concurrency
    guard rules.request.replicas ?? streams > 1, devices.count > 1 else { return nil }
    let able = devices.filter { machine.accelerators[$0].sharesMemory != true && holds($0) }
    let count = rules.request.replicas ?? able.count
    guard count > 1, count <= able.count, rules.request.replicas != nil || streams >= count else { return nil }
    var placement = Placement()
    placement.devices = able.prefix(count).sorted()
    placement.replicas = count
    var fit = rules.judged(candidate, placement)
    fit.why = PlacementReason.copies(count, of: 1)
    return fit.fits ? fit : nil
  }

  /// The experts of as few layers as possible in the host's memory, everything else on the devices.
  private func experts(_ whole: Placement) -> EngineRules.Fit? {
    let settings = rules.request.settings
    let isUnified = machine.accelerators.allSatisfy { $0.sharesMemory == true }
    guard settings.cpuMoeLayers == 0, settings.overrideTensor.isEmpty, !isUnified,
      candidate.model.layers.contains(where: { $0.experts != nil })
    else { return nil }
    return leastOnHost(upTo: layerCount) { count in
      var moved = settings
      moved.cpuMoeLayers = count
      var fit = rules.with(moved).judged(candidate, whole)
      fit.why = PlacementReason.expertsOnCPU(count, of: layerCount)
      return fit
    }
  }

  /// As many layers on the devices as fit; the output counts as one.
  private func partial(_ whole: Placement) -> EngineRules.Fit? {
    leastOnHost(upTo: layerCount + 1) { count in
      var placement = whole
      let onDevices = layerCount + 1 - count
      placement.gpuLayers = onDevices
      if onDevices == 0 { placement.devices = [] }
      var fit = rules.judged(candidate, placement)
      fit.why = PlacementReason.layersOnCPU(onDevices, of: layerCount)
      return fit
    }
  }

  /// The fit that moves the least to the host's memory, by halving; nil where nothing fits.
  private func leastOnHost(upTo most: Int, _ moving: (Int) -> EngineRules.Fit) -> EngineRules.Fit? {
    var best: EngineRules.Fit?
    var (low, high) = (1, most)
    while low <= high {
      let middle = (low + high) / 2
      let fit = moving(middle)
      if fit.fits { best = fit }
      // Too much overfills the host, too little a device.
      if fit.fits || overfillsHost(fit) { high = middle - 1 } else { low = middle + 1 }
    }
    return best
  }

  private func overfillsHost(_ fit: EngineRules.Fit) -> Bool {
    guard let host = fit.estimate?.devices.first(where: { $0.isHost }), let usable = host.usableBytes?.value
    else { return false }
    return host.highBytes > usable
  }
}

// MARK: - vLLM

extension PlacementSearch {
  /// The fewest devices: cut inside a link island where heads and blocks divide, in stages across islands.
  ///
  /// A cache of a tenth of the weights or more comes first: with less, the devices read weights for a few requests only.
  /// Then one with room for all requests at once, then one that makes some of them wait.
  private func tensors() -> EngineRules.Fit {
    var scarce: EngineRules.Fit?
    var waiting: EngineRules.Fit?
    var last: EngineRules.Fit?
    let islands = DeviceIslands(machine)
    let refused = islands.islands.first.map { refusals(upTo: $0.count) } ?? []
    for (one, why) in cuts() {
      let count = copies(of: one, in: islands)
      let placement = count > 1 ? one.copied(count, in: islands) : one
      var fit = rules.judged(candidate, placement)
      fit.why = count > 1 ? PlacementReason.copies(count, of: one.devices.count) : why
      fit.ruledOut = refused.filter { $0.ways < one.tensorParallel }.map(\.reason)
      if fit.verdict == .fits, hasAmpleCache(fit) { return fit }
      if fit.verdict == .fits, scarce == nil { scarce = fit }
      if fit.verdict == .tight, room(fit) > waiting.map(room) ?? -1 { waiting = fit }
      fit.why = nil
      last = fit
    }
    return scarce ?? waiting ?? last ?? rules.judged(candidate, Placement())
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

  /// The placements to try: inside an island the fewest devices first, then stages of as many ways as can be.
  private func cuts() -> [(Placement, Reason)] {
    let islands = DeviceIslands(machine)
    guard let island = islands.islands.first else { return [] }
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    let usual = Set([1, 2, 4, 8, 16, island.count]).filter { $0 <= island.count }
    // A stage never straddles two islands.
    func whole(_ ways: Int) -> [Int] { islands.islands.flatMap { $0.prefix($0.count / ways * ways) } }
    let shapes = usual.flatMap { ways in (1...(whole(ways).count / ways)).map { (ways: ways, stages: $0) } }
      .sorted {
        (min($0.stages, 2), $0.ways * $0.stages, $0.stages) < (min($1.stages, 2), $1.ways * $1.stages, $1.stages)
      }
    return shapes.compactMap { ways, stages in
      // A stage holds whole layers.
      guard stages <= max(1, layerCount) else { return nil }
      let refusal = degree.refusal(ways)
      guard refusal == nil || holdsExpertsWhole(ways) else { return nil }
      var placement = Placement()
      placement.tensorParallel = ways
      placement.pipelineParallel = stages
      placement.splitMode = .tensor
      placement.devices = Array(whole(ways).prefix(ways * stages))
      if refusal != nil { placement.expertParallel = ways }
      return (placement, Self.reason(placement, isFast: islands.isFast))
    }
  }

  /// True where only the experts' width stands against the cut, and they can be spread whole.
  private func holdsExpertsWhole(_ ways: Int) -> Bool {
    guard let experts = candidate.model.layers.lazy.compactMap(\.experts).first, experts.count % ways == 0 else {
      return false
    }
    return TensorDegree(model: candidate.model, quantization: "").refusal(ways) == nil
  }

  private static func reason(_ placement: Placement, isFast: Bool) -> Reason {
    let (ways, stages) = (placement.tensorParallel, placement.pipelineParallel)
    if placement.expertParallel > 1 { return PlacementReason.experts(ways) }
    if stages > 1 { return PlacementReason.stages(stages, of: ways) }
    return ways > 1 ? PlacementReason.tensors(ways, isFast: isFast) : PlacementReason.oneDevice
  }
}
