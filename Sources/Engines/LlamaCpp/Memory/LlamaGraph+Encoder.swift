import Models

extension LlamaGraph {
  /// Adds attention among the batch's own tokens, without a cache.
  func uncachedAttention(
    _ heads: Heads, _ index: Int, layer: Layer, output: String = "attn_output", bias: GraphTensor? = nil
  )
    -> GraphTensor
  {
    for part in [heads.query, heads.key, heads.value] { graph.expand(part) }
    let isSliding = layer.kind == .sliding || layer.kind == .chunked
    let current = mixed(
      heads.query, keyCells: tokens, valueLength: layer.valueLength, mask: isSliding ? slidingBatchMask : batchMask,
      streams: 1, decompressed: nil, cached: [heads.key, heads.value], bias: bias)
    return projected(current, output, index)
  }

  /// Builds an encoder of the BERT family: norms follow the blocks, and there are no logits.
  func encoder() {
    let architecture = facts.model.architecture
    var stream = embeddings()
    if facts.has("token_types.weight") { stream = graph.elementwise(stream) }
    if architecture == "bert" {
      stream = graph.elementwise(graph.tableRows(width: facts.embedding, positions), stream)
    }
    stream = normalized(stream, "token_embd_norm", norm: .layer)
    for (index, layer) in facts.trunk.enumerated() {
      graph.markBlockStart()
      stream = encoderBlock(stream, index, layer, selectsRows: index == facts.trunk.count - 1)
    }
    graph.markOutput(stream)
    graph.expand(stream)
  }

  private func encoderBlock(_ stream: GraphTensor, _ index: Int, _ layer: Layer, selectsRows: Bool) -> GraphTensor {
    let architecture = facts.model.architecture
    var parts = heads(stream, index, layer: layer)
    if ["nomic-bert", "nomic-bert-moe", "jina-bert-v3"].contains(architecture) {
      parts.query = rotated(parts.query)
      parts.key = rotated(parts.key)
    }
    var attended = uncachedAttention(parts, index, layer: layer)
    var residual = stream
    if selectsRows {
      attended = outputRows(of: attended)
      residual = outputRows(of: stream)
    }
    var joined = normalized(
      graph.elementwise(attended, residual), "attn_output_norm", layer: index, norm: .layer)
    if facts.has("attn_norm_2.weight", index) {
      joined = normalized(graph.elementwise(joined, residual), "attn_norm_2", layer: index, norm: .layer)
    }
    var fed: GraphTensor
    if let routed = layer.experts, facts.has("ffn_gate_inp.weight", index) {
      var routing = Routing()
      routing.normalizes = false
      fed = experts(joined, index, routed, routing)
    } else {
      fed = feedForward(joined, index, facts.has("ffn_gate.weight", index) ? .gated : .pointwise)
    }
    fed = graph.elementwise(fed, joined)
    return normalized(fed, "layer_output_norm", layer: index, norm: .layer)
  }
}
