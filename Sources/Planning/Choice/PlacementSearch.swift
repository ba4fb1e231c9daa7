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

  /// The first that fits; where none does, all devices together, or the one that was asked for.
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
    if let refusal = rules.refusal(of: asked) {
      return EngineRules.Fit(placement: asked, settings: rules.request.settings, verdict: .unsupported, reason: refusal)
    }
    let first = rules.judged(candidate, asked)
    guard !first.fits, asked.gpuLayers == nil, !asked.devices.isEmpty, rules.kind.isLlamaCpp else { return first }
    return partial(asked) ?? first
  }
}

// MARK: - llama.cpp

extension PlacementSearch {
  /// The fewest devices that hold it, else experts on the CPU, else as many layers on all devices as fit.
  private func layers(_ whole: Placement) -> EngineRules.Fit {
    let devices = whole.devices.sorted { usable($0) > usable($1) }
    for count in devices.indices.map({ $0 + 1 }) {
      var placement = whole
      placement.devices = devices.prefix(count).sorted()
      // What the weights alone exceed needs no closer look, but for the last, whose figures are shown.
      let room = placement.devices.reduce(ByteCount.zero) { $0 + usable($1) }
      guard count == devices.count || candidate.tensorBytes <= room else { continue }
      var fit = rules.judged(candidate, placement)
      guard fit.fits else {
        if count == devices.count { return experts(whole) ?? partial(whole) ?? fit }
        continue
      }
      fit.why =
        count == 1
        ? Reason("fits-one-device", "the model and its cache fit on one device")
        : Reason(
          "layer-split", "layers over \(count) devices, the fewest that hold the model",
          remedy: "a layer split gives memory, not speed for one stream")
      return fit
    }
    return rules.judged(candidate, whole)
  }

  /// The experts of as few layers as possible in the host's memory, everything else on the devices.
  private func experts(_ whole: Placement) -> EngineRules.Fit? {
    let settings = rules.request.settings
    let isUnified = machine.accelerators.allSatisfy { $0.sharesMemory == true }
    guard settings.cpuMoeLayers == 0, settings.overrideTensor.isEmpty, !isUnified,
      candidate.model.layers.contains(where: { $0.experts != nil })
    else { return nil }
    var best: EngineRules.Fit?
    var (low, high) = (1, layerCount)
    while low <= high {
      let middle = (low + high) / 2
      var moved = settings
      moved.cpuMoeLayers = middle
      var fit = rules.with(moved).judged(candidate, whole)
      if fit.fits {
        fit.why = Reason(
          "experts-on-cpu",
          "the experts of \(middle) of \(layerCount) layers in the host's memory, all else on the devices: "
            + "a token reads few experts")
        best = fit
      }
      // Too many overfill the host, too few a device.
      if fit.fits || overfillsHost(fit) { high = middle - 1 } else { low = middle + 1 }
    }
    return best
  }

  private func overfillsHost(_ fit: EngineRules.Fit) -> Bool {
    guard let host = fit.estimate?.devices.first(where: { $0.name == "cpu" }), let usable = host.usableBytes?.value
    else {
      return false
    }
    return host.highBytes > usable
  }

  /// As many layers on the devices as fit, by halving.
  private func partial(_ whole: Placement) -> EngineRules.Fit? {
    var best: EngineRules.Fit?
    var (low, high) = (0, layerCount)
    while low <= high {
      let middle = (low + high) / 2
      var placement = whole
      placement.gpuLayers = middle
      if middle == 0 { placement.devices = [] }
      var fit = rules.judged(candidate, placement)
      if fit.fits {
        fit.why = Reason(
          "layers-on-cpu",
          "\(middle) of \(layerCount + 1) layers on the devices, the others in the host's memory at its speed",
          remedy: "a smaller quantization that fits on the devices is many times faster")
        best = fit
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    return best
  }

  private func usable(_ index: Int) -> ByteCount {
    let device = machine.accelerators[index]
    let shared = device.sharesMemory == true ? machine.memory.acceleratorBytes ?? machine.memory.totalBytes : nil
    return (device.usableBytes ?? device.memoryBytes ?? shared)?.value ?? .zero
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
      if fit.verdict == .tight, waiting == nil { waiting = fit }
      last = fit
    }
    return scarce ?? waiting ?? last ?? rules.judged(candidate, Placement())
  }

  private func hasAmpleCache(_ fit: EngineRules.Fit) -> Bool {
    let parts = (fit.estimate?.devices ?? []).map(\.components)
    let cache = parts.reduce(ByteCount.zero) { $0 + $1.kvCache.value + $1.recurrentState.value }
    return cache >= parts.reduce(ByteCount.zero) { $0 + $1.weights.value }.scaled(by: 0.1)
  }

  /// The placements to try: inside an island the fewest devices first, then stages of as many ways as can be.
  private func cuts() -> [(Placement, Reason)] {
    let islands = DeviceIslands(machine)
    let all = islands.islands.flatMap { $0 }
    guard let island = islands.islands.first else { return [] }
    let degree = TensorDegree(model: candidate.model, quantization: candidate.name)
    let usual = Set([1, 2, 4, 8, 16, island.count]).filter { $0 <= island.count }
    let shapes = usual.flatMap { ways in (1...(all.count / ways)).map { (ways: ways, stages: $0) } }
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
      placement.devices = Array((stages == 1 ? island : all).prefix(ways * stages))
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
    if placement.expertParallel > 1 {
      return Reason(
        "expert-parallel",
        "\(ways) ways with whole experts on each device: their width is no multiple of the quantization's block")
    }
    if stages > 1 {
      return Reason(
        "pipeline-across-islands",
        "\(stages) stages of \(ways) ways: tensors are cut inside an island, whole layers across")
    }
    guard ways > 1 else { return Reason("fits-one-device", "the model and its cache fit on one device") }
    return isFast
      ? Reason("tensor-parallel", "\(ways) ways inside one link island, the fewest that hold the model")
      : Reason(
        "tensor-parallel-over-pcie", "\(ways) ways over PCIe, the fewest that hold the model",
        remedy: "two all-reduces a layer cost 10 to 30 us each over PCIe: expect less than \(ways) times one device")
  }
}
