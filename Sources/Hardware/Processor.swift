public import Units

/// The machine's processors, taken together.
public struct Processor: Hashable, Sendable, Codable {
  /// The maker in the dump's own words: `GenuineIntel`, `ARM`.
  public var vendor: Figure<String>?
  public var model: Figure<String>?
  /// Who designed the core: `arm`, `ampere`, `apple`, `amd`, `intel`.
  public var implementer: Figure<String>?
  /// The processor as sold, where that is known: `Altra Max`, `AmpereOne M`, `Graviton3`.
  public var product: Figure<String>?
  /// `x86_64`, `aarch64`, `riscv64`...
  public var architecture: Figure<String>?
  public var packages: Figure<Int>?
  /// Dies of all packages, where the system tells them apart.
  public var dies: Figure<Int>?
  /// Physical cores that are online and allowed.
  public var cores: Figure<Int>?
  /// Hardware threads that are online and allowed.
  public var threads: Figure<Int>?
  /// All cores and threads that are online, where a mask or a container leaves this process only some of them.
  public var onlineCores: Figure<Int>?
  public var onlineThreads: Figure<Int>?
  /// Lower case, as Linux prints them.
  public var features: Figure<[String]>?
  public var kinds: [CoreKind]?
  /// Length of an SVE vector in bits.
  public var sveBits: Figure<Int>?
  public var caches: [Cache]?
  /// The CPUs that this process may use, as a Linux list.
  public var allowed: Figure<String>?
  /// One allowed CPU of each physical core, as a Linux list: where one thread for each core should run.
  public var coreCPUs: Figure<String>?
  public var megahertz: Figure<Double>?
  /// Peak rates of all packages together, in 10^12 operations a second, by number format (`fp32`, `bf16`, `int8`).
  public var teraOperationsPerSecond: [String: Figure<Double>]?
  public var watts: Figure<Double>?
  /// Rates of dot products that were measured, on one core and on all.
  public var measuredCompute: [ComputeRate]?

  public init() {}

  /// Who made it, by the dump's words; nil where they do not tell.
  public var maker: Maker? { (vendor ?? implementer).map { Maker($0.value) } }
}

/// How fast some cores multiply quantized weights, measured.
public struct ComputeRate: Hashable, Sendable, Codable {
  /// Bits of a weight: 8 or 4.
  public var weightBits: Int
  /// The instruction set, as Linux names its feature; `none` for plain C.
  public var instructions: String
  /// Threads, one on each core.
  public var threads: Int
  /// Of all threads together, in 10^12 multiplications and additions a second, each counted as one.
  public var teraOperationsPerSecond: Figure<Double>

  public init(weightBits: Int, instructions: String, threads: Int, teraOperationsPerSecond: Figure<Double>) {
    self.weightBits = weightBits
    self.instructions = instructions
    self.threads = threads
    self.teraOperationsPerSecond = teraOperationsPerSecond
  }
}

/// Reads of one node's memory by some of its cores, measured.
public struct ThreadBandwidth: Hashable, Sendable, Codable {
  public var threads: Int
  /// Bytes a second, all threads together.
  public var bandwidth: Figure<Double>

  public init(threads: Int, bandwidth: Figure<Double>) {
    self.threads = threads
    self.bandwidth = bandwidth
  }
}

/// Cores of one kind in a machine that has several: P and E cores, Zen 5 and Zen 5c.
public struct CoreKind: Hashable, Sendable, Codable {
  public var name: String
  public var cores: Figure<Int>?
  public var threads: Figure<Int>?
  /// One allowed CPU of each of its cores, as a Linux list.
  public var coreCPUs: Figure<String>?
  /// The highest clock.
  public var megahertz: Figure<Double>?

  public init(
    name: String, cores: Figure<Int>? = nil, threads: Figure<Int>? = nil, megahertz: Figure<Double>? = nil,
    coreCPUs: Figure<String>? = nil
  ) {
    self.name = name
    self.cores = cores
    self.threads = threads
    self.megahertz = megahertz
    self.coreCPUs = coreCPUs
  }
}

/// All caches of one level and type.
public struct Cache: Hashable, Sendable, Codable {
  public var level: Int
  /// `data`, `instruction` or `unified`.
  public var type: String
  /// Size of one.
  public var bytes: Figure<ByteCount>
  public var count: Figure<Int>
  /// Hardware threads that share one, the most where they differ.
  public var threads: Figure<Int>?

  public init(
    level: Int, type: String, bytes: Figure<ByteCount>, count: Figure<Int>, threads: Figure<Int>? = nil
  ) {
    self.level = level
    self.type = type
    self.bytes = bytes
    self.count = count
    self.threads = threads
  }
}

/// A memory node, with or without CPUs of its own.
public struct NUMANode: Hashable, Sendable, Codable {
  public var id: Int
  public var memoryBytes: Figure<ByteCount>?
  /// A Linux CPU list, empty where the node has memory only.
  public var cpus: Figure<String>?
  /// `dram`, `hbm`, `pmem`, `cxl`, `gpu` or `unknown`.
  public var kind: Figure<String>?
  /// False where a container may not use its memory; nil where it may.
  public var isAllowed: Figure<Bool>?
  /// Distance to each node, in the order of the machine's list; 10 is local.
  public var distances: Figure<[Int]>?
  /// Reads from the node's own CPUs, bytes a second.
  public var bandwidth: Figure<Double>?
  /// One read from the node's own CPUs, by firmware's tables.
  public var latencyNanoseconds: Figure<Double>?

  public init(id: Int) { self.id = id }
}

/// The memory of the machine as a whole.
public struct MachineMemory: Hashable, Sendable, Codable {
  public var totalBytes: Figure<ByteCount>?
  public var availableBytes: Figure<ByteCount>?
  /// The container's limit, the smallest of all visible ancestors; nil where there is none.
  public var limitBytes: Figure<ByteCount>?
  /// What the container uses that cannot be reclaimed.
  public var limitUsedBytes: Figure<ByteCount>?
  /// Sum of the memory modules.
  public var installedBytes: Figure<ByteCount>?
  public var modules: Figure<Int>?
  public var slots: Figure<Int>?
  /// `DDR4`, `DDR5`, `LPDDR5`, `LPDDR5X`, `HBM`.
  public var type: Figure<String>?
  /// Configured transfers, 10^6 a second.
  public var speedMTs: Figure<Int>?
  public var channels: MemoryChannels?
  /// Bytes a second over all nodes: measured where `source` says so, else the peak of the channels.
  public var bandwidth: Figure<Double>?
  /// Reads of the first node by fewer threads than it has cores.
  public var bandwidthByThreads: [ThreadBandwidth]?
  /// Copies and triads over all nodes, as STREAM counts them, bytes a second.
  public var copyBandwidth: Figure<Double>?
  public var triadBandwidth: Figure<Double>?
  /// Nanoseconds from one load to the next that depends on it.
  public var latencyNanoseconds: Figure<Double>?
  /// Memory on the processor's package, beside the modules.
  public var highBandwidth: HighBandwidthMemory?
  /// What an accelerator may take of a unified memory.
  public var acceleratorBytes: Figure<ByteCount>?

  public init() {}
}

/// Fast memory on the processors' packages (Xeon Max, EPYC with HBM), over all sockets.
public struct HighBandwidthMemory: Hashable, Sendable, Codable {
  public var totalBytes: Figure<ByteCount>?
  /// Peak reads, bytes a second.
  public var bandwidth: Figure<Double>?

  public init(totalBytes: Figure<ByteCount>? = nil, bandwidth: Figure<Double>? = nil) {
    self.totalBytes = totalBytes
    self.bandwidth = bandwidth
  }
}

/// Memory channels over all sockets.
public struct MemoryChannels: Hashable, Sendable, Codable {
  public var populated: Figure<Int>?
  public var possible: Figure<Int>?

  public init(populated: Figure<Int>? = nil, possible: Figure<Int>? = nil) {
    self.populated = populated
    self.possible = possible
  }
}
