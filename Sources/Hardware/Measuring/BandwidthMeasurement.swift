import Units

/// How fast memory was when it was measured, node by node.
///
/// Rates are bytes a second. Reads are what decoding does; copy and triad are counted as STREAM counts them.
public struct BandwidthMeasurement: Hashable, Sendable, Codable {
  /// One node, its memory used by its own CPUs.
  public struct Node: Hashable, Sendable, Codable {
    public var id: Int
    public var threads: Int
    public var read: Double
    public var copy: Double
    public var triad: Double
  }

  /// The CPUs of one node reading the memory of another.
  public struct Remote: Hashable, Sendable, Codable {
    public var cpus: Int
    public var memory: Int
    public var read: Double
  }

  /// Some of the first node's cores reading its memory.
  public struct Threads: Hashable, Sendable, Codable {
    public var threads: Int
    public var read: Double
  }

  /// Dot products of quantized weights from the caches.
  public struct Compute: Hashable, Sendable, Codable {
    /// Of the weights: 8 or 4.
    public var bits: Int
    /// The instruction set of the kernel, as Linux names its feature; `none` for plain C.
    public var instructions: String
    public var threads: Int
    /// Multiplications and additions, each one.
    public var operationsPerSecond: Double
  }

  /// The day, as `2026-11-22`.
  public var date: String
  /// What it was measured on; a measurement of anything else is not used.
  public var fingerprint: String
  public var nodes: [Node]
  public var remote: [Remote]
  /// All CPUs at once, each with its own node's memory.
  public var read: Double
  public var copy: Double
  public var triad: Double
  public var threads: Int
  /// Nanoseconds from one load to the next that depends on it.
  public var latency: Double?
  /// Sequential reads of the disk that the cache folder is on, bytes a second.
  public var diskRead: Double?
  /// Reads by fewer threads than there are cores; nil in measurements of older versions.
  public var byThreads: [Threads]?
  public var compute: [Compute]?
  /// What else kept the processors busy, in words; nil where the machine was quiet.
  public var otherWork: String?

  /// Names what decides the bandwidth: the processor, its allowed CPUs, the memory, and what a container leaves of them.
  public static func fingerprint(of machine: Machine) -> String {
    let memory = machine.memory.totalBytes?.value.gibibytes ?? 0
    let limits = [
      machine.memory.limitBytes.map { "limited to \($0.value)" },
      machine.cpuLimit.map { "\($0.value.formatted(significant: 3)) CPUs of time" }, build,
    ]
    let whole = [
      machine.cpu.model?.value ?? "unknown", machine.cpu.allowed?.value ?? "all",
      "\(machine.numaNodes.count) nodes", "\(Int(memory.rounded())) GiB",
    ]
    return (whole + limits.compactMap { $0 }).joined(separator: "; ")
  }

  /// Loops that were compiled without optimization measure the build: no other one uses their figures.
  private static var build: String? {
    #if DEBUG
      "debug build"
    #else
      nil
    #endif
  }

  /// The least that memory reads at with the CPUs given to it: the slowest boards of today read about twice as fast.
  static let leastPlausibleRead = 1e9

  /// Why the figures cannot be those of the memory: other work had the CPUs; nil where they may well be.
  ///
  /// - Parameter nominal: what the modules or the datasheet promise, bytes a second, where it is known.
  public func doubt(nominal: Double? = nil) -> String? {
    let rate = "\((read / 1e9).formatted(significant: 2)) GB/s"
    if read < Self.leastPlausibleRead { return "memory read at \(rate), too slow to be true" }
    // A copy moves its bytes twice, and still no faster than reads alone: reads that were slower met another program.
    if read < 0.7 * copy { return "memory read at \(rate), slower than it copied" }
    // Programs reach two thirds and more of what modules promise; a quarter is another program's doing.
    guard let nominal, read < 0.25 * nominal else { return nil }
    return "memory read at \(rate) of \((nominal / 1e9).formatted(significant: 3)) GB/s it is rated for"
  }

  /// What of the figures beside reads cannot be true, in words; it is left out, and the rest is used.
  func doubtsOfParts(_ machine: Machine) -> DoubtfulParts {
    func text(_ value: Double) -> String { (value / 1e9).formatted(significant: 2) }
    var parts = DoubtfulParts()
    // A copy writes what it reads, a triad has hardly anything to compute beside: both move their bytes nearly as fast.
    parts.isCopyWrong = copy < 0.3 * read
    parts.isTriadWrong = triad < 0.3 * read || triad < 0.4 * copy
    if parts.isCopyWrong {
      parts.words.append("the copy measured \(text(copy)) GB/s, far below reads at \(text(read)) GB/s")
    }
    if parts.isTriadWrong {
      let other = parts.isCopyWrong ? "reads at \(text(read))" : "the copy at \(text(copy))"
      parts.words.append("the triad measured \(text(triad)) GB/s, far below \(other) GB/s")
    }
    // A core with vector units does more than one operation of so few bits in a cycle.
    let clock = (machine.cpu.megahertz?.value ?? 2000) * 1e6
    let slow = (compute ?? []).first { $0.operationsPerSecond < clock * Double($0.threads) }
    if let slow {
      parts.isComputeWrong = true
      parts.words.append(
        "\(slow.bits)-bit dot products measured \(text(slow.operationsPerSecond)) GOPS on \(slow.threads) "
          + "\(slow.threads == 1 ? "core" : "cores"), less than one operation a cycle")
    }
    return parts
  }

  /// Figures that other work, or a build without optimization, spoiled.
  struct DoubtfulParts: Hashable {
    var isCopyWrong = false
    var isTriadWrong = false
    var isComputeWrong = false
    var words: [String] = []
  }

  /// Puts the measured rates in the place of declared or computed ones, if they are of this machine.
  public func apply(to machine: inout Machine) {
    guard fingerprint == Self.fingerprint(of: machine) else { return }
    let declared = machine.memory.bandwidth.flatMap { $0.source.kind == .measured ? nil : $0.value }
    if let doubt = doubt(nominal: declared) {
      machine.warnings.append("\(doubt): not used; measure again with nothing else running (plimsoll probe --measure)")
      return
    }
    let how = "\(threads) pinned threads, best of several reads\(otherWork == nil ? "" : ", beside other work")"
    let source = Source(.measured, how, date: date)
    machine.memory.bandwidth = Figure(read, source)
    let parts = doubtsOfParts(machine)
    machine.memory.copyBandwidth = parts.isCopyWrong ? nil : Figure(copy, source)
    machine.warnings += parts.words.map {
      "\($0): not used; measure again with nothing else running (plimsoll probe --measure)"
    }
    machine.memory.triadBandwidth = parts.isTriadWrong ? nil : Figure(triad, source)
    machine.memory.latencyNanoseconds = latency.map {
      Figure($0, Source(.measured, "a chain of loads that each need the one before", date: date))
    }
    machine.memory.bandwidthByThreads = byThreads?.map {
      ThreadBandwidth(
        threads: $0.threads, bandwidth: Figure($0.read, Source(.measured, "pinned threads reading", date: date)))
    }
    machine.cpu.measuredCompute = (parts.isComputeWrong ? [] : compute)?.map { each in
      let detail = "dot products of \(each.bits)-bit weights from the caches, \(each.instructions)"
      return ComputeRate(
        weightBits: each.bits, instructions: each.instructions, threads: each.threads,
        teraOperationsPerSecond: Figure(each.operationsPerSecond / 1e12, Source(.measured, detail, date: date)))
    }
    for node in nodes {
      guard let index = machine.numaNodes.firstIndex(where: { $0.id == node.id }) else { continue }
      let detail = "\(node.threads) pinned threads reading the node's own memory"
      machine.numaNodes[index].bandwidth = Figure(node.read, Source(.measured, detail, date: date))
    }
    if let diskRead, machine.storage.count == 1 {
      machine.storage[0].readGigabytesPerSecond = Figure(
        diskRead / 1e9, Source(.measured, "a file of noise, read once without the page cache", date: date))
    }
    machine.unknowns.removeAll { $0.fact == "memory.bandwidth" }
  }
}

extension BandwidthMeasurement {
  /// Rates of reading and writing alone, in bytes a second.
  ///
  /// - Parameter date: the day, as `2026-11-22`.
  public init(
    of machine: Machine, date: String, nodes: [Node] = [], read: Double, copy: Double, triad: Double, threads: Int
  ) {
    self.init(
      date: date, fingerprint: Self.fingerprint(of: machine), nodes: nodes, remote: [], read: read, copy: copy,
      triad: triad, threads: threads)
  }
}

extension Machine {
  /// True where the bandwidth of its memory is not known, or was measured at a glance without what the cores compute.
  public var needsMeasuring: Bool {
    guard let bandwidth = memory.bandwidth else { return true }
    return bandwidth.source.kind == .measured && cpu.measuredCompute == nil
  }
}
