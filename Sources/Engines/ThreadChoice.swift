public import Hardware
import Units

/// The most threads that a server should compute with on a machine, and why.
///
/// Token generation waits for memory and for the slowest thread at every layer, so hardware threads of one core, cores
/// beyond a container's quota and cores that other programs hold make it slower, not faster: with two threads on a
/// busy 2-core machine llama.cpp was measured at a fifteenth of its one-thread rate. Whether fewer are faster still is
/// the speed model's question.
public struct ThreadChoice: Hashable, Sendable {
  /// Of so many cores one is left for everything else; fewer all compute.
  static let coresForOneSpare = 16

  public var threads: Int
  public var reason: String

  /// Makes the choice for one server; nil where the machine's cores are not known.
  ///
  /// - Parameters:
  ///   - node: the NUMA node that the server is bound to.
  ///   - replicas: servers that share the cores: the node's where there is one, else the machine's.
  public init?(on machine: Machine, node: Int? = nil, replicas: Int = 1) {
    guard var cores = machine.cpu.cores?.value ?? machine.cpu.threads?.value, cores > 0 else { return nil }
    var words = "\(cores) cores"
    if let kinds = machine.cpu.kinds, kinds.count > 1, let fast = kinds.first?.cores?.value, fast > 0, fast < cores {
      cores = fast
      words = "\(fast) \(kinds[0].name) cores"
    }
    let nodes = machine.processorNodes
    if let node, nodes.count > 1 {
      cores = nodes.first { $0.id == node }?.cores ?? max(1, cores / nodes.count)
      words = "\(cores) cores of node \(node)"
    }
    if let limit = machine.cpuLimit?.value, Int(limit) < cores {
      cores = max(1, Int(limit))
      words = "a quota of \(limit) CPUs"
    }
    let share = cores / max(1, replicas)
    // Of many cores one in sixteen stays for HTTP threads and the system; few are all needed, and a client that shares
    // the machine is the benchmark's business.
    let room = replicas > 1 ? 0 : share / Self.coresForOneSpare
    threads = max(1, share - room)
    reason =
      replicas > 1
      ? "\(words) shared by \(replicas) servers"
      : room > 0 ? "\(words), \(room) left for everything else" : "all \(words)"
  }

  /// Makes the choice for each server of a placement.
  public init?(on machine: Machine, for placement: Placement) {
    let nodes = machine.processorNodes
    let replicas = placement.devices.isEmpty ? max(1, placement.replicas) : 1
    if placement.numaNode != nil || (nodes.count > 1 && replicas >= nodes.count) {
      self.init(
        on: machine, node: placement.numaNode ?? nodes.first?.id, replicas: placement.serversPerNode(of: nodes.count))
    } else {
      self.init(on: machine, replicas: replicas)
    }
  }
}
