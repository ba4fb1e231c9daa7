import Engines
import Hardware
import Units

extension ServerCopies {
  /// The NUMA nodes that compute, or the sockets where no nodes are known; empty where there is but one.
  private var nodes: [NUMANode] {
    let known = machine.numaNodes.filter { !($0.cpus?.value.isEmpty ?? true) && $0.kind?.value != "gpu" }
    let nodes = machine.numaNodes.isEmpty ? sockets : known
    return nodes.count > 1 ? nodes : []
  }

  /// Sockets of a machine that was described and not probed, numbered as Linux does: cores socket by socket, then their
  /// second hardware threads in the same order.
  private var sockets: [NUMANode] {
    let count = machine.cpu.packages?.value ?? 1
    guard count > 1, let cores = machine.cpu.cores?.value, cores >= count, cores < 65536 else { return [] }
    let ways = max(1, (machine.cpu.threads?.value ?? cores) / cores)
    return (0..<count).map { socket in
      let own = cores * socket / count..<cores * (socket + 1) / count
      let numbers = (0..<ways).flatMap { (way: Int) -> [Int] in own.map { way * cores + $0 } }
      var node = NUMANode(id: socket)
      node.cpus = Figure(CPUSet(numbers).list, Source(.computed, "a socket's cores in Linux's usual order"))
      return node
    }
  }

  /// The processors of a node; nil for one that is not known.
  func cpus(ofNode id: Int?) -> String? { nodes.first { $0.id == id }?.cpus?.value }

  /// The busiest node's servers.
  private func perNode(_ count: Int) -> Int { (count - 1) / nodes.count + 1 }

  /// True where each server has its weights in the memory of its own node: enough nodes' memory for those on it.
  private func isBound(_ count: Int) -> Bool {
    guard !nodes.isEmpty else { return false }
    guard let need = hostNeed else { return true }
    let even = machine.memory.totalBytes.map { ByteCount($0.value.bytes / nodes.count) }
    // A twentieth of a node is the system's.
    let room = nodes.compactMap { ($0.memoryBytes?.value ?? even)?.scaled(by: 0.95) }.min()
    return room.map { need * perNode(count) <= $0 } ?? true
  }

  /// What all servers need: bound ones each their own weights, others those of the mapped file once.
  private func need(_ count: Int) -> (bytes: ByteCount, isShared: Bool)? {
    guard let need = hostNeed else { return nil }
    let isMapped = option.engine.planning.mapsWeights && single.launch?.has(.unmapped) != true
    guard isMapped, !isBound(count), let host = option.memory?.devices.first(where: { $0.isHost }) else {
      return (need * count, false)
    }
    return (need * count - host.components.weights.value * (count - 1), true)
  }

  func processorsRefusal(_ count: Int) -> Reason? {
    guard let need = need(count), let usable = machine.usableHostBytes?.value, need.bytes > usable else { return nil }
    let words = need.isShared ? ", the weights of the mapped file counted once" : ""
    return Reason(
      .insufficientMemory,
      "\(count) servers need up to \(need.bytes) together\(words), and \(usable) can be used",
      remedy: "a smaller quantization, context or number of slots")
  }

  func onProcessors(_ count: Int) -> [ServerCopy] {
    isBound(count) ? (0..<count).map { bound($0, of: count) } : (0..<count).map { unbound($0, of: count) }
  }

  /// On its node, alone or beside others of which each has its own cores.
  private func bound(_ index: Int, of count: Int) -> ServerCopy {
    let node = nodes[index % nodes.count]
    let onNode = count / nodes.count + (index % nodes.count < count % nodes.count ? 1 : 0)
    let all = node.cpus.flatMap { CPUSet(list: $0.value) }
    let own = all.map { $0.part(index / nodes.count, of: onNode).list }
    var copy = single
    copy.placement.numaNode = node.id
    copy.placement.interleave = nil
    copy.launch?.bind(toNode: node.id, cpus: onNode > 1 ? own : nil, of: option.engine)
    share(&copy, ThreadChoice(on: machine, node: node.id, replicas: onNode))
    return ServerCopy(option: copy, cpus: own)
  }

  /// All over the machine, with a share of its threads.
  private func unbound(_ index: Int, of count: Int) -> ServerCopy {
    var copy = single
    share(&copy, ThreadChoice(on: machine, replicas: count))
    let all = machine.numaNodes.compactMap { $0.cpus.flatMap { CPUSet(list: $0.value) } }
    let cpus = all.isEmpty ? nil : all.reduce(CPUSet([])) { $0.union($1) }.part(index, of: count).list
    return ServerCopy(option: copy, cpus: cpus.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// The option for one server that is bound to no node yet.
  private var single: PlanOption {
    var copy = option
    copy.placement.replicas = 1
    guard copy.placement.numaNode != nil else { return copy }
    copy.placement.numaNode = nil
    copy.launch?.unbind(of: option.engine)
    return copy
  }

  /// Never more threads than were planned: fewer can be faster, and the plan may know.
  private func share(_ copy: inout PlanOption, _ choice: ThreadChoice?) {
    guard let choice, choice.threads < copy.launch?.threads ?? .max else { return }
    copy.launch?.setThreads(choice.threads)
  }
}
