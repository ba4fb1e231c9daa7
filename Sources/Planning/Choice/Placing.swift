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
  /// Threads that were asked for; nil leaves them to the choice.
  public var threads: Int?
  /// Says which of several placements is faster; nil leaves it to rules.
  public var estimator: SpeedEstimator?

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

  /// Returns the placement for an engine: the plan's own wherever the model's tensors are known, else by usual sizes.
  public func choice(for engine: EngineKind) -> PlacementChoice {
    guard weightBytes > .zero else { return PlacementChoice(refusing: .unknownWeights) }
    let request = request(engine)
    guard let candidate = QuantizationCandidate.all(for: request).first, !candidate.tensors.isEmpty else {
      return proposal(for: engine)
    }
    let search = PlacementSearch(rules: EngineRules(engine, request), candidate: candidate, speed: estimator)
    let fit = search.fit()
    guard fit.fits else { return PlacementChoice(refusing: proposal(for: engine).refusal ?? fit.reason) }
    let reasons = [fit.why ?? fit.reason] + waiting(engine, fit) + fit.ruledOut
    var choice = PlacementChoice(fit.placement, settings: fit.settings, reasons)
    choice.expertOffload = search.offload(fit)
    if workload.timeToFirstTokenTarget != nil || workload.timePerOutputTokenTarget != nil {
      let each = MemoryLimits(search.rules.with(fit.settings), candidate, fit.placement).largestParallel()
      choice.largestParallel = each.map { $0.value * max(1, fit.placement.replicas) }
    }
    return choice
  }

  /// How many of the requests have room at once, where some would wait.
  private func waiting(_ engine: EngineKind, _ fit: EngineRules.Fit) -> [Reason] {
    engine == .vllm && fit.verdict == .tight && fit.why != nil ? [fit.reason] : []
  }

  /// What a plan would be asked.
  private func request(_ engine: EngineKind) -> PlanRequest {
    var request = PlanRequest(model: model, machine: machine, workload: workload)
    request.quantizations = .asIs
    request.threads = threads
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

  /// What an engine notes of the devices that a placement uses: what another one of the machine lacks slows nothing.
  func notes(_ engine: EngineKind, _ placement: Placement, all: [Reason]) -> [Reason] {
    guard Set(placement.devices).count < machine.accelerators.count, !placement.devices.isEmpty else { return all }
    var used = machine
    used.accelerators = machine.accelerators.indices.filter(placement.devices.contains).map { machine.accelerators[$0] }
    let answer = EngineCatalogue.engine(engine).capability(of: model, quantization: quantization, on: used)
    guard case .yes(let notes) = answer else { return all }
    return notes
  }

  func gibibytes(_ bytes: Double) -> String { "\((bytes / 1_073_741_824).formatted(decimals: 1)) GiB" }
}

extension Placing {
  /// Processors alone: one server for each NUMA node where there are requests for several and memory for the copies.
  func processors(_ engine: EngineKind) -> PlacementChoice {
    let nodes = Double(machine.processorNodes.count)
    let places = ProcessorPlacement(
      machine: machine, engine: engine, streams: workload.concurrency,
      holds: { placement in
        if placement.replicas > 1 { return weights * 1.05 * Double(placement.replicas) + cache < hostBytes }
        return weights * 1.05 + cache < (placement.numaNode == nil ? hostBytes : hostBytes / nodes)
      },
      rate: { placement in estimator.flatMap { $0.rates(speedRequest(engine, placement))?.output } })
    guard let found = places.found() else {
      return PlacementChoice(
        refusing: Reason(
          .insufficientMemory, "\(gibibytes(weights + cache)) are needed and \(gibibytes(hostBytes)) can be used",
          remedy: "a smaller quantization or a shorter context"))
    }
    return PlacementChoice(found.placement, [found.why])
  }

  /// What the speed model is asked of a placement, with the threads that its servers would be started with.
  func speedRequest(_ engine: EngineKind, _ placement: Placement, settings: EngineSettings = EngineSettings())
    -> SpeedRequest
  {
    var request = SpeedRequest(
      machine: machine, model: model, quantization: quantization, weightBytes: weightBytes, engine: engine,
      placement: placement, workload: workload)
    request.settings = settings
    let threads = ThreadLadder(estimator: estimator, asked: threads).threads(for: request)
    return request.with(threads: threads?.decode, prompts: threads?.prompt)
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
          .insufficientMemory,
          "\(gibibytes(weights + cache)) are needed and the GPU's working set is \(gibibytes(room))",
          remedy: "a smaller quantization or a shorter context"))
    }
    return PlacementChoice(
      placement, [PlacementReason.unified])
  }
}
