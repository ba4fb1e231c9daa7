import Engines
import Hardware

/// The image of an engine for the devices' maker, and the program in it that is started.
struct ContainerImage: Hashable, Sendable {
  let name: String
  /// Nil leaves the program to the image.
  let program: String?

  init(_ request: TargetRequest) {
    name = request.image ?? Self.usual(request)
    // Images of vLLM start it in different ways; the program is in all of them.
    program = request.engine == .vllm ? "vllm" : nil
  }

  /// Each of a release that is known to be there, and none with a hole that `knownBadBuilds` names. llama.cpp has a release
  /// for each build: its tags without a number are the newest.
  private static func usual(_ request: TargetRequest) -> String {
    let maker = request.vendor
    switch request.engine {
    case .llamaCpp:
      let tags: [Maker: String] = [.nvidia: "server-cuda", .amd: "server-rocm", .intel: "server-intel"]
      let tag = maker.flatMap { tags[$0] } ?? "server"
      return "ghcr.io/ggml-org/llama.cpp:\(tag)"
    case .ampereLlamaCpp: return "docker.io/amperecomputingai/llama.cpp:3.4.1"
    case .mlx: return ""
    case .vllm:
      let images: [Maker: String] = [
        .nvidia: "docker.io/vllm/vllm-openai:v0.30.0", .amd: "docker.io/vllm/vllm-openai-rocm:v0.31.0",
        .intel: "docker.io/intel/vllm:0.21.0-xpu",
        .habana: "vault.habana.ai/gaudi-docker/1.24.0/ubuntu24.04/habanalabs/vllm-0.19.0-ptfork-2.10.0:1.24.0-1007",
      ]
      let isArm = ["aarch64", "arm64"].contains(request.architecture)
      return maker.flatMap { images[$0] }
        ?? "docker.io/vllm/vllm-openai-cpu:\(isArm ? "v0.31.0-arm64" : "v0.28.0-x86_64")"
    }
  }
}
