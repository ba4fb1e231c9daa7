import Engines
import Fixtures
import Hardware
import Models
import Planning
import Testing
import Units

/// What a specialist would choose, for pairs of machine and model.
struct Decision: Sendable, CustomTestStringConvertible {
  var machine: String
  var model: String
  var format: ModelFormat
  var quantization: String
  var streams: Int
  /// Nil where no engine should be picked.
  var engine: EngineKind?
  var parallelism: String
  /// The code that must be among the reasons, or that of the refusal.
  var reason: ReasonCode

  init(
    _ machine: String, _ model: String, _ format: ModelFormat, _ quantization: String, _ streams: Int,
    _ engine: EngineKind?, _ parallelism: String, _ reason: ReasonCode
  ) {
    self.machine = machine
    self.model = model
    self.format = format
    self.quantization = quantization
    self.streams = streams
    self.engine = engine
    self.parallelism = parallelism
    self.reason = reason
  }

  var testDescription: String { "\(model) \(quantization) on \(machine) for \(streams)" }
}

@Suite struct DecisionTableTests {
  @Test(arguments: decisions) func decides(_ decision: Decision) throws { try check(decision) }

  private func check(_ decision: Decision) throws {
    var asked = PlanRequest(
      model: try #require(ChoiceModels.stored(decision.model, decision.format, decision.quantization)),
      machine: ChoiceMachines.machine(decision.machine),
      workload: Workload(name: "test", inputTokens: 1000, outputTokens: 200, concurrency: decision.streams))
    asked.quantizations = .asIs
    let choice = EngineChoice(asked, planner: Planner())
    #expect(choice.chosen?.engine == decision.engine, "\(choice.refusal?.message ?? "")")
    // How many layers go where depends on each tensor, and those of the test are rough.
    let isCounted = ["layer-split", "layers-on-cpu", "experts-on-cpu"].contains(decision.reason)
    if let chosen = choice.chosen {
      if !isCounted { #expect(chosen.placing?.words == decision.parallelism) }
      #expect(chosen.reasons.contains { $0.code == decision.reason }, "\(chosen.reasons)")
    } else {
      let codes = choice.candidates.compactMap { $0.refusal?.code }
      #expect(codes.contains(decision.reason), "\(codes)")
    }
    for refused in choice.candidates where refused.refusal == nil && refused.engine != decision.engine {
      #expect(!refused.reasons.isEmpty)
    }
  }

  @Test func hasSixtyPairs() { #expect(decisions.count >= 60) }
}

/// The engine rules by format and hardware, then the cases that no document rules on.
let decisions: [Decision] =
  gguf + appleAndProcessors + nvidiaServers + otherServers + formats + tasks + fewBits + catalogue

private let gguf: [Decision] = [
  Decision("1x rtx-4090, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("1x rtx-4090, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "gguf-native"),
  Decision("1x rtx-3090, 64", "32b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("1x gtx-1080-ti, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("1x rx-7900-xtx, 64", "14b-40", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "gguf-native"),
  Decision("1x arc-b580, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "gguf-native"),
  Decision("1x h100, 256", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "gguf-native"),
  Decision("1x mi300x, 256", "70b", .gguf, "Q8_0", 1, .llamaCpp, "one GPU", "gguf-native"),
  Decision("2x rtx-4090, 128", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "layers over 2 GPUs", "layer-split"),
  Decision("4x rtx-3090, 128", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "layers over 2 GPUs", "layer-split"),
  Decision("4x rtx-3090, 128", "70b", .gguf, "Q8_0", 1, .llamaCpp, "layers over 4 GPUs", "layer-split"),
  Decision("4x rtx-3090, 128", "8b", .gguf, "Q4_K_M", 8, .llamaCpp, "4 replicas, each one GPU", "replicas"),
  Decision("4x rtx-3090, 128", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("1x rtx-4090, 64", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "44 layers on the GPU", "layers-on-cpu"),
  Decision("1x rtx-4090, 32", "405b", .gguf, "Q4_K_M", 1, nil, "", "insufficient-memory"),
  Decision(
    "1x rtx-4090, 256", "235b-a22b", .gguf, "Q4_K_M", 1, .llamaCpp, "experts of 82 layers on the CPU",
    "experts-on-cpu"),
  Decision(
    "1x rtx-2080-ti, 64", "30b-a3b", .gguf, "Q4_K_M", 1, .llamaCpp, "experts of 23 layers on the CPU", "experts-on-cpu"),
  Decision("1x rtx-4090, 64", "30b-a3b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("strix, 128", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "unified-memory"),
  Decision("strix, 128", "30b-a3b", .gguf, "Q8_0", 1, .llamaCpp, "one GPU", "unified-memory"),
  Decision("strix, 32", "70b", .gguf, "Q4_K_M", 1, nil, "", "insufficient-memory"),
]

private let appleAndProcessors: [Decision] = [
  Decision("mac, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "unified-memory"),
  Decision("mac, 64", "8b", .safetensors, "BF16", 1, .mlx, "one GPU", "apple-native"),
  Decision("mac, 64", "8b", .mlx, "4bit", 1, .mlx, "one GPU", "apple-native"),
  Decision("mac, 64", "70b", .mlx, "4bit", 1, .mlx, "one GPU", "unified-memory"),
  Decision("mac, 16", "32b", .mlx, "8bit", 1, nil, "", "insufficient-memory"),
  Decision("mac, 64", "8b", .safetensors, "AWQ", 1, nil, "", "unsupported-quantization"),
  Decision("cpu, 64", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "CPU", "one-node"),
  Decision("cpu, 64", "8b", .gguf, "Q6_K", 1, .llamaCpp, "CPU", "gguf-native"),
  Decision("cpu, 64", "8b", .safetensors, "BF16", 4, .vllm, "CPU", "safetensors-on-cpu"),
  Decision("cpu, 64", "8b", .safetensors, "AWQ", 4, .vllm, "CPU", "cpu-build"),
  Decision("cpu, 64", "8b", .safetensors, "FP8", 4, nil, "", "unsupported-quantization"),
  Decision("old-cpu, 64", "8b", .safetensors, "BF16", 4, .vllm, "CPU", "slow-processor"),
  Decision("cpu, 16", "32b", .gguf, "Q4_K_M", 1, nil, "", "insufficient-memory"),
  Decision("two-sockets, 256", "8b", .gguf, "Q4_K_M", 8, .llamaCpp, "2 replicas, each CPU", "one-server-per-node"),
  Decision("two-sockets, 256", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "CPU, bound to node 0", "bind-to-node"),
  Decision("two-sockets, 64", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "CPU", "interleave"),
  Decision("ampereone, 256", "8b", .gguf, "Q4_K_M", 1, .ampereLlamaCpp, "CPU", "ampere-build"),
  Decision("ampereone, 256", "8b", .gguf, "Q4_K_4", 1, .ampereLlamaCpp, "CPU", "ampere-build"),
  Decision("ampereone, 256", "70b", .gguf, "Q8R16", 1, .ampereLlamaCpp, "CPU", "one-node"),
  Decision(
    "two-ampere, 512", "8b", .gguf, "Q4_K_4", 8, .ampereLlamaCpp, "2 replicas, each CPU", "one-server-per-node"),
  Decision("graviton, 256", "8b", .gguf, "Q4_K_4", 1, nil, "", "unsupported-quantization"),
  Decision("graviton, 256", "8b", .gguf, "Q4_K_M", 1, .llamaCpp, "CPU", "gguf-native"),
  Decision("1x h100, 256", "8b", .gguf, "Q8R16", 1, nil, "", "wrong-processor"),
]

private let nvidiaServers: [Decision] = [
  Decision("1x h100, 256", "8b", .safetensors, "BF16", 16, .vllm, "one GPU", "server-batches"),
  Decision("8x h100, 1024", "8b", .safetensors, "BF16", 64, .vllm, "8 replicas, each one GPU", "replicas"),
  Decision(
    "8x h100, 1024", "70b", .safetensors, "BF16", 64, .vllm, "2 replicas, each tensor parallel 4", "replicas"),
  Decision("8x h100, 1024", "70b", .safetensors, "FP8", 1, .vllm, "tensor parallel 2", "tensor-parallel"),
  Decision("8x h100, 1024", "405b", .safetensors, "FP8", 8, .vllm, "tensor parallel 8", "tensor-parallel"),
  Decision("8x h100, 1024", "405b", .safetensors, "BF16", 8, nil, "", "insufficient-memory"),
  Decision("8x h200, 2048", "405b", .safetensors, "BF16", 8, .vllm, "tensor parallel 8", "tensor-parallel"),
  Decision("8x b200, 2048", "405b", .safetensors, "NVFP4", 2, .vllm, "2 replicas, each tensor parallel 2", "replicas"),
  Decision("2x rtx-4090, 128", "32b", .safetensors, "FP8", 1, .vllm, "tensor parallel 2", "tensor-parallel-over-pcie"),
  Decision("4x rtx-3090, 128", "70b", .safetensors, "AWQ", 1, .vllm, "tensor parallel 4", "tensor-parallel-over-pcie"),
  Decision("4x rtx-3090, 128", "8b", .safetensors, "BF16", 8, .vllm, "4 replicas, each one GPU", "replicas"),
  Decision("1x rtx-4090, 64", "32b", .safetensors, "BF16", 1, nil, "", "insufficient-memory"),
  Decision("4x l40s, 256", "32b", .safetensors, "FP8", 1, .vllm, "one GPU", "fits-one-device"),
  Decision("3x h100, 512", "14b-40", .safetensors, "BF16", 1, .vllm, "one GPU", "fits-one-device"),
  Decision(
    "two-islands, 512", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2, pipeline 2",
    "pipeline-across-islands"),
  Decision("8x h100, 1024", "30b-a3b", .safetensors, "FP8", 1, .vllm, "one GPU", "fits-one-device"),
  Decision(
    "8x h100, 1024", "235b-a22b", .safetensors, "FP8", 8, .vllm, "2 replicas, each tensor parallel 4", "replicas"),
  Decision("8x h100, 1024", "0.6b", .safetensors, "BF16", 4, .vllm, "4 replicas, each one GPU", "replicas"),
]

private let otherServers: [Decision] = [
  Decision("1x mi300x, 256", "70b", .safetensors, "BF16", 8, .vllm, "one GPU", "server-batches"),
  Decision("8x mi300x, 2048", "405b", .safetensors, "FP8", 1, .vllm, "tensor parallel 4", "tensor-parallel"),
  Decision("4x mi210, 512", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 4", "tensor-parallel"),
  Decision("8x gaudi3, 1024", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2", "tensor-parallel"),
  Decision("1x gaudi3, 1024", "70b", .safetensors, "NVFP4", 1, nil, "", "unsupported-quantization"),
  Decision("1x gaudi3, 1024", "8b", .gguf, "Q8_0", 1, nil, "", "wrong-accelerator"),
  Decision("1x rx-7900-xtx, 64", "8b", .safetensors, "BF16", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x h100, 256", "8b", .pytorch, "BF16", 4, .vllm, "one GPU", "server-batches"),
  Decision("1x mi300x, 256", "8b", .pytorch, "BF16", 4, .vllm, "one GPU", "server-batches"),
]

private let formats: [Decision] = [
  Decision("1x a100, 256", "8b", .safetensors, "FP8", 1, .vllm, "one GPU", "slow-kernel"),
  Decision("1x h100, 256", "70b", .safetensors, "NVFP4", 1, .vllm, "one GPU", "slow-kernel"),
  Decision("1x b200, 256", "70b", .safetensors, "NVFP4", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x t4, 64", "8b", .safetensors, "AWQ", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x t4, 64", "8b", .safetensors, "FP8", 1, nil, "", "unsupported-quantization"),
  Decision("2x v100, 256", "8b", .safetensors, "BF16", 1, .vllm, "one GPU", "no-bf16"),
  Decision("1x v100, 256", "8b", .safetensors, "AWQ", 1, nil, "", "unsupported-quantization"),
  Decision("1x p100, 64", "8b", .safetensors, "BF16", 1, nil, "", "gpu-too-old"),
]

/// Models that see, and those that write nothing.
private let tasks: [Decision] = [
  Decision("1x h100, 256", "vl-8b", .safetensors, "BF16", 8, .vllm, "one GPU", "vision-native"),
  Decision("mac, 64", "vl-8b", .safetensors, "BF16", 1, .mlx, "one GPU", "vision-apart"),
  Decision("1x rtx-4090, 64", "vl-8b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "no-projector"),
  // Six heads of the vision encoder cannot be cut into four, which the rest could.
  Decision(
    "4x rtx-3090, 256", "vl-32b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2, pipeline 2",
    "vision-heads-do-not-divide"),
  Decision("1x rtx-4090, 64", "qwen3-embedding-8b", .safetensors, "BF16", 1, .vllm, "one GPU", "embedding-model"),
  Decision("1x rtx-4090, 64", "qwen3-embedding-8b", .gguf, "Q8_0", 1, .llamaCpp, "one GPU", "embedding-model"),
  Decision("1x h100, 64", "qwen3-reranker-0.6b", .safetensors, "BF16", 1, .vllm, "one GPU", "reranker"),
  Decision("cpu, 64", "qwen3-reranker-0.6b", .gguf, "Q8_0", 1, .llamaCpp, "CPU", "reranker"),
  Decision("1x h100, 64", "bge", .safetensors, "BF16", 1, .vllm, "one GPU", "embedding-model"),
  Decision("cpu, 64", "bge", .gguf, "F16", 1, .llamaCpp, "CPU", "embedding-model"),
  Decision("mac, 64", "bge", .safetensors, "BF16", 1, nil, "", "no-embeddings"),
]

/// Weights of 8 and 4 bits on each maker's kernels.
private let fewBits: [Decision] = [
  Decision("1x mi300x, 256", "8b", .safetensors, "FP8", 8, .vllm, "one GPU", "server-batches"),
  Decision("1x mi210, 256", "8b", .safetensors, "FP8", 8, nil, "", "unsupported-quantization"),
  Decision("1x r9700, 64", "8b", .safetensors, "FP8", 8, .vllm, "one GPU", "server-batches"),
  Decision("1x rx-7900-xtx, 64", "8b", .safetensors, "FP8", 1, nil, "", "unsupported-quantization"),
  Decision("1x rx-6800, 64", "0.6b", .safetensors, "BF16", 1, nil, "", "gpu-too-old"),
  Decision("1x mi300x, 256", "70b", .safetensors, "NVFP4", 1, nil, "", "unsupported-quantization"),
  Decision("1x mi355x, 256", "gpt-oss-120b", .safetensors, "MXFP4", 8, .vllm, "one GPU", "server-batches"),
  Decision("1x mi300x, 256", "gpt-oss-120b", .safetensors, "MXFP4", 8, .vllm, "one GPU", "slow-kernel"),
  Decision("1x mi210, 256", "gpt-oss-20b", .safetensors, "MXFP4", 8, nil, "", "unsupported-quantization"),
  Decision("1x h100, 256", "gpt-oss-120b", .safetensors, "MXFP4", 8, .vllm, "one GPU", "slow-kernel"),
  Decision("1x b200, 256", "gpt-oss-120b", .safetensors, "MXFP4", 8, .vllm, "one GPU", "server-batches"),
  Decision(
    "4x rtx-4090, 256", "gpt-oss-120b", .safetensors, "MXFP4", 1, .vllm, "tensor parallel 4",
    "tensor-parallel-over-pcie"),
  Decision("1x rtx-4090, 64", "gpt-oss-20b", .gguf, "MXFP4", 1, .llamaCpp, "one GPU", "fits-one-device"),
  Decision("1x rtx-4090, 64", "8b", .safetensors, "GPTQ 4-bit", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x v100, 64", "8b", .safetensors, "GPTQ 4-bit", 1, .vllm, "one GPU", "slow-kernel"),
  Decision("1x mi300x, 256", "8b", .safetensors, "GPTQ 4-bit", 1, .vllm, "one GPU", "unlisted-kernel"),
  Decision("mac, 64", "8b", .safetensors, "FP8", 1, nil, "", "unsupported-quantization"),
  Decision("1x gaudi3, 1024", "70b", .safetensors, "FP8", 8, .vllm, "one GPU", "server-batches"),
  Decision("1x gaudi3, 1024", "gpt-oss-20b", .safetensors, "MXFP4", 8, nil, "", "unsupported-quantization"),
  Decision("1x gaudi3, 1024", "8b", .safetensors, "AWQ 4-bit", 8, .vllm, "one GPU", "unlisted-kernel"),
  Decision("1x arc-b580, 64", "8b", .safetensors, "AWQ 4-bit", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x arc-b580, 64", "8b", .safetensors, "FP8", 1, nil, "", "unsupported-quantization"),
  Decision("1x t4, 64", "8b", .safetensors, "compressed-tensors W8A8", 1, .vllm, "one GPU", "server-batches"),
  Decision("1x t4, 64", "8b", .safetensors, "compressed-tensors W4A16", 1, nil, "", "unsupported-quantization"),
]

/// Machines of the catalogue, whose links, nodes and shared memories decide.
private let catalogue: [Decision] = [
  // An NVLink bridge joins two of them, whatever number there is.
  Decision(
    "@8x rtx-3090, 256 GiB", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2, pipeline 4",
    "pipeline-across-islands"),
  Decision(
    "@8x rtx-3090, 256 GiB", "32b", .safetensors, "AWQ 4-bit", 4, .vllm, "4 replicas, each tensor parallel 2",
    "replicas"),
  Decision("@2x rtx-a6000, 256 GiB", "32b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2", "tensor-parallel"),
  Decision("@4x h100-nvl, 512 GiB", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2", "tensor-parallel"),
  Decision(
    "@azure-nc96ads-a100-v4", "70b", .safetensors, "BF16", 1, .vllm, "tensor parallel 2, pipeline 2",
    "pipeline-across-islands"),
  Decision("@8x h100-sxm, 1 TiB", "405b", .safetensors, "FP8", 1, .vllm, "tensor parallel 8", "tensor-parallel"),
  Decision("8x l40s, 512", "235b-a22b", .safetensors, "FP8", 1, .vllm, "tensor parallel 8", "expert-parallel"),
  Decision("@dgx-spark-gb10", "8b", .safetensors, "FP8", 1, .vllm, "one GPU", "server-batches"),
  Decision("@dgx-spark-gb10", "gpt-oss-120b", .gguf, "MXFP4", 1, .llamaCpp, "one GPU", "unified-memory"),
  Decision("@jetson-agx-thor-t5000", "8b", .safetensors, "NVFP4", 1, .vllm, "one GPU", "server-batches"),
  Decision("@jetson-agx-orin-64gb", "8b", .safetensors, "FP8", 1, .vllm, "one GPU", "slow-kernel"),
  Decision("@jetson-orin-nano-8gb", "0.6b", .gguf, "Q4_K_M", 1, .llamaCpp, "one GPU", "unified-memory"),
  Decision(
    "@2x ampere-altra-max-m128-30, 512 GiB", "8b", .gguf, "Q4_K_4", 1, .ampereLlamaCpp, "CPU, bound to node 0",
    "bind-to-node"),
  Decision(
    "@2x ampereone-m-a192-32m, 512 GiB", "8b", .gguf, "Q4_K_M", 8, .ampereLlamaCpp, "2 replicas, each CPU",
    "one-server-per-node"),
  Decision("@2x epyc-9654, 64 GiB", "70b", .gguf, "Q4_K_M", 1, .llamaCpp, "CPU", "interleave"),
]
