import Models
public import Units

/// How vLLM divides a device's memory: a share of all of it, less weights, activations and graphs, is the cache.
public struct VLLMBudget: Hashable, Sendable {
  public var weights: ByteCount
  /// What the profile run of a full batch adds; with its band.
  public var activations: Figure<ByteCount>
  public var graphs: Figure<ByteCount>
  /// Context of the driver, collectives and libraries.
  public var overhead: Figure<ByteCount>

  private var buffers: [Figure<ByteCount>] { [activations, graphs, overhead] }

  /// Bytes left for the cache in `requested`, with the band that the buffers leave; zero where they leave nothing.
  public func cache(in requested: ByteCount) -> Figure<ByteCount> {
    func left(_ amount: (Figure<ByteCount>) -> ByteCount) -> ByteCount {
      let taken = buffers.reduce(weights) { $0 + amount($1) }
      return taken < requested ? requested - taken : .zero
    }
    return Figure(
      left(\.value), Source(.computed, "what is left for the cache"), low: left { $0.high ?? $0.value },
      high: left { $0.low ?? $0.value })
  }

  /// What is taken beyond the share at most: libraries grow after the cache was made. Releases of 2026 measure the graphs
  /// before they size the cache, so that graphs leave less of the share to it and take nothing beside it.
  var growth: ByteCount { (overhead.high ?? overhead.value) - overhead.value }

  /// Works out one rank's share.
  ///
  /// The bands hold the figures of 214 logged starts on accelerators of 2023 to 2026: libraries of 0.1 to 1 GiB, graphs
  /// of 0 to 2.5 GiB, activations from a fifth of to three times what is expected.
  ///
  /// - Parameter sequences: requests at once, for each of which the sampler keeps logits.
  init(
    _ model: Model, weights: VLLMWeights, tensorParallel: Int, pipelineParallel: Int, dataParallel: Int = 1,
    batchedTokens: Int, sequences: Int, enforceEager: Bool, onGPU: Bool
  ) {
    let ranks = max(1, tensorParallel)
    self.weights = weights.ofRank(ranks: ranks, stages: max(1, pipelineParallel), copies: max(1, dataParallel))
    let peak = Self.activationBytes(model, batchedTokens: batchedTokens, sequences: sequences, ranks: ranks)
    activations = Figure(
      peak,
      Source(.computed, "widest layer of a batch of \(batchedTokens) tokens, or logits of \(sequences) sequences"),
      low: peak.scaled(by: 0.2), high: peak.scaled(by: 3))
    let graph = ByteCount.mebibytes(onGPU && !enforceEager ? 650 : 0)
    graphs = Figure(
      graph, Source(.measured, "CUDA graphs of 48 logged starts: 0.8 GiB in the middle"), low: .zero,
      high: graph.scaled(by: 4))
    let base = ByteCount.mebibytes(onGPU ? 512 : 700)
    overhead = Figure(
      base + ByteCount.mebibytes(onGPU && ranks > 1 ? 392 : 0),
      Source(.measured, onGPU ? "driver context and collectives" : "imported libraries of vLLM CPU 0.32.0"),
      low: base.scaled(by: onGPU ? 0.15 : 0.6),
      high: base.scaled(by: 2) + ByteCount.mebibytes(onGPU && ranks > 1 ? 400 : 0))
  }

  /// The larger of a full batch in the widest layer and the sampler's copies of the logits.
  ///
  /// The sampler's warm-up was seen to take nine times the logits in 32 bits: 4.76 GiB for a vocabulary of 128,256, 5.6
  /// for 151,936 and 7.4 for 201,088, each with 1024 sequences.
  private static func activationBytes(_ model: Model, batchedTokens: Int, sequences: Int, ranks: Int) -> ByteCount {
    let width = model.shape.embeddingLength
    let widest =
      model.layers.map { layer -> Int in
        let routed = layer.experts.map { $0.usedCount * $0.feedForwardLength + $0.sharedFeedForwardLength } ?? 0
        return max(layer.feedForwardLength, routed)
      }.max() ?? width
    let perToken = 2 * (4 * width + 3 * widest / ranks)
    let vocabulary = ByteCount(model.shape.vocabularySize) * 4
    let batch = ByteCount(perToken) * batchedTokens + vocabulary * min(batchedTokens, 256)
    return max(batch, vocabulary * 9 * min(max(1, sequences), 1024))
  }
}
