public import Engines
import Hardware
import Models
public import Units

/// Which engine should serve a model on a machine, how, and why not the others.
public struct EngineChoice: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.choice/1"

  /// One engine with its answer.
  public struct Candidate: Hashable, Sendable, Codable {
    public var engine: EngineKind
    /// Placement and why; nil where the engine cannot run the model at all.
    public var placing: PlacementChoice?
    /// Why it is refused; nil where it can be used.
    public var refusal: Reason?
    /// Why it ranks where it does, the deciding one first.
    public var reasons: [Reason]
    public var speed: SpeedPrediction?
    /// Larger is better; only the order means anything.
    var rank: Double
  }

  public var schema = EngineChoice.schema
  public var machine: String
  public var model: String
  public var quantization: String
  /// Usable engines best first, then the refused.
  public var candidates: [Candidate]

  /// The first candidate that can be used.
  public var chosen: Candidate? { candidates.first { $0.refusal == nil } }
}

extension EngineChoice {
  /// Asks every engine, places the model for those that can, predicts their speed, and ranks them.
  public init(_ placing: Placing, engines: [EngineKind] = EngineKind.allCases, estimator: SpeedEstimator?) {
    machine = placing.machine.name
    model = placing.model.name
    quantization = placing.quantization
    var all = engines.map { Self.candidate($0, placing, estimator) }
    // MLX without Apple's GPU is for who asks for it by name, not something to be given.
    if engines.count > 1 {
      for index in all.indices {
        all[index].refusal = all[index].refusal ?? all[index].reasons.first { $0.code == "no-apple-gpu" }
      }
    }
    candidates =
      all.filter { $0.refusal == nil }.sorted { $0.rank > $1.rank } + all.filter { $0.refusal != nil }
  }

  private static func candidate(_ kind: EngineKind, _ placing: Placing, _ estimator: SpeedEstimator?) -> Candidate {
    let engine = EngineCatalogue.engine(kind)
    let answer = engine.capability(of: placing.model, quantization: placing.quantization, on: placing.machine)
    var out = Candidate(engine: kind, reasons: [], rank: 0)
    guard case .yes(let notes) = answer else {
      if case .no(let reason) = answer { out.refusal = reason }
      return out
    }
    let choice = placing.choice(for: kind)
    out.placing = choice
    if let refusal = choice.refusal {
      out.refusal = refusal
      return out
    }
    let rule = EngineRule(kind, placing)
    out.reasons = [rule.reason] + choice.reasons + notes
    out.rank = rule.rank
    if let estimator {
      var request = SpeedRequest(
        machine: placing.machine, model: placing.model, quantization: placing.quantization,
        weightBytes: placing.weightBytes, engine: kind, placement: choice.placement, workload: placing.workload)
      request.settings = choice.settings
      out.speed = estimator.prediction(request)
    }
    return out
  }
}

/// The rule by which an engine is preferred or kept for want of a better one.
struct EngineRule {
  var rank: Double
  var reason: Reason

  init(_ engine: EngineKind, _ placing: Placing) {
    let vendor = placing.machine.accelerators.first?.vendor.value ?? ""
    let isEmbedding = placing.model.shape.isEncoderOnly
    switch engine {
    case .ampereLlamaCpp where placing.machine.accelerators.isEmpty:
      (rank, reason) = (3, Reason("ampere-build", "Ampere's build is the faster llama.cpp on Ampere's own processors"))
    case .ampereLlamaCpp:
      (rank, reason) = (
        0.5, Reason("cpu-build", "Ampere's build computes on the processor, and there is an accelerator")
      )
    case .llamaCpp:
      (rank, reason) = (2, Reason("gguf-native", "llama.cpp is made for GGUF, on any processor and accelerator"))
    case .mlx where vendor == "Apple":
      (rank, reason) = (3, Reason("apple-native", "MLX is made for Apple's GPUs and reads safetensors"))
    case .mlx: (rank, reason) = (0.5, Reason("no-apple-gpu", "MLX without Apple's GPU is for tests"))
    case .vllm where placing.machine.accelerators.isEmpty:
      (rank, reason) = (
        1, Reason("safetensors-on-cpu", "vLLM's CPU build is the engine that serves safetensors on a CPU")
      )
    case .vllm:
      (rank, reason) = (2.5, Reason("server-batches", "vLLM serves safetensors in batches on \(vendor) accelerators"))
    }
    if isEmbedding, engine == .vllm || engine == .llamaCpp {
      reason = Reason("embedding-model", "\(engine.rawValue) serves embeddings: no tokens are generated")
    }
  }
}
