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
    let fast = FastCores(machine.cpu)
    if let fast {
      set = fast.cpus
      reasons.append(fast.words)
    }
    let nodes = machine.numaNodes.compactMap { node -> (id: Int, cpus: CPUSet)? in
      guard node.isAllowed?.value != false, let all = set, let own = node.cpus.flatMap({ CPUSet(list: $0.value) })
      else { return nil }
      let usable = own.intersection(all)
      return usable.isEmpty || node.memoryBytes?.value.bytes == 0 ? nil : (node.id, usable)
    }
    let reachable = machine.numaNodes.filter { $0.isAllowed?.value != false && ($0.memoryBytes?.value.bytes ?? 1) > 0 }
    if machine.numaNodes.count > reachable.count, reachable.count == 1, nodes.count == 1 {
      // The container has that node's memory and no other, whatever is bound.
      set = nodes[0].cpus
    }
    if nodes.count > 1, let best = nodes.max(by: { ($0.cpus.count, $1.id) < ($1.cpus.count, $0.id) }) {
      node = best.id
      set = best.cpus
      reasons.append("one NUMA node, whose memory is nearest")
    }
    var count = set?.count ?? fast?.count ?? cores
    let knowsCores = set != nil || machine.cpu.cores != nil
    reasons.insert(
      knowsCores ? "one for each physical core" : "one for each CPU: which of them share a core is not known",
      at: 0)
    if let limit = machine.cpuLimit?.value, limit < Double(count) {
      count = max(1, Int(limit.rounded(.up)))
      reasons.append("no more than the container's CPU quota")
    }
    threads = count
    cpus = set.map { CPUSet($0.members.prefix(count)).list }
    reason = reasons.joined(separator: "; ")
    if machine.bindsMemory?.value == false, node != nil {
      reasons.append("CPUs only, as the kernel refuses to bind memory")
      reason = reasons.joined(separator: "; ")
      command = cpus.map { "taskset -c \($0)" }
      return
    }
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

/// The cores of a machine with several kinds that are worth computing with: those of the strongest kind.
///
/// All threads of a step wait for the slowest, so that little cores beside large ones make both slower.
struct FastCores {
  /// Cores of the strongest kind; kinds of one design at different clocks are one.
  var count: Int
  /// One CPU of each of them; nil where their numbers are not known.
  var cpus: CPUSet?
  /// The choice in words, with what is left out.
  var words: String

  /// Returns nil where all cores are of one kind, or where their counts are not known.
  init?(_ cpu: Processor) {
    guard let kinds = cpu.kinds, kinds.count > 1, let first = kinds.first else { return nil }
    let chosen = kinds.filter { $0.name == first.name }
    let rest = kinds.filter { $0.name != first.name }
    let counts = chosen.compactMap(\.cores?.value)
    guard counts.count == chosen.count, !rest.isEmpty else { return nil }
    count = counts.reduce(0, +)
    let sets = chosen.compactMap { $0.coreCPUs.flatMap { CPUSet(list: $0.value) } }
    let all = sets.reduce(CPUSet([])) { $0.union($1) }
    cpus = sets.count == chosen.count && !all.isEmpty ? all : nil
    let left = rest.map { kind in
      [kind.cores.map { "\($0.value)" }, kind.name].compactMap { $0 }.joined(separator: " ")
    }
    words = "the \(first.name) cores only, without the \(left.joined(separator: " and the ")) cores"
  }
}
