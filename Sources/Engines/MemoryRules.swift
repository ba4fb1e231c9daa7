public import Units

/// What an engine would allocate, device by device.
public struct MemoryFootprint: Hashable, Sendable {
  public var devices: [DeviceMemory]
  /// Figures of this engine alone, such as vLLM's `kvBlocks`.
  public var details: [String: Figure<Int>]
  /// Room in the pool of an engine whose cache is one; nil where each slot has its own.
  public var pool: CachePool?

  public init(devices: [DeviceMemory], details: [String: Figure<Int>] = [:], pool: CachePool? = nil) {
    self.devices = devices
    self.details = details
    self.pool = pool
  }
}

/// How many requests have room at once where all share one pool of cache.
public struct CachePool: Hashable, Sendable, Codable {
  /// Each filling its whole context, as expected.
  public var whole: Int
  /// The same where the buffers beside the pool come to the upper ends of their bands, and leave it less.
  public var least: Int
  /// Each midway through the load's answers, as requests in flight are on average.
  public var usual: Int

  public init(whole: Int, least: Int, usual: Int) {
    self.whole = whole
    self.least = least
    self.usual = usual
  }
}

/// The memory rules of one engine. Exact where its allocations are known, a band with a safe upper end elsewhere.
public protocol MemoryRules: Sendable {
  /// Returns what would be allocated, or the reason why the engine would refuse these settings.
  func footprint(_ question: Question) -> Result<MemoryFootprint, Reason>
}

/// What one device has to hold.
public struct DeviceMemory: Hashable, Sendable, Codable {
  /// `cpu`, or `gpu0` and so on by index into the machine's accelerators.
  public var name: String
  public var usableBytes: Figure<ByteCount>?
  public var components: MemoryComponents
  /// All parts together, where one takes what the others leave, so that their bands do not add up; nil where they do.
  public var total: Figure<ByteCount>?

  public init(
    name: String, usableBytes: Figure<ByteCount>?, components: MemoryComponents, total: Figure<ByteCount>? = nil
  ) {
    self.name = name
    self.usableBytes = usableBytes
    self.components = components
    self.total = total
  }

  /// The best single guess over all parts.
  public var expectedBytes: ByteCount { total?.value ?? components.all.reduce(.zero) { $0 + $1.figure.value } }

  /// The lower end of the band over all parts.
  public var lowBytes: ByteCount {
    total.map { $0.low ?? $0.value } ?? components.all.reduce(.zero) { $0 + ($1.figure.low ?? $1.figure.value) }
  }

  /// The upper end of the band over all parts.
  public var highBytes: ByteCount {
    total.map { $0.high ?? $0.value } ?? components.all.reduce(.zero) { $0 + ($1.figure.high ?? $1.figure.value) }
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
