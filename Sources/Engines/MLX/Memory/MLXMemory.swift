public import Models
public import Units

/// What mlx-lm allocates: the parameters as stored, a cache that grows in steps, and scratch for a prompt's step.
public struct MLXMemory: Sendable {
  let model: Model

  public init(_ model: Model) { self.model = model }

  /// Tokens that a cache grows by at a time.
  public static let step = 256

  /// Returns the bytes of the caches of `sequences` requests of this many tokens, of keys and values in 16 bits unless
  /// the weights are in 32.
  public func cacheBytes(tokens: Int, sequences: Int) -> ByteCount {
    let element = elementBytes
    return model.layers.reduce(ByteCount.zero) { sum, layer in
      sum + cacheBytes(layer, tokens: tokens, element: element) * sequences
    }
  }

  private func cacheBytes(_ layer: Layer, tokens: Int, element: Int) -> ByteCount {
    guard layer.kind != .recurrent, layer.kind != .none, layer.sharesCacheOf == nil, !layer.isNextTokenPrediction else {
      return .zero
    }
    let grown = (max(1, tokens) + Self.step - 1) / Self.step * Self.step
    // A rotating cache stops at its window.
    let rows = (layer.kind == .sliding || layer.kind == .chunked) ? min(grown, max(layer.window ?? grown, 1)) : grown
    let values = layer.kind == .latent ? 0 : layer.valueLength * layer.kvHeadCount
    let keys = layer.kind == .latent ? layer.keyLength : layer.keyLength * layer.kvHeadCount
    return ByteCount((keys + values) * element) * rows
  }

  /// Returns the bytes of recurrent states, kept in 32 bits.
  public func stateBytes(sequences: Int) -> ByteCount {
    let facts = LlamaModelFacts(model)
    return model.layers.reduce(ByteCount.zero) { sum, layer in
      guard layer.kind == .recurrent || layer.kind == .hybrid else { return sum }
      let widths = facts.stateWidths(layer)
      return sum + ByteCount(4) * (widths.convolution + widths.state) * sequences
    }
  }

  /// Bytes of one cached element: those of the type that activations have.
  private var elementBytes: Int {
    let norm = model.tensors.first { $0.name.hasSuffix("norm.weight") || $0.name.hasSuffix("layernorm.weight") }
    return norm?.type == "F32" ? 4 : 2
  }

  /// Scratch for one step of a prompt: activations of the widest layer and the attention's scores.
  public func scratchBytes(promptStep: Int) -> Figure<ByteCount> {
    let width = model.shape.embeddingLength
    let widest = model.layers.map { max($0.feedForwardLength, $0.experts?.feedForwardLength ?? 0) }.max() ?? width
    let expected = ByteCount(elementBytes * (6 * width + 3 * widest)) * promptStep
    return Figure(
      expected,
      Source(.computed, "widest layer of a step of \(promptStep) tokens; seven runs of mlx-lm 0.32.2 lie within"),
      low: expected.scaled(by: 0.5), high: expected.scaled(by: 3))
  }
}
