extension LaunchConfiguration {
  /// Binds a server that is one of several to a NUMA node: threads, memory, and what its engine has to be told.
  ///
  /// - Parameters:
  ///   - cpus: a Linux list of the node's processors that are this server's, where it shares the node.
  ///   - kind: the engine, which may bind itself.
  public mutating func bind(toNode node: Int, cpus: String?, of kind: EngineKind) {
    let own = EngineCatalogue.engine(kind).nodeBinding(node)
    wrapper = NUMABinding.wrapper(node)
    if let cpus {
      wrapper = LaunchFlag(
        "numactl", "--physcpubind=\(cpus)", "--membind=\(node)", reason: "its own part of node \(node), and its memory")
    }
    flags.removeAll { flag in flag.role == .nodeBinding || own.flags.contains { $0.words.first == flag.words.first } }
    flags += own.flags
    environment.merge(own.environment) { $1 }
  }

  /// Takes back what binds a server to a node.
  public mutating func unbind(of kind: EngineKind) {
    wrapper = nil
    for name in EngineCatalogue.engine(kind).nodeBinding(0).environment.keys { environment[name] = nil }
    flags.removeAll { $0.role == .nodeBinding }
  }
}

/// What an engine has to be told of the NUMA node that it is bound to.
public struct NodeBinding: Hashable, Sendable {
  /// Each with the role `nodeBinding`.
  public var flags: [LaunchFlag]
  public var environment: [String: String]

  public init(flags: [LaunchFlag] = [], environment: [String: String] = [:]) {
    self.flags = flags
    self.environment = environment
  }
}

extension Engine {
  /// None.
  public var nativeProgram: (any NativeProgram)? { nil }

  /// Nothing: `numactl` binds it.
  public func nodeBinding(_ node: Int) -> NodeBinding { NodeBinding() }
}
