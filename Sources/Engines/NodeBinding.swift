extension LaunchConfiguration {
  /// Binds a server that is one of several to a NUMA node: threads, memory, and a copy of the weights of its own there.
  ///
  /// - Parameters:
  ///   - cpus: a Linux list of the node's processors that are this server's, where it shares the node.
  ///   - kind: the engine, which may bind itself.
  public mutating func bind(toNode node: Int, cpus: String?, of kind: EngineKind) {
    bind(toNode: node)
    if let cpus {
      wrapper = LaunchFlag(
        "numactl", "--physcpubind=\(cpus)", "--membind=\(node)", reason: "its own part of node \(node), and its memory")
    }
    if kind == .vllm { environment["VLLM_CPU_VISIBLE_MEMORY_NODES"] = "\(node)" }
    guard kind.isLlamaCpp else { return }
    replace(LaunchFlag("--numa", "numactl", reason: "threads stay on the node that numactl gives"))
    replace(Self.weightsOnNode)
  }

  /// Takes back what binds a server to a node.
  public mutating func unbind() {
    wrapper = nil
    environment["VLLM_CPU_VISIBLE_MEMORY_NODES"] = nil
    flags.removeAll { $0.words.first == "--numa" || $0 == Self.weightsOnNode }
  }

  /// Reads the weights instead of mapping the file: its pages in the page cache lie on the node that read them first, and
  /// every other node would compute from there.
  static let weightsOnNode = LaunchFlag(
    "--no-mmap", reason: "weights on its own node: a mapped file lies on the node that read it first")

  private mutating func replace(_ flag: LaunchFlag) {
    flags.removeAll { $0.words.first == flag.words.first }
    flags.append(flag)
  }
}
