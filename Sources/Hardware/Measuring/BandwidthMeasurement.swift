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

  /// Names what decides the bandwidth: the processor, its allowed CPUs, the memory.
  public static func fingerprint(of machine: Machine) -> String {
    let memory = machine.memory.totalBytes?.value.gibibytes ?? 0
    return [
      machine.cpu.model?.value ?? "unknown", machine.cpu.allowed?.value ?? "all",
      "\(machine.numaNodes.count) nodes", "\(Int(memory.rounded())) GiB",
    ].joined(separator: "; ")
  }

  /// Puts the measured rates in the place of declared or computed ones, if they are of this machine.
  public func apply(to machine: inout Machine) {
    guard fingerprint == Self.fingerprint(of: machine) else { return }
    let how = "\(threads) pinned threads, best of several reads"
    machine.memory.bandwidth = Figure(read, Source(.measured, how, date: date))
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
