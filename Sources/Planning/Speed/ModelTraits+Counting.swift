import Models

extension ModelTraits {
  /// Counts a model's parameters from its shape, for a bare configuration.
  ///
  /// Attention, feed-forward, experts, embeddings; norms and biases are too small to matter for speed.
  static func countedParameters(of model: Model) -> (total: Double, active: Double) {
    let width = Double(model.shape.embeddingLength)
    let table = width * Double(model.shape.vocabularySize)
    var total = table * (model.shape.hasTiedEmbeddings ? 1 : 2)
    var active = total
    for layer in model.layers where !layer.isNextTokenPrediction {
      let attention = attentionParameters(of: layer, width: width)
      total += attention
      active += attention
      if let experts = layer.experts {
        let one = 3 * width * Double(experts.feedForwardLength)
        let shared = 3 * width * Double(experts.sharedFeedForwardLength)
        total += one * Double(experts.count) + shared
        active += one * Double(experts.usedCount) + shared
      } else {
        let block = 3 * width * Double(layer.feedForwardLength)
        total += block
        active += block
      }
    }
    return (total, active)
  }

  private static func attentionParameters(of layer: Layer, width: Double) -> Double {
    let heads = Double(layer.headCount)
    switch layer.kind {
    case .none, .unknown: return 0
    case .latent:
      // Down- and up-projections of queries and of the compressed vector, and the output matrix.
      let rank = Double(layer.keyLength)
      return width * rank + rank * heads * 256 + width * 1536 + 1536 * heads * 192 + heads * 128 * width
    case .recurrent: return 6 * width * width
    case .full, .sliding, .chunked, .sparse, .hybrid:
      let stored = Double(layer.kvHeadCount) * Double(layer.keyLength + layer.valueLength)
      return 2 * width * heads * Double(layer.keyLength) + width * stored
    }
  }
}
