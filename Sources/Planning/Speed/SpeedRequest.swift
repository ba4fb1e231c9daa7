public import Engines
public import Hardware
public import Models
public import Units

/// What a plan asks of the speed model.
public struct SpeedRequest: Sendable {
  public var machine: Machine
  public var model: Model
  /// Name of the quantization that is loaded: `Q4_K_M`, `FP8`, `BF16`.
  public var quantization: String
  /// All weights as they are loaded; zero is "not known", for which no speed is predicted.
  public var weightBytes: ByteCount
  public var engine: EngineKind
  public var placement: Placement
  public var workload: Workload
  public var kvType = KVCacheType()
  public var settings = EngineSettings()
  public var threads: Int?
  /// Slots or sequences at once; nil where memory alone limits.
  public var slots: Int?
  /// A draft model that guesses ahead.
  public var draft: Speculation?

  public init(
    machine: Machine, model: Model, quantization: String, weightBytes: ByteCount, engine: EngineKind,
    placement: Placement, workload: Workload
  ) {
    self.machine = machine
    self.model = model
    self.quantization = quantization
    self.weightBytes = weightBytes
    self.engine = engine
    self.placement = placement
    self.workload = workload
  }

  /// The case that this request is, or nil with the fact that is missing.
  func speedCase() -> (speedCase: SpeedCase?, missing: Reason?) {
    guard let traits = ModelTraits(model) else {
      return (nil, Reason("unknown-model-shape", "the model's layers are not known, so neither is its speed"))
    }
    guard weightBytes > .zero else { return (nil, .unknownWeights) }
    let accelerator = placement.devices.lazy.compactMap { index in
      machine.accelerators.indices.contains(index) ? machine.accelerators[index] : nil
    }.first
    let device =
      accelerator.map { SpeedDevice($0, of: machine) } ?? SpeedDevice(processorsOf: machine)
    guard let device else {
      let what = accelerator == nil ? "memory.bandwidth" : "accelerators.bandwidth"
      return (
        nil,
        Reason(
          "unknown-bandwidth", "\(what) is not known, so neither is the speed", remedy: "plimsoll probe --measure")
      )
    }
    return (speedCase(device: device, traits: traits, onProcessor: accelerator == nil), nil)
  }

  private func speedCase(device: SpeedDevice, traits: ModelTraits, onProcessor: Bool) -> SpeedCase {
    let stack: SpeedCase.Stack = engine == .vllm ? .server : .local
    let precision = Precision(quant: quantization)
    var one = SpeedCase(
      device: device, model: traits, weightBytes: Double(weightBytes.bytes), quantKind: QuantKind(named: quantization),
      precision: stack == .server && precision == .gguf ? .f16 : precision, stack: stack, engine: engine.speedName,
      backend: engine == .mlx
        ? "mlx" : (onProcessor ? "cpu" : SpeedCase.usualBackend(of: device.deviceClass, engine: "llama.cpp")))
    // Experts are spread over the same devices that the tensors are cut over.
    let tensor = max(1, placement.tensorParallel, placement.expertParallel)
    one.devices = Double(max(1, placement.devices.count / max(1, placement.replicas)))
    // llama.cpp cuts over all of its devices, whatever other engines' degree says.
    one.ways = stack == .server ? Double(tensor) : placement.splitMode == .tensor ? one.devices : 1
    let heads = traits.isLatent ? 1 : max(1, (traits.cacheElements / 256).rounded(.down))
    one.cacheWays = placement.dataParallel > 1 ? one.ways * Double(placement.dataParallel) : min(one.ways, heads)
    one.ways *= Double(max(1, placement.dataParallel))
    one.replicas = Double(max(1, placement.replicas))
    one.processes = onProcessor ? Double(max(1, placement.replicas)) : 1
    let cores = threads ?? machine.cpu.cores.map { $0.value / max(1, placement.replicas) }
    one.threads = onProcessor ? cores.map { Double($0) } : nil
    one.microBatch = Double(settings.ubatch)
    one.cacheBytesPerElement = kvType.bytesPerElement
    one.flashAttention = settings.flashAttention
    one.slots = slots.map { Double($0) / one.replicas }
    if !onProcessor { one.deviceShare = heldShare(traits) }
    return one
  }

  /// Share of the weights on the accelerators, where layers or experts were put on the CPU.
  private func heldShare(_ traits: ModelTraits) -> Double? {
    var share = 1.0
    if let layers = placement.gpuLayers { share = min(1, Double(layers) / (traits.layers + 1)) }
    if settings.cpuMoeLayers > 0 {
      share -= traits.expertShare * min(1, Double(settings.cpuMoeLayers) / traits.layers)
    }
    return share
  }
}

extension EngineKind {
  /// The name under which the speed model keeps the engine's deviations.
  public var speedName: String { self == .mlx ? "mlx-lm" : rawValue }
}

extension KVCacheType {
  /// Mean bytes of one element of keys and values.
  var bytesPerElement: Double {
    func bytes(_ name: String) -> Double {
      switch name {
      case "q8_0", "fp8", "fp8_e4m3", "fp8_e5m2": 1.0625
      case "q5_0", "q5_1": 0.6875
      case "q4_0", "q4_1", "iq4_nl": 0.5625
      case "f32": 4
      default: 2
      }
    }
    return (bytes(key) + bytes(value)) / 2
  }
}
