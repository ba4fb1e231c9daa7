import Engines
import Hardware
import Models
import Units

/// Finds where one form of a model goes for one engine: the placements that a specialist would try, in that order, each
/// judged by the engine's own memory rules, until one fits.
struct PlacementSearch {
  let rules: EngineRules
  let candidate: QuantizationCandidate

  private var machine: Machine { rules.request.machine }
  private var layerCount: Int { candidate.model.layers.count }

  /// The first that fits; where none does, the last that was tried, or the one that was asked for.
  func fit() -> EngineRules.Fit {
    if let asked = rules.request.placement { return fit(asked: asked) }
    var whole = Placement()
    whole.devices = Array(machine.accelerators.indices)
    guard !whole.devices.isEmpty else { return rules.judged(candidate, whole) }
    return switch rules.kind {
    case .llamaCpp, .ampereLlamaCpp: layers(whole)
    case .vllm: tensors()
    case .mlx: rules.judged(candidate, whole)
    }
  }

  private func fit(asked: Placement) -> EngineRules.Fit {
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    let unsuited = rules.kind == .vllm ? degree.refusal(asked, devices: machine.accelerators.count) : nil
    if let refusal = rules.refusal(of: asked) ?? unsuited {
      return EngineRules.Fit(placement: asked, settings: rules.request.settings, verdict: .unsupported, reason: refusal)
    }
    let first = rules.judged(candidate, asked)
    let canMoveLayers = asked.gpuLayers == nil && !asked.devices.isEmpty && rules.kind.isLlamaCpp
    guard !first.fits, first.verdict != .unsupported, canMoveLayers else { return first }
    return partial(asked) ?? first
  }
}

// MARK: - llama.cpp

extension PlacementSearch {
  /// The fewest devices that hold it, else experts on the CPU, else as many layers on all devices as fit.
  private func layers(_ whole: Placement) -> EngineRules.Fit {
    func usable(_ index: Int) -> ByteCount { machine.usableBytes(ofAccelerator: index)?.value ?? .zero }
    let devices = whole.devices.sorted { usable($0) > usable($1) }
    let hostExperts = rules.request.settings.cpuMoeLayers
    var fit = rules.judged(candidate, whole)
    for count in 1...devices.count {
      var placement = whole
      placement.devices = devices.prefix(count).sorted()
      fit =
        hostExperts > 0
        ? balanced(rules, placement, hostExperts: hostExperts) : rules.judged(candidate, placement)
      fit.why = count == 1 ? PlacementReason.oneDevice : PlacementReason.layers(over: count)
      if fit.fits { return fit }
    }
    fit.why = nil
    return experts(whole) ?? partial(whole) ?? overfull(fit)
  }

  /// What does not fit even over devices and host together is refused for what all of them lack.
  private func overfull(_ fit: EngineRules.Fit) -> EngineRules.Fit {
    guard fit.verdict == .doesNotFit, let devices = fit.estimate?.devices else { return fit }
    let usable = devices.compactMap { $0.usableBytes?.value }
    let need = devices.reduce(ByteCount.zero) { $0 + $1.highBytes }
    let room = usable.reduce(.zero, +)
    guard usable.count == devices.count, need > room, devices.contains(where: \.isHost) else { return fit }
    var fit = fit
    let onHost = devices.filter(\.isHost).reduce(ByteCount.zero) { $0 + ($1.usableBytes?.value ?? .zero) }
    fit.reason = Reason(
      "insufficient-memory",
      "needs up to \(need), and the devices with \(room - onHost) and the host with \(onHost) usable are too small together",
      remedy: "\(need - room) less would fit: a smaller quantization, context or number of slots")
    return fit
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
      var fit = balanced(rules.with(moved), whole, hostExperts: count)
      fit.why = PlacementReason.expertsOnCPU(count, of: layerCount)
      return fit
    }
  }

  /// The layers dealt out so that what is left of them fills all devices alike.
  private func balanced(_ rules: EngineRules, _ whole: Placement, hostExperts: Int) -> EngineRules.Fit {
    let fit = rules.judged(candidate, whole)
    let balance = LayerBalance(candidate.tensors, layerCount: layerCount, hostExperts: hostExperts, fit: fit)
    var placement = whole
    placement.tensorSplit = balance.shares
    return placement.tensorSplit.isEmpty ? fit : rules.judged(candidate, placement)
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
    for (placement, why) in cuts() {
      var fit = rules.judged(candidate, placement)
      fit.why = why
      if fit.verdict == .fits, hasAmpleCache(fit) { return fit }
      if fit.verdict == .fits, scarce == nil { scarce = fit }
      if fit.verdict == .tight, room(fit) > waiting.map(room) ?? -1 { waiting = fit }
      fit.why = nil
      last = fit
    }
    return scarce ?? waiting ?? last ?? rules.judged(candidate, Placement())
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
