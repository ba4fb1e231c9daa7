import Engines
import Models
import Planning
import Profiles
import Testing
import Units

@testable import Workflows

/// What a specialist would run of one model on one machine, for one person who chats.
struct FormDecision: Sendable, CustomTestStringConvertible {
  var machine: String
  var model: String
  /// The forms that a specialist would accept; empty where nothing is fast enough, and a smaller model is the answer.
  var forms: [String]
  var engines: [EngineKind]
  /// Why, in a specialist's words.
  var why: String

  init(_ machine: String, _ model: String, _ forms: [String], _ engines: [EngineKind] = [.llamaCpp], _ why: String) {
    (self.machine, self.model, self.forms, self.engines, self.why) = (machine, model, forms, engines, why)
  }

  var testDescription: String { "\(model) on \(machine)" }
}

/// The forms that plans choose, held against what a specialist would choose. The expectations were reasoned before the
/// planner was asked.
@Suite struct FormTableTests {
  @Test(arguments: formDecisions) func runsWhatASpecialistWould(_ decision: FormDecision) throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine(decision.machine)
    let entry = try fixture.workspace.catalogue().modelCatalogue().entry(named: decision.model)
    var request = PlanRequest(model: try entry.model(), machine: machine)
    request.published = entry.published
    var planner = fixture.workspace.planner(for: machine)
    planner.findsLimits = false
    let plan = planner.plan(request)
    let order = try #require(plan.ranking).map { plan.options[$0] }
    // Whatever is expected: of what loses little nothing below the least comes before something above it.
    let good = order.filter {
      ($0.scoreLost?.value ?? 1) <= 0.06 && ($0.concessions ?? []).isEmpty && $0.placementReason?.code != .layersOnCPU
    }
    let fast = good.prefix { $0.missingTokensPerSecond == nil }.count
    #expect(good.dropFirst(fast).allSatisfy { $0.missingTokensPerSecond != nil })
    guard !decision.forms.isEmpty else {
      let first = order.first
      #expect(
        first == nil || first?.missingTokensPerSecond != nil || (first?.scoreLost?.value ?? 1) > 0.06,
        "\(first?.quantization ?? "") is fast enough")
      return
    }
    let chosen = try #require(order.first, "nothing fits: \(plan.reasons.last?.message ?? "")")
    let pace = chosen.speed?.decode.map { "\($0.expected.formatted(significant: 2)) tok/s" } ?? ""
    #expect(decision.forms.contains(chosen.quantization), "\(chosen.quantization), \(pace)")
    #expect(decision.engines.contains(chosen.engine), "\(chosen.engine.rawValue)")
    #expect(chosen.missingTokensPerSecond == nil, "\(chosen.quantization), \(pace)")
  }

  @Test func theTablesHoldSixtyPairs() { #expect(formDecisions.count + useDecisions.count >= 60) }
}

let formDecisions: [FormDecision] = laptops + desktops + miniComputers + servers

/// Four to six bits: what a person with little room takes.
private let middling = ["Q4_K_M", "Q5_K_M", "Q6_K", "MLX 6-bit"]
/// About four bits, for what is just held or just fast enough.
private let fourBits = ["Q4_K_M", "IQ4_XS", "Q4_0", "MLX 4-bit"]
/// No loss that a test would show.
private let nearlyWhole = ["Q5_K_M", "Q6_K", "Q8_0", "FP8", "BF16", "MLX 8-bit"]
private let own = ["MXFP4_MOE", "MXFP4"]

private let laptops: [FormDecision] = [
  FormDecision(
    "apple-m1-8gb", "qwen3-4b", middling, [.llamaCpp, .mlx], "5.3 GiB for the GPU and 68 GB/s: 4 to 6 bits are 20 tok/s"
  ),
  FormDecision(
    "apple-m1-8gb", "llama-3.2-3b-instruct", nearlyWhole, [.llamaCpp, .mlx], "three billion fit nearly whole"),
  FormDecision("apple-m1-8gb", "qwen3-14b", [], [], "9 GB of weights do not fit 8 GB"),
  FormDecision("apple-m2-16gb", "qwen3-8b", middling, [.llamaCpp, .mlx], "5 to 6 bits leave room and stay above 10"),
  FormDecision("apple-m2-16gb", "qwen3-4b", nearlyWhole, [.llamaCpp, .mlx], "room enough for 6 or 8 bits at 20 tok/s"),
  FormDecision(
    "apple-m2-16gb", "gpt-oss-20b", own, [.llamaCpp], "12 GB: a few layers' experts on the processor (--n-cpu-moe)"),
  FormDecision("apple-m2-16gb", "qwen3-32b", [], [], "19 GB at 4 bits do not fit, at 2 bits it is spoilt"),
  FormDecision(
    "apple-m4-16gb", "gemma-3-12b-it", fourBits + ["Q5_K_M", "Q3_K_M"], [.llamaCpp, .mlx], "7 GB at 120 GB/s"),
  FormDecision(
    "apple-m3-pro-36gb", "qwen3-30b-a3b", middling, [.llamaCpp, .mlx],
    "3 billion active: fast in 5 bits, which fit 27 GB"),
  FormDecision("apple-m3-pro-36gb", "qwen3-32b", [], [], "150 GB/s over 17 GB and more are below 10 tok/s"),
  FormDecision(
    "apple-m3-pro-36gb", "qwen3-14b", fourBits + middling, [.llamaCpp, .mlx], "11 GB at 150 GB/s are 12 tok/s"),
  FormDecision(
    "apple-m4-max-40core-128gb", "llama-3.3-70b-instruct", fourBits + ["Q3_K_M"], [.llamaCpp, .mlx],
    "40 GB at 546 GB/s: only about 4 bits reach 10 tok/s"),
  FormDecision(
    "apple-m4-max-40core-128gb", "gpt-oss-120b", own, [.llamaCpp, .mlx], "as published, 60 GB, 5 billion active"),
  FormDecision(
    "apple-m4-max-40core-128gb", "qwen3-32b", middling + ["Q8_0", "MLX 8-bit"], [.llamaCpp, .mlx], "546 GB/s"),
  FormDecision(
    "rtx-4060-laptop, 32 GiB", "qwen3-8b", middling + ["IQ4_XS"], [.llamaCpp], "8 GB hold 5 bits and 4,096 tokens"),
  FormDecision(
    "rtx-4060-laptop, 32 GiB", "qwen3-30b-a3b", middling + ["IQ4_XS", "Q8_0"], [.llamaCpp],
    "experts in the host's memory"),
  FormDecision("cpu 8 cores, 16 GiB, 51 GB/s", "qwen3-4b", fourBits + middling, [.llamaCpp], "2.5 to 3 GB at 51 GB/s"),
  FormDecision("cpu 8 cores, 16 GiB, 51 GB/s", "qwen3-1.7b", nearlyWhole, [.llamaCpp], "small enough for 8 bits"),
  FormDecision("cpu 8 cores, 16 GiB, 51 GB/s", "qwen3-14b", [], [], "9 GB at 51 GB/s are 5 tok/s"),
  FormDecision(
    "cpu 8 cores, 32 GiB, 77 GB/s", "qwen3-30b-a3b", fourBits + middling + ["Q8_0"], [.llamaCpp],
    "3 billion active run well on a processor"),
]

private let desktops: [FormDecision] = [
  FormDecision("rtx-3060-12gb, 32 GiB", "qwen3-8b", nearlyWhole, [.llamaCpp], "6 to 8 bits fit 12 GB"),
  FormDecision("rtx-3060-12gb, 32 GiB", "qwen3-14b", fourBits + ["Q5_K_M", "Q6_K"], [.llamaCpp], "9 to 11 GB of 12"),
  FormDecision(
    "rtx-3060-12gb, 32 GiB", "gpt-oss-20b", own, [.llamaCpp, .vllm], "12 GB: a few experts beside the card"),
  FormDecision("rtx-3060-12gb, 32 GiB", "qwen3-32b", [], [], "half of it in the host's memory: 3 to 5 tok/s"),
  FormDecision("rtx-4060-ti-16gb, 32 GiB", "qwen3-14b", nearlyWhole + ["Q4_K_M"], [.llamaCpp], "6 bits fit 16 GB"),
  FormDecision(
    "rtx-4060-ti-16gb, 32 GiB", "mistral-small-3.2-24b-instruct-2506", fourBits, [.llamaCpp], "13 to 14 GB of 16"),
  FormDecision("rtx-3090, 64 GiB", "qwen3-32b", fourBits + ["Q5_K_M"], [.llamaCpp], "4 to 5 bits fill 24 GB"),
  FormDecision("rtx-4090, 64 GiB", "qwen3-32b", fourBits + ["Q5_K_M"], [.llamaCpp], "4 to 5 bits fill 24 GB"),
  FormDecision(
    "rtx-4090, 64 GiB", "qwen3-30b-a3b", ["Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0"], [.llamaCpp], "a mixture, fast"),
  FormDecision("rtx-4090, 64 GiB", "gemma-3-27b-it", ["Q4_K_M", "Q5_K_M", "Q6_K"], [.llamaCpp], "17 to 20 GB of 24"),
  FormDecision(
    "rtx-4090, 64 GiB", "llama-3.1-8b-instruct", nearlyWhole, [.llamaCpp, .vllm], "nearly whole, over 90 tok/s"),
  FormDecision("rtx-4090, 64 GiB", "gpt-oss-20b", own, [.llamaCpp, .vllm], "as published"),
  FormDecision("rtx-4090, 64 GiB", "gpt-oss-120b", own, [.llamaCpp], "experts in the host's memory"),
  FormDecision("rtx-4090, 64 GiB", "llama-3.3-70b-instruct", [], [], "half of it in the host's memory: 2 to 4 tok/s"),
  FormDecision("rtx-4090, 32 GiB", "llama-3.1-405b-instruct", [], [], "far too large"),
  FormDecision(
    "rtx-5090, 64 GiB", "qwen3-32b", ["Q5_K_M", "Q6_K", "Q4_K_M", "NVFP4"], [.llamaCpp, .vllm], "5 to 6 bits"),
  FormDecision(
    "2x rtx-3090, 64 GiB", "llama-3.3-70b-instruct", fourBits, [.llamaCpp, .vllm], "4 bits over 48 GB: the usual build"),
  FormDecision("rx-7900-xtx, 64 GiB", "qwen3-32b", fourBits + ["Q5_K_M"], [.llamaCpp], "24 GB by Vulkan or ROCm"),
  FormDecision("arc-b580, 32 GiB", "qwen3-8b", nearlyWhole, [.llamaCpp], "6 to 8 bits fit 12 GB"),
]

private let miniComputers: [FormDecision] = [
  FormDecision("ryzen-ai-max-395-128gb", "gpt-oss-120b", own, [.llamaCpp], "60 GB, 5 billion active at 256 GB/s"),
  FormDecision("ryzen-ai-max-395-128gb", "qwen3-30b-a3b", nearlyWhole, [.llamaCpp], "room for 8 bits and fast"),
  FormDecision("ryzen-ai-max-395-128gb", "llama-3.3-70b-instruct", [], [], "40 GB at 256 GB/s are 5 tok/s"),
  FormDecision(
    "ryzen-ai-max-395-128gb", "qwen3-235b-a22b-instruct-2507", ["Q3_K_M", "Q2_K"], [.llamaCpp],
    "3 bits fit 112 GB, 22 billion active"),
  FormDecision("dgx-spark-gb10", "gpt-oss-120b", own, [.llamaCpp, .vllm], "60 GB, 5 billion active at 273 GB/s"),
  FormDecision("dgx-spark-gb10", "qwen3-30b-a3b", nearlyWhole + ["NVFP4"], [.llamaCpp, .vllm], "room for 8 bits"),
  FormDecision("jetson-orin-nano-8gb", "qwen3-4b", fourBits + middling, [.llamaCpp], "68 GB/s and 8 GB for all"),
  FormDecision("raspberry-pi-5-8gb", "qwen3-8b", [], [], "17 GB/s over 5 GB are 3 tok/s"),
  FormDecision("raspberry-pi-5-8gb", "qwen3-0.6b", nearlyWhole + fourBits, [.llamaCpp], "half a gigabyte"),
]

private let servers: [FormDecision] = [
  FormDecision(
    "h100-sxm5-80gb, 256 GiB", "llama-3.3-70b-instruct", nearlyWhole + ["Q4_K_M"], [.llamaCpp, .vllm], "80 GB"),
  FormDecision("h100-sxm5-80gb, 256 GiB", "qwen3-32b", nearlyWhole, [.llamaCpp, .vllm], "nearly whole or whole"),
  FormDecision("h100-sxm5-80gb, 256 GiB", "gpt-oss-120b", own, [.llamaCpp, .vllm], "made for one such card"),
  FormDecision("a100-sxm4-80gb, 256 GiB", "qwen3-32b", nearlyWhole, [.llamaCpp, .vllm], "nearly whole or whole"),
  FormDecision("t4, 64 GiB", "qwen3-8b", nearlyWhole, [.llamaCpp], "16 GB without BF16"),
  FormDecision("mi300x, 512 GiB", "gpt-oss-120b", own, [.llamaCpp, .vllm], "192 GB"),
  FormDecision("dgx-h200", "deepseek-r1-0528", ["FP8"], [.vllm], "as published over all eight"),
  FormDecision(
    "apple-m3-ultra-512gb", "deepseek-r1-0528", fourBits + ["Q3_K_M", "Q5_K_M"], [.llamaCpp, .mlx], "512 GB"),
  FormDecision(
    "2x epyc-9654, 768 GiB", "qwen3-235b-a22b-instruct-2507", fourBits + nearlyWhole + ["Q3_K_M"], [.llamaCpp, .vllm],
    "22 billion active at 460 GB/s a socket"),
]
