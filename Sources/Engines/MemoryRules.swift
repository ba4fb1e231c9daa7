public import Hardware
public import Models
public import Units

/// What an engine is asked about memory: a model with the tensors that it would load, and how it would be started.
public struct MemoryQuestion: Sendable {
  public var model: Model
  /// The tensors as they would be loaded: the file's own, or those of a quantization that could be made.
  public var tensors: [Tensor]
  public var machine: Machine
  public var contextLength: Int
  /// Slots or sequences at once.
  public var parallel: Int
  public var kvType: KVCacheType
  public var settings: EngineSettings
  public var placement: Placement
  /// Projector, draft model and adapters that are loaded beside the model.
  public var companions: [Companion] = []

  public init(
    model: Model, tensors: [Tensor], machine: Machine, contextLength: Int, parallel: Int,
    kvType: KVCacheType = KVCacheType(), settings: EngineSettings = EngineSettings(), placement: Placement = Placement()
  ) {
    self.model = model
    self.tensors = tensors
    self.machine = machine
    self.contextLength = contextLength
    self.parallel = parallel
    self.kvType = kvType
    self.settings = settings
    self.placement = placement
  }
}

/// What an engine would allocate, device by device.
public struct MemoryFootprint: Hashable, Sendable {
  public var devices: [DeviceMemory]
  /// Figures of this engine alone, such as vLLM's `kvBlocks`.
  public var details: [String: Figure<Int>]

  public init(devices: [DeviceMemory], details: [String: Figure<Int>] = [:]) {
    self.devices = devices
    self.details = details
  }
}

/// The memory rules of one engine. Exact where its allocations are known, a band with a safe upper end elsewhere.
public protocol MemoryRules: Sendable {
  /// Returns what would be allocated, or the reason why the engine would refuse these settings.
  func footprint(_ question: MemoryQuestion) -> Result<MemoryFootprint, Reason>
}

/// What one device has to hold.
public struct DeviceMemory: Hashable, Sendable, Codable {
  /// `cpu`, or `gpu0` and so on by index into the machine's accelerators.
  public var name: String
  public var usableBytes: Figure<ByteCount>?
  public var components: MemoryComponents

  public init(name: String, usableBytes: Figure<ByteCount>?, components: MemoryComponents) {
    self.name = name
    self.usableBytes = usableBytes
    self.components = components
  }
}

/// The parts of a server's memory on one device. Each figure's band is its own.
public struct MemoryComponents: Hashable, Sendable, Codable {
  public var weights: Figure<ByteCount>
  public var kvCache: Figure<ByteCount>
  public var recurrentState: Figure<ByteCount>
  public var compute: Figure<ByteCount>
  public var output: Figure<ByteCount>
  /// What is in no buffer: contexts of drivers, allocators, the process.
  public var overhead: Figure<ByteCount>

  public init(
    weights: Figure<ByteCount>, kvCache: Figure<ByteCount>, recurrentState: Figure<ByteCount>,
    compute: Figure<ByteCount>, output: Figure<ByteCount>, overhead: Figure<ByteCount>
  ) {
    self.weights = weights
    self.kvCache = kvCache
    self.recurrentState = recurrentState
    self.compute = compute
    self.output = output
    self.overhead = overhead
  }

  /// All parts in the order in which they are shown, with their names.
  public var all: [(name: String, figure: Figure<ByteCount>)] {
    [
      ("weights", weights), ("KV cache", kvCache), ("recurrent state", recurrentState), ("compute", compute),
      ("output", output), ("overhead", overhead),
    ]
  }
}
