import Models

/// Gemma's later families: inputs for each layer beside the stream, and layers that read an earlier layer's cache.
extension LlamaGraph {
  /// Layers whose gate is thinned out before its activation.
  private static let sparseGateLayers = 10

  // MARK: Gemma 4

  /// Builds a decoder of the fourth family.
  func gemma4() {
    var stream = embeddings(scaleByRow: true)
    let perLayer = facts.has("per_layer_token_embd.weight") ? perLayerInputs(stream) : nil
    for (index, layer) in facts.trunk.enumerated() {
      graph.markBlockStart()
      let input = normalized(stream, "attn_norm", layer: index, norm: .rootMeanSquare)
      var attended = gemmaAttention(input, index, layer)
      attended = normalized(attended, "post_attention_norm", layer: index, norm: .rootMeanSquare)
      let joined = graph.elementwise(attended, stream)
      var fed = gemma4FeedForward(joined, index, layer)
      fed = normalized(fed, "post_ffw_norm", layer: index, norm: .rootMeanSquare)
      stream = graph.elementwise(fed, joined)
      if let perLayer { stream = graph.elementwise(stream, layerInput(stream, perLayer, index)) }
      if facts.has("layer_output_scale.weight", index) { stream = graph.elementwise(stream) }
    }
    finish(
      stream, norm: .rootMeanSquare, after: facts.isSet("final_logit_softcapping") ? 3 : 0, selectsRows: true)
  }

  /// Adds the feed-forward part: dense, or dense and routed side by side.
  private func gemma4FeedForward(_ joined: GraphTensor, _ index: Int, _ layer: Layer) -> GraphTensor {
    let input = normalized(joined, "ffn_norm", layer: index, norm: .rootMeanSquare)
    let dense = feedForward(input, index, .gated)
    guard let routed = layer.experts, facts.has("ffn_gate_inp.weight", index) else { return dense }
    let first = normalized(dense, "post_ffw_norm_1", layer: index, norm: .rootMeanSquare)
    let expertInput = normalized(joined, "pre_ffw_norm_2", layer: index, norm: .rootMeanSquare)
    let router = graph.elementwise(graph.elementwise(plainNorm(joined, .rootMeanSquare)))
    let picked = experts(
      expertInput, index, routed, Routing(), routerLogits: graph.multiplied(router, rows: routed.count))
    let second = normalized(picked, "post_ffw_norm_2", layer: index, norm: .rootMeanSquare)
    return graph.elementwise(first, second)
  }

  /// Adds a layer's own input, gated by the stream.
  private func layerInput(_ stream: GraphTensor, _ perLayer: GraphTensor, _ index: Int) -> GraphTensor {
    var current = graph.elementwise(projected(stream, "inp_gate", index))
    current = graph.elementwise(current, slice(perLayer))
    current = projected(current, "proj", index)
    return normalized(current, "post_norm", layer: index, norm: .rootMeanSquare)
  }

  /// Adds the inputs of all layers: rows of their own table and a projection of the embeddings.
  private func perLayerInputs(_ embedded: GraphTensor) -> GraphTensor {
    let layers = facts.trunk.count
    let width = min(facts.extent("per_layer_model_proj.weight", 1) ?? 0, 1 << 30) / max(1, layers)
    let shape = Shape(width, layers, tokens, 1)
    let rows = graph.tableRows(width: width * layers, graph.input(Shape(tokens, 1, 1, 1)))
    let table = graph.elementwise(graph.reshaped(rows, shape))
    graph.expand(table)
    let scaled = graph.elementwise(graph.multiplied(embedded, rows: width * layers))
    let projection = normalized(graph.reshaped(scaled, shape), "per_layer_proj_norm", norm: .rootMeanSquare)
    let sum = graph.elementwise(graph.elementwise(projection, table))
    return graph.packed(graph.permuted(sum, Shape(0, 2, 1, 3)))
  }

  /// Adds attention with normalized values; a layer that shares a cache has queries only.
  private func gemmaAttention(_ input: GraphTensor, _ index: Int, _ layer: Layer) -> GraphTensor {
    let queryShape = Shape(layer.keyLength, layer.headCount, tokens, 1)
    let width = layer.keyLength * layer.headCount
    let isFused = facts.has("attn_qkv.weight", index)
    let fused = isFused ? projected(input, "attn_qkv", index) : input
    func part(_ name: String, _ rows: Int) -> GraphTensor {
      isFused
        ? graph.packed(graph.view(fused, Shape(rows, tokens, 1, 1)))
        : projected(input, name, index, bias: false)
    }
    var query = graph.reshaped(part("attn_q", width), queryShape)
    query = rotated(normalized(query, "attn_q_norm", layer: index, norm: .rootMeanSquare))
    let ownsCache = layer.sharesCacheOf == nil
    guard ownsCache else {
      return attention(Heads(query: query, key: query, value: query), index, layer: layer, stores: false)
    }
    let rows = layer.keyLength * layer.kvHeadCount
    let shape = Shape(layer.keyLength, layer.kvHeadCount, tokens, 1)
    let flatKey = part("attn_k", rows)
    let hasValues = isFused || facts.has("attn_v.weight", index)
    let flatValue = hasValues ? part("attn_v", rows) : flatKey
    let key = normalized(graph.reshaped(flatKey, shape), "attn_k_norm", layer: index, norm: .rootMeanSquare)
    let value = plainNorm(graph.reshaped(flatValue, shape), .rootMeanSquare)
    return attention(Heads(query: query, key: rotated(key), value: value), index, layer: layer)
  }

  private func slice(_ tensor: GraphTensor) -> GraphTensor {
    let extents = graph.shape(tensor)
    return graph.view(tensor, Shape(extents[0], extents[1], 1, 1))
  }

  // MARK: Gemma 3n

  /// Builds a decoder with several streams side by side, of which one goes through attention.
  func gemma3n() {
    let embedded = embeddings(scaleByRow: true)
    let perLayer = perLayerInputs(embedded)
    let streams = min(facts.extent("altup_proj.weight", 2) ?? 0, 64) + 1
    let extents = Shape(facts.embedding, tokens, streams - 1, 1)
    let added = graph.multiplied(graph.repeated(embedded, extents), rows: facts.embedding)
    let scaled = matched(added, to: embedded)
    var stream = graph.joined(embedded, scaled, dimension: 2)
    for (index, layer) in facts.trunk.enumerated() {
      graph.markBlockStart()
      stream = gemma3nBlock(stream, perLayer, index, layer, streams: streams)
    }
    let target = slice(stream)
    let others = graph.multiplied(graph.view(stream, extents), rows: facts.embedding)
    let matchedOthers = matched(others, to: target)
    var current = slice(stream)
    for _ in 1..<max(2, streams) { current = graph.elementwise(current, slice(matchedOthers)) }
    current = outputRows(of: graph.elementwise(current))
    finish(current, norm: .rootMeanSquare, after: 3)
  }

  /// Scales a tensor so that its rows are as long as another's.
  private func matched(_ tensor: GraphTensor, to target: GraphTensor) -> GraphTensor {
    func magnitude(_ tensor: GraphTensor) -> GraphTensor {
      graph.elementwise(graph.rowSums(graph.elementwise(tensor)))
    }
    let product = graph.elementwise(tensor, magnitude(target))
    return graph.elementwise(product, magnitude(tensor))
  }

  private func gemma3nBlock(
    _ stream: GraphTensor, _ perLayer: GraphTensor, _ index: Int, _ layer: Layer, streams: Int
  ) -> GraphTensor {
    let predictions = predicted(stream, index, streams: streams)
    let active = slice(predictions)
    let input = normalized(active, "attn_norm", layer: index, norm: .rootMeanSquare)
    var low = projected(projected(input, "laurel_l", index), "laurel_r", index)
    low = graph.elementwise(normalized(low, "laurel_post_norm", layer: index, norm: .rootMeanSquare), input)
    var current = gemmaAttention(input, index, layer)
    current = normalized(current, "post_attention_norm", layer: index, norm: .rootMeanSquare)
    current = graph.elementwise(current, active)
    let joined = graph.elementwise(graph.elementwise(current, low))
    let fedInput = normalized(joined, "ffn_norm", layer: index, norm: .rootMeanSquare)
    var fed = thinnedFeedForward(fedInput, index)
    fed = normalized(fed, "post_ffw_norm", layer: index, norm: .rootMeanSquare)
    let gated = graph.elementwise(fed, joined)
    let corrected = self.corrected(predictions, gated, index, streams: streams)
    let first = layerInput(graph.elementwise(slice(corrected)), perLayer, index)
    let rest = graph.view(corrected, Shape(facts.embedding, tokens, streams - 1, 1))
    return graph.joined(slice(corrected), graph.elementwise(rest, first), dimension: 2)
  }

  private func thinnedFeedForward(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    let up = projected(input, "ffn_up", index)
    var gate = projected(input, "ffn_gate", index)
    if index < Self.sparseGateLayers {
      let mean = graph.rowSums(gate)
      let squares = graph.elementwise(graph.elementwise(gate, mean))
      let deviation = graph.elementwise(graph.elementwise(graph.elementwise(graph.rowSums(squares))))
      gate = graph.elementwise(graph.elementwise(gate, graph.elementwise(mean, deviation)))
    }
    return projected(graph.elementwise(up, graph.elementwise(gate)), "ffn_down", index)
  }

  /// Adds how much each stream counts, from the active one.
  private func modalities(_ tensor: GraphTensor, _ index: Int) -> GraphTensor {
    let normed = graph.elementwise(normalized(tensor, "altup_router_norm", layer: index, norm: .rootMeanSquare))
    return graph.elementwise(projected(normed, "altup_router", index))
  }

  private func predicted(_ stream: GraphTensor, _ index: Int, streams: Int) -> GraphTensor {
    let weights = modalities(slice(stream), index)
    let all = graph.reshaped(projected(weights, "altup_predict_coef", index), Shape(streams, streams, tokens, 1))
    let byStream = graph.packed(graph.permuted(stream, Shape(1, 2, 0, 3)))
    let mixed = graph.product(byStream, all)
    return graph.elementwise(graph.packed(graph.permuted(mixed, Shape(0, 2, 1, 3))), stream)
  }

  private func corrected(_ predictions: GraphTensor, _ activated: GraphTensor, _ index: Int, streams: Int)
    -> GraphTensor
  {
    let weights = modalities(activated, index)
    let innovation = graph.elementwise(activated, slice(predictions))
    let all = graph.elementwise(projected(weights, "altup_correct_coef", index))
    let byStream = graph.packed(graph.transposed(all), Shape(1, tokens, streams, 1))
    let repeated = graph.repeated(innovation, Shape(facts.embedding, tokens, streams, 1))
    return graph.elementwise(graph.elementwise(repeated, byStream), predictions)
  }
}
