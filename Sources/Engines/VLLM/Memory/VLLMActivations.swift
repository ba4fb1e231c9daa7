import Models
import Units

/// What vLLM's profile run of a full batch takes at its peak.
struct VLLMActivations {
  let figure: Figure<ByteCount>

  init(_ model: Model, seesImages: Bool, _ rank: VLLMBudget.Rank) {
    let ranks = max(1, rank.tensorParallel)
    let perToken = model.layers.map { Self.elements($0, width: model.shape.embeddingLength, ranks: ranks) }.max() ?? 0
    let batch = ByteCount(2 * perToken) * rank.batchedTokens
    let logits = ByteCount(model.shape.vocabularySize) * 4 * min(max(1, rank.sequences), 1024)
    let encoder = seesImages && rank.device != nil ? ByteCount.mebibytes(1536) : .zero
    // Releases of 2025 copied the logits in the sampler's warm-up: 9.6 times 32 bits for each of the sequences was seen for
    // vocabularies of 128,256, 151,936 and 201,088.
    figure = Figure(
      batch + logits,
      Source(
        .computed,
        "widest layer of a batch of \(rank.batchedTokens) tokens, and logits of \(rank.sequences) sequences"),
      low: batch.scaled(by: 0.5) + logits.scaled(by: 0.5),
      high: max(batch.scaled(by: 1.5) + logits.scaled(by: 2), logits.scaled(by: 10) + batch.scaled(by: 0.3)) + encoder)
  }

  /// Elements of 16 bits that one token has at once in a layer of one rank.
  ///
  /// The stream and the attention's vectors; a feed-forward network's gate, up and product; of routed experts the outputs of
  /// each that a token visits, which are whole on every rank (`fused_moe`'s caches); the compressed queries of latent
  /// attention, their result and a copy.
  private static func elements(_ layer: Layer, width: Int, ranks: Int) -> Int {
    var feedForward = 3 * layer.feedForwardLength / ranks
    if let experts = layer.experts {
      let inner = experts.feedForwardLength / ranks
      let routed = experts.usedCount * (max(2 * inner, width) + inner)
      feedForward = max(feedForward, routed + 3 * experts.sharedFeedForwardLength / ranks)
    }
    let latent = layer.kind == .latent || layer.kind == .sparse ? 3 * layer.headCount / ranks * layer.keyLength : 0
    return 4 * width + max(feedForward, latent)
  }
}
