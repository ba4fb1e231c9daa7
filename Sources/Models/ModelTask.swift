import Units

/// What a model is made to answer with.
public enum ModelTask: String, Hashable, Sendable, Codable, CaseIterable {
  /// Text, token by token.
  case generation
  /// One vector for each text.
  case embedding
  /// One score for each pair of texts.
  case reranking
}

extension Model {
  /// What it is made to answer with: by its architecture or the pooling that its header states, else by its name.
  ///
  /// Embedders made of a decoder, such as Qwen3-Embedding, have the configuration of the model that they were made of:
  /// nothing but the name tells them apart.
  public var task: ModelTask {
    let words = Set((statedName ?? name).lowercased().split { !$0.isLetter && !$0.isNumber }.map { String($0) })
    if words.contains(where: { $0.hasPrefix("rerank") }) { return .reranking }
    // GGUF's `pooling_type`: 0 none, 1 mean, 2 first, 3 last, 4 rank.
    switch shape.extras["pooling_type"] {
    case 4?: return .reranking
    case let pooling? where pooling > 0: return .embedding
    default: break
    }
    // Those that denoise a text see all of it at once, as encoders do, and write it nevertheless.
    if shape.isEncoderOnly { return Self.denoisers.contains(architecture) ? .generation : .embedding }
    return words.contains(where: { $0.hasPrefix("embedding") || $0 == "embed" }) ? .embedding : .generation
  }

  /// True where it takes images: by its configuration, a vision encoder among its tensors, or a projector beside it.
  public var seesImages: Bool {
    if visionHeadCount != nil || companions.contains(where: { $0.role == .projector }) { return true }
    if format == .gguf { return Self.seeingArchitectures.contains(architecture) }
    return tensors.contains { tensor in Self.seeingPrefixes.contains(where: tensor.name.hasPrefix) }
  }

  private static let seeingPrefixes = [
    "visual.", "model.visual.", "vision_tower.", "vision_model.", "model.vision_tower.",
  ]

  /// Attention heads of its vision encoder; nil where there is none or its configuration does not say.
  public var visionHeadCount: Int? {
    shape.extras["vision.attention.head_count"].flatMap { $0 >= 1 && $0 <= 65_536 ? Int($0) : nil }
  }

  /// Attention heads of its vision encoder, where tensor parallelism has to divide them; nil where it has not.
  public var dividedVisionHeadCount: Int? { shape.extras["vision.pads_heads"] == 1 ? nil : visionHeadCount }

  private static let denoisers: Set<String> = ["dream", "llada", "llada-moe", "rnd1"]

  /// Architectures of GGUF files whose models always see; others tell it by the projector beside them alone.
  private static let seeingArchitectures: Set<String> = [
    "qwen2vl", "qwen3vl", "qwen3vlmoe", "llama4", "cogvlm", "chameleon", "minicpmv", "glm4v", "glm4vmoe", "paddleocr",
  ]
}
