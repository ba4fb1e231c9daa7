import Hardware

extension LlamaCpp {
  public var nativeProgram: (any NativeProgram)? { LlamaBench() }

  public func nodeBinding(_ node: Int) -> NodeBinding {
    NodeBinding(flags: [
      LaunchFlag("--numa", "numactl", reason: "threads stay on the node that numactl gives", role: .nodeBinding),
      Self.weightsOnNode,
    ])
  }

  /// Reads the weights instead of mapping the file: its pages in the page cache lie on the node that read them first, and
  /// every other node would compute from there.
  static let weightsOnNode = LaunchFlag(
    "--no-mmap", reason: "weights on its own node: a mapped file lies on the node that read it first",
    role: .nodeBinding)

  public var serving: ServingFacts {
    // There is a release for each build: tags without a number are the newest.
    var images = ContainerImages(processors: "ghcr.io/ggml-org/llama.cpp:server")
    images.byMaker = [Maker.nvidia: "cuda", .amd: "rocm", .intel: "intel"].mapValues {
      "ghcr.io/ggml-org/llama.cpp:server-\($0)"
    }
    var facts = ServingFacts(.images(images))
    facts.keyVariable = "LLAMA_API_KEY"
    facts.quantizer = "llama-quantize"
    facts.recipes = [Self.recipe]
    return facts
  }
}
