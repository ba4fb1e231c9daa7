import Models

extension LlamaGraph {
  /// Adds multi-head latent attention: queries are compared with the compressed vectors themselves.
  func latentAttention(_ input: GraphTensor, _ index: Int, _ layer: Layer) -> GraphTensor {
    let rank = facts.integer("attention.kv_lora_rank") ?? layer.valueLength
    let rotary = facts.integer("rope.dimension_count") ?? max(0, layer.keyLength - rank)
    let keyLength = facts.integer("attention.key_length_mla") ?? layer.keyLength
    let valueLength = facts.integer("attention.value_length_mla") ?? layer.valueLength
    let query = latentQuery(input, index, keyLength: keyLength, heads: layer.headCount)
    guard facts.has("attn_k_b.weight", index) else {
      let (latent, keyPart) = compressed(input, index, rank: rank, rotary: rotary)
      return expandedAttention(
        query, latent, keyPart, index, layer, plain: keyLength - rotary, valueLength: valueLength)
    }
    let parts = latentHeads(input, index, layer, query: query)
    graph.expand(parts.query)
    graph.expand(parts.value)
    graph.expand(parts.key)
    storeKeys(parts.key, latentInputs)
    let current = mixed(
      parts.query, keyCells: request.cells, valueLength: rank, mask: latentInputs.mask, streams: request.streams,
      decompressed: valueLength)
    return projected(current, "attn_output", index)
  }

  /// Adds a token's compressed vector, normalized, and the part of its key that is rotated.
  private func compressed(_ input: GraphTensor, _ index: Int, rank: Int, rotary: Int) -> (GraphTensor, GraphTensor) {
    let both = projected(input, "attn_kv_a_mqa", index)
    let latent = normalized(
      graph.view(both, Shape(rank, tokens, 1, 1)), "attn_kv_a_norm", layer: index, norm: .rootMeanSquare)
    return (latent, latentRotated(graph.view(both, Shape(rotary, 1, tokens, 1))))
  }

  private func latentRotated(_ tensor: GraphTensor) -> GraphTensor {
    facts.model.architecture == "kimi-linear" ? tensor : rotated(tensor)
  }

  /// Adds query, key and value in the compressed space, one head of keys for all heads of queries.
  func latentHeads(_ input: GraphTensor, _ index: Int, _ layer: Layer, query: GraphTensor) -> Heads {
    let rank = facts.integer("attention.kv_lora_rank") ?? layer.valueLength
    let rotary = facts.integer("rope.dimension_count") ?? max(0, layer.keyLength - rank)
    let plain = (facts.integer("attention.key_length_mla") ?? layer.keyLength) - rotary
    let (latent, keyPart) = compressed(input, index, rank: rank, rotary: rotary)
    let queryPlain = graph.permuted(graph.view(query, Shape(plain, layer.headCount, tokens, 1)), Shape(0, 2, 1, 3))
    let absorbed = graph.permuted(graph.multiplied(queryPlain, rows: rank), Shape(0, 2, 1, 3))
    let queryPart = latentRotated(graph.view(query, Shape(rotary, layer.headCount, tokens, 1)))
    var joint = graph.joined(absorbed, queryPart)
    if facts.isSet("attention.temperature_scale") { joint = graph.elementwise(joint, positionScale) }
    let value = graph.reshaped(latent, Shape(rank, 1, tokens, 1))
    return Heads(query: joint, key: graph.joined(value, keyPart), value: value)
  }

  private func latentQuery(_ input: GraphTensor, _ index: Int, keyLength: Int, heads: Int) -> GraphTensor {
    var query: GraphTensor
    if facts.has("attn_q_a.weight", index) {
      query = normalized(projected(input, "attn_q_a", index), "attn_q_a_norm", layer: index, norm: .rootMeanSquare)
      query = projected(query, "attn_q_b", index)
    } else {
      query = projected(input, "attn_q", index)
    }
    return graph.reshaped(query, Shape(keyLength, heads, tokens, 1))
  }

  /// Adds attention with keys and values expanded from the compressed vector, as older files need it.
  private func expandedAttention(
    _ query: GraphTensor, _ latent: GraphTensor, _ keyPart: GraphTensor, _ index: Int, _ layer: Layer, plain: Int,
    valueLength: Int
  ) -> GraphTensor {
    let heads = layer.headCount
    let both = projected(latent, "attn_kv_b", index)
    let value = graph.packed(graph.view(both, Shape(valueLength, heads, tokens, 1)))
    let rotary = graph.shape(keyPart)[0]
    let key = graph.joined(
      graph.view(both, Shape(plain, heads, tokens, 1)), graph.repeated(keyPart, Shape(rotary, heads, tokens, 1)))
    return attention(Heads(query: rotated(query), key: key, value: value), index, layer: layer)
  }
}
