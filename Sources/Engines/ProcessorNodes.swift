public import Hardware
public import Units

/// A part of a machine's processors with memory of its own: a NUMA node, or a socket where no nodes are known.
public struct ProcessorNode: Hashable, Sendable {
  /// The system's number; of sockets, whose nodes are not known, their order.
  public var id: Int
  /// Physical cores that may be used; nil where not known.
  public var cores: Int?
  public var memoryBytes: ByteCount?
  /// Bytes a second that its cores read of its own memory, where that was measured.
  public var bandwidth: Double?
}

extension Machine {
  /// The nodes that have processors, in order; one at least.
  public var processorNodes: [ProcessorNode] {
    let own = numaNodes.filter {
      !($0.cpus?.value.isEmpty ?? true) && $0.kind?.value != "gpu" && $0.isAllowed?.value != false
    }
    guard own.count > 1 else {
      // No machine has more sockets, whatever a file says.
      let sockets = min(max(1, cpu.packages?.value ?? 1), 1024)
      return (0..<sockets).map { ProcessorNode(id: $0, cores: cpu.cores.map { max(1, $0.value / sockets) }) }
    }
    let single = cpu.coreCPUs.flatMap { CPUSet(list: $0.value) }
    return own.map { node in
      let listed = single.flatMap { all in
        node.cpus.flatMap { CPUSet(list: $0.value) }.map { $0.intersection(all).count }
      }
      let cores = listed.flatMap { $0 > 0 ? $0 : nil } ?? cpu.cores.map { max(1, $0.value / own.count) }
      return ProcessorNode(
        id: node.id, cores: cores, memoryBytes: node.memoryBytes?.value, bandwidth: node.bandwidth?.value)
    }
  }

  /// Returns the machine as one of a placement's servers finds it: bound to a node it has that node's memory, and
  /// servers on processors share what there is.
  public func seen(by placement: Placement) -> Machine {
    guard placement.devices.isEmpty, placement.replicas > 1 || placement.numaNode != nil, let all = usableHostBytes
    else { return self }
    let nodes = processorNodes
    let isBound = nodes.count > 1 && (placement.numaNode != nil || placement.replicas >= nodes.count)
    let onNode = isBound ? placement.serversPerNode(of: nodes.count) : placement.replicas
    let parts = nodes.filter { placement.numaNode == nil || $0.id == placement.numaNode }.map { node in
      (node.memoryBytes?.scaled(by: 0.95) ?? all.value.scaled(by: 1 / Double(nodes.count)))
        .scaled(by: 1 / Double(onNode))
    }
    let share = all.value.scaled(by: 1 / Double(max(1, placement.replicas)))
    let least = isBound ? min(share, parts.min() ?? share) : share
    var copy = self
    copy.memory.limitBytes = nil
    copy.memory.availableBytes = Figure(
      least, Source(.computed, "one server's share of \(all.value) on \(nodes.count) nodes"))
    return copy
  }
}

extension Placement {
  /// Servers that share a node where each is bound to one.
  public func serversPerNode(of nodes: Int) -> Int { max(1, (replicas + nodes - 1) / max(1, nodes)) }

  /// Returns the place of one of its servers: its devices, or its node where there are several.
  public func server(_ index: Int, on machine: Machine) -> Placement {
    guard replicas > 1 else { return self }
    var one = self
    one.replicas = 1
    let each = devices.count / replicas
    one.devices = Array(devices.dropFirst(index * each).prefix(each))
    let nodes = machine.processorNodes
    if devices.isEmpty, nodes.count > 1, replicas >= nodes.count { one.numaNode = nodes[index % nodes.count].id }
    return one
  }
}
