import Units

/// How many threads an engine should use on this machine's processors, where, and how to put them there.
///
/// One thread for each physical core that is allowed, on the fastest kind of core, in one NUMA node: the second thread of a
/// core adds nothing to a loop that waits for memory, and the memory of another node is slower.
public struct ThreadAdvice: Hashable, Sendable, Codable {
  public var threads: Int
  /// A Linux CPU list; nil where the layout is not known.
  public var cpus: String?
  /// The node whose CPUs and memory to use; nil where there is one only.
  public var node: Int?
  /// What to write before the engine's own command; nil where nothing needs to be bound.
  public var command: String?
  public var reason: String

  /// Works out the advice; nil where the number of cores is not known.
  public init?(_ machine: Machine) {
    guard let cores = machine.cpu.cores?.value ?? machine.cpu.threads?.value, cores > 0 else { return nil }
    var reasons: [String] = []
    var set = machine.cpu.coreCPUs.flatMap { CPUSet(list: $0.value) }
    if let kinds = machine.cpu.kinds, kinds.count > 1, let fastest = kinds.first,
      let own = fastest.coreCPUs.flatMap({ CPUSet(list: $0.value) }), !own.isEmpty
    {
      set = own
      reasons.append("the \(fastest.name) cores only")
    }
    let nodes = machine.numaNodes.compactMap { node -> (id: Int, cpus: CPUSet)? in
      guard let all = set, let own = node.cpus.flatMap({ CPUSet(list: $0.value) }) else { return nil }
      let usable = own.intersection(all)
      return usable.isEmpty || node.memoryBytes?.value.bytes == 0 ? nil : (node.id, usable)
    }
    if nodes.count > 1, let best = nodes.max(by: { ($0.cpus.count, $1.id) < ($1.cpus.count, $0.id) }) {
      node = best.id
      set = best.cpus
      reasons.append("one NUMA node, whose memory is nearest")
    }
    var count = set?.count ?? machine.cpu.kinds?.first?.cores?.value ?? cores
    let knowsCores = set != nil || machine.cpu.cores != nil
    reasons.insert(
      knowsCores ? "one thread for each physical core" : "one for each CPU: which of them share a core is not known",
      at: 0)
    if let limit = machine.cpuLimit?.value, limit < Double(count) {
      count = max(1, Int(limit.rounded(.up)))
      reasons.append("no more than the container's CPU quota")
    }
    threads = count
    cpus = set.map { CPUSet($0.members.prefix(count)).list }
    reason = reasons.joined(separator: "; ")
    command = Self.command(node: node, cpus: cpus, isWhole: set?.count == machine.cpu.threads?.value)
  }

  private static func command(node: Int?, cpus: String?, isWhole: Bool) -> String? {
    if let node {
      return "numactl --membind=\(node)" + (cpus.map { " --physcpubind=\($0)" } ?? " --cpunodebind=\(node)")
    }
    guard let cpus, !isWhole else { return nil }
    return "taskset -c \(cpus)"
  }
}
