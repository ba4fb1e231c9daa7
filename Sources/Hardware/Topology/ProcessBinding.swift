public import Units

/// Where a program's threads run and which nodes its memory comes from, in the words of `numactl`.
///
/// Plimsoll binds the servers that it starts itself, through libhwloc, so that `numactl` need not be installed.
public struct ProcessBinding: Hashable, Sendable {
  /// CPUs by their numbers, as a Linux list.
  public var cpus: String?
  /// Nodes whose CPUs are used.
  public var cpuNodes: String?
  /// Nodes whose memory is used, and no other.
  public var memoryNodes: String?
  /// Nodes over which pages are spread in turn: a list, or `all`.
  public var interleavedNodes: String?

  public init() {}

  /// Why a binding could not be made.
  public enum Refusal: ExplainedError, Hashable, Sendable {
    case malformed(option: String, text: String)
    case noTopology
    case cpus(String)
    case memory(String)

    public var reason: Reason {
      switch self {
      case .malformed(let option, let text):
        Reason(.badBinding, "\(option)=\(text) is not a list", remedy: "write numbers such as 0-3,8")
      case .noTopology: Reason(.noTopology, "libhwloc finds no topology here", remedy: "start without binding")
      case .cpus(let list):
        Reason(
          .bindingRefused, "this system refuses to bind a program to CPUs \(list)",
          remedy: "check taskset, or the container's --cpuset-cpus")
      case .memory(let list):
        Reason(
          .bindingRefused, "this system refuses to bind memory to node \(list)",
          remedy: "in a container, add --cap-add SYS_NICE; else check cpuset.mems")
      }
    }

    public var outcome: FailureOutcome { .failed }
  }

  /// Binds this process; the program that it becomes by `exec` keeps the binding.
  ///
  /// - Throws: `Refusal` where a list is malformed or the kernel refuses.
  public func apply() throws(Refusal) {
    guard let topology = LiveTopology(devices: false) else { throw .noTopology }
    if let list = try Self.set("--physcpubind", cpus), !topology.bindProcess(to: list) { throw .cpus(list.list) }
    if let nodes = try Self.set("--cpunodebind", cpuNodes) {
      let near = topology.cpus(ofNodes: nodes)
      guard topology.bindProcess(to: near) else { throw .cpus("of node \(nodes.list)") }
    }
    if let nodes = try Self.set("--membind", memoryNodes), !topology.bindMemory(to: nodes, interleaved: false) {
      throw .memory(nodes.list)
    }
    guard let interleavedNodes else { return }
    let nodes = interleavedNodes == "all" ? topology.nodes : try Self.set("--interleave", interleavedNodes)
    if let nodes, !topology.bindMemory(to: nodes, interleaved: true) { throw .memory(nodes.list) }
  }

  /// True where the kernel does not let this process choose the memory of its pages, as in most containers.
  ///
  /// Asks for the usual policy, which changes nothing.
  public static var isMemoryRefused: Bool {
    guard let topology = LiveTopology(devices: false) else { return true }
    return !topology.mayBindMemory
  }

  private static func set(_ option: String, _ text: String?) throws(Refusal) -> CPUSet? {
    guard let text else { return nil }
    guard let set = CPUSet(list: text), !set.isEmpty else { throw .malformed(option: option, text: text) }
    return set
  }
}
