import Engines
import Hardware
import Models
import Units

/// The rule by which an engine is preferred or kept for want of a better one.
struct EngineRule {
  /// Larger is better; only the order means anything.
  var rank: Double
  var reason: Reason
  /// True for the engine that the model's format is made for on this hardware: whose refusal is the one that matters.
  var isMadeForFormat: Bool

  init(_ engine: EngineKind, _ placing: Placing) {
    let machine = placing.machine
    let vendor = machine.accelerators.first?.vendor.value ?? .unknown
    let isGGUF = placing.model.format == .gguf
    switch engine {
    case .ampereLlamaCpp where machine.accelerators.isEmpty:
      (rank, reason) = (3, Reason(.ampereBuild, "Ampere's build is the faster llama.cpp on Ampere's own processors"))
      isMadeForFormat = false
    case .ampereLlamaCpp:
      (rank, reason) = (
        0.5, Reason(.cpuBuild, "Ampere's build computes on the processor, and there is an accelerator")
      )
      isMadeForFormat = false
    case .llamaCpp:
      (rank, reason) = (2, Reason(.ggufNative, "llama.cpp is made for GGUF, on any processor and accelerator"))
      isMadeForFormat = isGGUF
    case .mlx where vendor == .apple:
      (rank, reason) = (3, Reason(.appleNative, "MLX is made for Apple's GPUs and reads safetensors"))
      isMadeForFormat = !isGGUF
    case .mlx:
      (rank, reason) = (0.5, Reason(.noAppleGPU, "MLX without Apple's GPU is for tests"))
      isMadeForFormat = placing.model.format == .mlx
    case .vllm where machine.accelerators.isEmpty:
      (rank, reason) = (
        1, Reason(.safetensorsOnCPU, "vLLM's CPU build is the engine that serves safetensors on a CPU")
      )
      isMadeForFormat = !isGGUF && placing.model.format != .mlx
    case .vllm:
      (rank, reason) = (2.5, Reason(.serverBatches, "vLLM serves safetensors in batches on \(vendor) accelerators"))
      isMadeForFormat = !isGGUF && placing.model.format != .mlx && vendor != .apple
    }
    // Encoders write nothing, so neither batches nor tokens decide.
    if placing.model.task != .generation, engine == .vllm || engine == .llamaCpp {
      let what = placing.model.task == .embedding ? "embeddings" : "scores of pairs"
      reason = Reason(
        placing.model.task == .embedding ? .embeddingModel : .reranker,
        "\(engine.rawValue) serves \(what): no tokens are generated")
    }
  }
}

extension EngineChoice.Candidate {
  /// Says why it comes after the engine that was chosen, with both speeds where both are predicted.
  mutating func rankLower(than best: EngineChoice.Candidate) {
    var message = "after \(best.engine.rawValue)"
    if let first = best.reasons.first { message += ": \(first.message)" }
    if let own = speed?.comparable, let other = best.speed?.comparable {
      message +=
        "; \(own.formatted(significant: 3)) tokens/s are predicted, \(other.formatted(significant: 3)) with "
        + best.engine.rawValue
    }
    reasons.insert(
      Reason(.rankedLower, message, remedy: "choose it by --engine \(engine.rawValue)"), at: 0)
  }
}

extension SpeedPrediction {
  /// Output tokens a second of all streams, by which two engines are compared.
  fileprivate var comparable: Double? { (decodeAggregate ?? decode)?.expected }
}
