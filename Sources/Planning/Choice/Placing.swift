public import Engines
public import Hardware
public import Models
public import Units

/// Chooses the placement of a model for one engine by rules that a specialist would apply.
///
/// Sizes are those of weights, cache and a usual reserve; the engine's own memory rules have the last word.
public struct Placing: Sendable {
  public var machine: Machine
  public var model: Model
  public var quantization: String
  /// All weights as they are loaded; zero is "not known", which is refused.
  public var weightBytes: ByteCount
  public var workload: Workload
  /// Context of one stream.
  public var contextLength: Int
  public var cacheBytesPerElement: Double = 2

  public init(
    machine: Machine, model: Model, quantization: String, weightBytes: ByteCount, workload: Workload, contextLength: Int
  ) {
    self.machine = machine
    self.model = model
    self.quantization = quantization
    self.weightBytes = weightBytes
    self.workload = workload
    self.contextLength = contextLength
  }

  /// Returns the placement for an engine, which its memory rules confirm wherever the model's tensors are known.
  public func choice(for engine: EngineKind) -> PlacementChoice {
    guard weightBytes > .zero else { return PlacementChoice(refusing: .unknownWeights) }
    let proposed = proposal(for: engine)
    let replicas = max(1, proposed.placement.replicas)
    // The busiest replica takes what is left over.
    var request = request(engine, streams: (workload.concurrency - 1) / replicas + 1)
    request.settings = proposed.settings
    guard let candidate = QuantizationCandidate.all(for: request).first, !candidate.tensors.isEmpty else {
      return proposed
    }
    // Which experts leave the devices is worked out tensor by tensor.
    if proposed.refusal == nil, proposed.settings.cpuMoeLayers == 0 {
      var one = proposed.placement
      one.devices = Array(one.devices.prefix(one.devices.count / replicas))
      one.replicas = 1
      if EngineRules(engine, request).judged(candidate, one).fits { return proposed }
    }
    let whole = self.request(engine, streams: workload.concurrency)
    let fit = PlacementSearch(rules: EngineRules(engine, whole), candidate: candidate).fit()
    guard fit.fits else { return PlacementChoice(refusing: proposed.refusal ?? fit.reason) }
    return PlacementChoice(fit.placement, settings: fit.settings, [fit.why ?? fit.reason])
  }

  /// What a plan would be asked of one server for so many streams.
  private func request(_ engine: EngineKind, streams: Int) -> PlanRequest {
    var request = PlanRequest(model: model, machine: machine, workload: workload)
    request.workload.concurrency = max(1, streams)
    request.quantizations = .asIs
    let shared = engine.isLlamaCpp ? request.plannedParallel : 1
    let (cells, overflows) = contextLength.multipliedReportingOverflow(by: shared)
    request.contextLength = overflows ? Int.max : cells
    return request
  }

  private func proposal(for engine: EngineKind) -> PlacementChoice {
    switch engine {
    case .llamaCpp: machine.accelerators.isEmpty ? processors(engine) : layers()
    case .ampereLlamaCpp: processors(engine)
    case .mlx: unified()
    case .vllm: machine.accelerators.isEmpty ? processors(engine) : tensors()
    }
  }

  var weights: Double { Double(weightBytes.bytes) }

  /// Cache of all streams at the full context.
  var cache: Double {
    guard let traits = ModelTraits(model) else { return 0 }
    return traits.attendedTokens(at: Double(contextLength)) * traits.cacheElements * cacheBytesPerElement
      * Double(max(1, workload.concurrency))
  }

  var hostBytes: Double {
    Double((machine.memory.limitBytes ?? machine.memory.totalBytes)?.value.bytes ?? 0) * 0.9
  }

  /// What a program gets of an accelerator: its visible memory less contexts and buffers.
  func usable(_ index: Int, engine: EngineKind) -> Double {
    let device = machine.accelerators[index]
    let shared = device.sharesMemory == true ? machine.memory.acceleratorBytes ?? machine.memory.totalBytes : nil
    let all = Double((device.usableBytes ?? device.memoryBytes ?? shared)?.value.bytes ?? 0)
    let seen = device.sharesMemory == true ? Double(shared?.value.bytes ?? 0) * 0.95 : all
    return engine == .vllm ? seen * 0.92 - 2e9 : seen - 1.2e9
  }

  func gibibytes(_ bytes: Double) -> String { "\((bytes / 1_073_741_824).formatted(decimals: 1)) GiB" }
}

extension Placing {
  /// Processors alone: one server for each NUMA node where there are requests for several and memory for the copies.
  func processors(_ engine: EngineKind) -> PlacementChoice {
    guard weights * 1.05 + cache < hostBytes else {
      return PlacementChoice(
        refusing: Reason(
          "insufficient-memory", "\(gibibytes(weights + cache)) are needed and \(gibibytes(hostBytes)) can be used",
          remedy: "a smaller quantization or a shorter context"))
    }
    var placement = Placement()
    let nodes = machine.numaNodes.filter { !($0.cpus?.value.isEmpty ?? true) && $0.kind?.value != "gpu" }.count
    let sockets = max(nodes, machine.cpu.packages?.value ?? 1)
    guard sockets > 1 else {
      return PlacementChoice(placement, [Reason("one-node", "the processors share one memory: one server, all cores")])
    }
    if workload.concurrency >= sockets, weights * 1.05 * Double(sockets) + cache < hostBytes {
      placement.replicas = sockets
      return PlacementChoice(
        placement,
        [
          Reason(
            "one-server-per-node",
            "\(sockets) servers, each bound to one NUMA node with its own copy: threads read local memory only")
        ])
    }
    let perNode = hostBytes / Double(sockets)
    if engine != .vllm, weights * 1.05 + cache < perNode {
      placement.numaNode = machine.numaNodes.first { !($0.cpus?.value.isEmpty ?? true) }?.id
      return PlacementChoice(
        placement,
        [Reason("bind-to-node", "one stream is fastest on one NUMA node: the model fits in its memory")])
    }
    return PlacementChoice(
      placement,
      [Reason("interleave", "the model is larger than one NUMA node's memory: pages are spread over all nodes")])
  }

  /// One memory for processor and GPU.
  func unified() -> PlacementChoice {
    guard !machine.accelerators.isEmpty else { return processors(.mlx) }
    var placement = Placement()
    placement.devices = [0]
    let room = usable(0, engine: .mlx)
    guard weights * 1.02 + cache <= room else {
      return PlacementChoice(
        refusing: Reason(
          "insufficient-memory",
          "\(gibibytes(weights + cache)) are needed and the GPU's working set is \(gibibytes(room))",
          remedy: "a smaller quantization or a shorter context"))
    }
    return PlacementChoice(
      placement, [Reason("unified-memory", "weights are shared by processor and GPU: all on the GPU")])
  }
}
