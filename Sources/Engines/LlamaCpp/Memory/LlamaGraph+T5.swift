import Models

/// The T5 family: positions are a bias on the scores, and the decoder attends to what the encoder made of the prompt.
extension LlamaGraph {
  /// Adds the bias of each head on the scores, from the distance between tokens; each layer makes its own.
  private func positionBias(_ buckets: GraphTensor, heads: Int) -> GraphTensor {
    let shape = graph.shape(buckets)
    let flat = graph.reshaped(buckets, Shape(shape[0] * shape[1], 1, 1, 1))
    let rows = graph.reshaped(graph.rows(width: heads, flat), Shape(heads, shape[0], shape[1], 1))
    return graph.packed(graph.permuted(rows, Shape(2, 0, 1, 3)))
  }

  /// Builds the decoder, which is what the engine reserves for.
  func crossDecoder() {
    var stream = embeddings()
    // Before a prompt is known the encoder's output is taken as long as the model was trained for.
    let encodedLength = facts.shape.contextLength
    let encoded = graph.input(Shape(facts.embedding, encodedLength, 1, 1))
    let buckets = graph.input(Shape(request.cells, tokens, 1, 1))
    let crossMask = graph.input(Shape(encodedLength, tokens, 1, 1), elementBytes: request.flashAttention ? 2 : 4)
    for (index, layer) in facts.trunk.enumerated() {
      graph.markBlockStart()
      let parts = heads(normalized(stream, "attn_norm", layer: index, norm: .rootMeanSquare), index, layer: layer)
      let bias = positionBias(buckets, heads: layer.headCount)
      var joined = graph.elementwise(attention(parts, index, layer: layer, output: "attn_o", bias: bias), stream)
      let input = normalized(joined, "cross_attn_norm", layer: index, norm: .rootMeanSquare)
      var crossed = crossAttention(input, encoded, mask: crossMask, index, layer)
      if index == facts.trunk.count - 1 { (crossed, joined) = (outputRows(of: crossed), outputRows(of: joined)) }
      stream = fed(graph.elementwise(crossed, joined), index)
    }
    finish(stream, norm: .rootMeanSquare, name: "dec.output_norm")
  }

  private func crossAttention(
    _ input: GraphTensor, _ encoded: GraphTensor, mask: GraphTensor, _ index: Int, _ layer: Layer
  ) -> GraphTensor {
    let length = graph.shape(encoded)[1]
    let query = graph.reshaped(
      projected(input, "cross_attn_q", index), Shape(layer.keyLength, layer.headCount, tokens, 1))
    let key = graph.reshaped(
      projected(encoded, "cross_attn_k", index), Shape(layer.keyLength, layer.kvHeadCount, length, 1))
    let value = graph.reshaped(
      projected(encoded, "cross_attn_v", index), Shape(layer.valueLength, layer.kvHeadCount, length, 1))
    for part in [query, key, value] { graph.expand(part) }
    let attended = mixed(
      query, keyCells: length, valueLength: layer.valueLength, mask: mask, streams: 1, decompressed: nil,
      cached: [key, value])
    return projected(attended, "cross_attn_o", index)
  }

  /// Builds the encoder alone, whose result is the embeddings.
  func biasedEncoder() {
    var stream = embeddings()
    let buckets = graph.input(Shape(tokens, tokens, 1, 1))
    for (index, layer) in facts.trunk.enumerated() {
      graph.markBlockStart()
      let parts = heads(normalized(stream, "attn_norm", layer: index, norm: .rootMeanSquare), index, layer: layer)
      let bias = positionBias(buckets, heads: layer.headCount)
      var attended = uncachedAttention(parts, index, layer: layer, output: "attn_o", bias: bias)
      if index == facts.trunk.count - 1 { (attended, stream) = (outputRows(of: attended), outputRows(of: stream)) }
      stream = fed(graph.elementwise(attended, stream), index)
    }
    let result = normalized(stream, "enc.output_norm", norm: .rootMeanSquare)
    graph.markOutput(result)
    graph.expand(result)
  }

  private func fed(_ joined: GraphTensor, _ index: Int) -> GraphTensor {
    let input = normalized(joined, "ffn_norm", layer: index, norm: .rootMeanSquare)
    return graph.elementwise(feedForward(input, index, .gated), joined)
  }
}
