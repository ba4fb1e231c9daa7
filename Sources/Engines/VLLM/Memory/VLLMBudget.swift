public import Models
public import Units

/// How vLLM divides a device's memory: a share of all of it, less weights, activations and graphs, is the cache.
public struct VLLMBudget: Hashable, Sendable {
  public var weights: ByteCount
  /// What the profile run of a full batch adds; with its band.
  public var activations: Figure<ByteCount>
  public var graphs: Figure<ByteCount>
  /// Context of the driver, collectives and libraries.
  public var overhead: Figure<ByteCount>

  /// Bytes left for the cache in `requested`; zero where the rest does not leave any.
  public func cache(in requested: ByteCount) -> ByteCount {
    requested - (weights + activations.value + graphs.value + overhead.value)
  }

  /// Works out one rank's share.
  ///
  /// - Parameter weightBytes: all tensors of the model.
  public init(
    _ model: Model, weightBytes: ByteCount, tensorParallel: Int, pipelineParallel: Int, dataParallel: Int = 1,
    batchedTokens: Int, enforceEager: Bool, onGPU: Bool
  ) {
    let ranks = max(1, tensorParallel)
    let stages = max(1, pipelineParallel)
    weights = Self.rankWeights(model, weightBytes, ranks: ranks, stages: stages, copies: max(1, dataParallel))
    let peak = Self.activationBytes(model, batchedTokens: batchedTokens, ranks: ranks)
    activations = Figure(
      peak, Source(.computed, "widest layer of a batch of \(batchedTokens) tokens, and its logits"),
      low: peak.scaled(by: 0.6),
      high: peak.scaled(by: 2.5))
    let graph = ByteCount.mebibytes(onGPU && !enforceEager ? 650 : 0)
    graphs = Figure(
      graph, Source(.measured, "CUDA graphs of gemma-3-4b, llama.cpp pull 21489 on vLLM"), low: graph.scaled(by: 0.3),
      high: graph.scaled(by: 2))
    let base = ByteCount.mebibytes(onGPU ? 512 : 700)
    overhead = Figure(
      base + ByteCount.mebibytes(onGPU && ranks > 1 ? 392 : 0),
      Source(.measured, onGPU ? "driver context and collectives" : "imported libraries of vLLM CPU 0.32.0"),
      low: base.scaled(by: 0.6), high: base.scaled(by: 2) + ByteCount.mebibytes(onGPU && ranks > 1 ? 400 : 0))
  }

  /// Matrices are cut over the ranks; norms, routers and the latent projections are copied to each.
  ///
  /// Copies by data parallelism share the experts (with or without `--enable-expert-parallel`), and nothing else.
  private static func rankWeights(
    _ model: Model, _ bytes: ByteCount, ranks: Int, stages: Int, copies: Int
  ) -> ByteCount {
    guard ranks > 1 || stages > 1 || copies > 1 else { return bytes }
    var copied = ByteCount.zero
    var experts = ByteCount.zero
    var stored = ByteCount.zero
    for tensor in model.tensors {
      stored += tensor.bytes
      if isCopied(tensor) { copied += tensor.bytes }
      if isExpert(tensor) { experts += tensor.bytes }
    }
    // The file's own proportion holds for a form that is yet to be made.
    let share = stored > .zero ? Double(experts.bytes) / Double(stored.bytes) : 0
    let expertBytes = bytes == stored ? experts : bytes.scaled(by: share)
    let shared = ranks.multipliedReportingOverflow(by: copies).partialValue
    let cut = bytes - copied - expertBytes
    let rank = divided(cut, ranks) + divided(expertBytes, shared) + copied
    return divided(rank, stages)
  }

  private static func divided(_ bytes: ByteCount, _ parts: Int) -> ByteCount {
    ByteCount(bytes.bytes / parts + (bytes.bytes % parts == 0 ? 0 : 1))
  }

  private static func isExpert(_ tensor: Tensor) -> Bool {
    (tensor.name.contains(".experts.") || tensor.name.contains("_exps.")) && !tensor.name.contains("shared")
  }

  private static func isCopied(_ tensor: Tensor) -> Bool {
    tensor.dimensions.count < 2 || tensor.name.contains("kv_a_proj") || tensor.name.contains("q_a_proj")
      || tensor.name.contains("attn_kv_a") || tensor.name.contains("attn_q_a") || tensor.name.contains(".gate.weight")
      || tensor.name.contains("ffn_gate_inp")
  }

  private static func activationBytes(_ model: Model, batchedTokens: Int, ranks: Int) -> ByteCount {
    let width = model.shape.embeddingLength
    let widest =
      model.layers.map { layer -> Int in
        let routed = layer.experts.map { $0.usedCount * $0.feedForwardLength + $0.sharedFeedForwardLength } ?? 0
        return max(layer.feedForwardLength, routed)
      }.max() ?? width
    let perToken = 2 * (4 * width + 3 * widest / ranks)
    let logits = ByteCount(model.shape.vocabularySize) * 4 * min(batchedTokens, 256)
    return ByteCount(perToken) * batchedTokens + logits
  }
}
