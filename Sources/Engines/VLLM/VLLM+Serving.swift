import Hardware
import Units

extension VLLM {
  public var nativeProgram: (any NativeProgram)? { VLLMLatencyBench() }

  public func nodeBinding(_ node: Int) -> NodeBinding {
    NodeBinding(environment: ["VLLM_CPU_VISIBLE_MEMORY_NODES": "\(node)"])
  }

  public var serving: ServingFacts {
    var facts = ServingFacts(.images(Self.images))
    facts.nodes = Self.nodes
    facts.host = Self.host
    facts.keyVariable = "VLLM_API_KEY"
    // It keeps what it compiles.
    facts.cacheVariables = ["XDG_CACHE_HOME", "TRITON_HOME"]
    facts.requestCounter = "vllm:request_success_total"
    facts.quantizer = "llm-compressor"
    facts.toolkits = [
      BuildToolkit(since: [0, 30], "CUDA 13", olderImage: "docker.io/vllm/vllm-openai:v0.30.0-cu129")
    ]
    facts.recipes = [Self.recipe]
    return facts
  }

  private static let images: ContainerImages = {
    var images = ContainerImages(processors: "docker.io/vllm/vllm-openai-cpu:v0.28.0-x86_64")
    images.arm = "docker.io/vllm/vllm-openai-cpu:v0.31.0-arm64"
    images.byMaker = [
      .nvidia: "docker.io/vllm/vllm-openai:v0.30.0", .amd: "docker.io/vllm/vllm-openai-rocm:v0.31.0",
      .intel: "docker.io/intel/vllm:0.21.0-xpu",
      .habana: "vault.habana.ai/gaudi-docker/1.24.0/ubuntu24.04/habanalabs/vllm-0.19.0-ptfork-2.10.0:1.24.0-1007",
    ]
    // The images start it in different ways; the program is in all of them.
    images.program = "vllm"
    images.runsTemporaryFiles = true
    // PyTorch asks for the user's name, and ends where a number that no image knows has none.
    images.environment = ["USER": "plimsoll"]
    return images
  }()

  private static let nodes: NodeFacts = {
    var nodes = NodeFacts(
      group: ["--nnodes", "COUNT", "--master-addr", "LEADER", "--distributed-executor-backend", "mp"],
      leader: ["--node-rank", "0"], worker: ["--node-rank", "RANK", "--headless"],
      ray: LaunchFlag("--distributed-executor-backend", "ray", reason: "workers are placed by the cluster"))
    nodes.ownVariables = ["VLLM_HOST_IP"]
    return nodes
  }()

  // Guesses on the safe side, never measured on a GPU: each process has PyTorch's libraries, each worker those of CUDA,
  // its context's part on the host and NCCL's page-locked buffers too. The processes of vLLM 0.32's CPU build held 2 GiB
  // beside weights and cache (`reports/engines`). Its engine of today swaps no cache to the host.
  private static let host: HostNeeds = {
    var host = HostNeeds()
    host.base = Figure(.gibibytes(4), .assumed, "vLLM's front end and scheduler, Python with PyTorch")
    host.eachDevice = .gibibytes(6)
    let what = "each with its driver's context and page-locked buffers"
    host.deviceWords = ["worker, \(what)", "workers, \(what)"]
    host.startWords = "compiling kernels and staging weights, as much again for each worker"
    host.keepsWeightsOffHost = true
    return host
  }()
}
