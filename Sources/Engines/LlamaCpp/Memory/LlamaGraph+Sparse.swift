import Models

/// Latent attention whose indexer chooses the tokens that each query attends to.
extension LlamaGraph {
  /// The indexer's own cache: where its keys are stored, its mask, and the rotation of its keys.
  struct IndexerInputs {
    var keyIDs: GraphTensor
    var mask: GraphTensor
    var rotation: GraphTensor
  }

  func makeIndexerInputs() -> IndexerInputs {
    let length = facts.model.layers.compactMap(\.indexerLength).first ?? 64
    var side = 64
    while length % (2 * side) == 0 { side *= 2 }
    return IndexerInputs(
      keyIDs: graph.input(Shape(tokens, 1, 1, 1), elementBytes: 8),
      mask: graph.input(Shape(request.cells, tokens / request.streams, 1, request.streams), elementBytes: 2),
      rotation: graph.input(Shape(side, side, 1, 1)))
  }

  /// Adds latent attention over the tokens that the indexer chose; a layer without one takes the choice before it.
  func sparseAttention(_ input: GraphTensor, _ index: Int, _ layer: Layer) -> GraphTensor {
    let low = normalized(projected(input, "attn_q_a", index), "attn_q_a_norm", layer: index, norm: .rootMeanSquare)
    if let length = layer.indexerLength, facts.has("indexer.attn_k.weight", index) {
      chosenTokens = chosen(input, low, index, length: length)
    }
    guard let chosen = chosenTokens else { return latentAttention(input, index, layer) }
    let parts = latentHeads(input, index, layer, query: projected(low, "attn_q_b", index))
    graph.expand(parts.query)
    graph.expand(parts.value)
    graph.expand(parts.key)
    storeKeys(parts.key, latentInputs)
    let current = mixed(
      parts.query, keyCells: request.cells, valueLength: graph.shape(parts.value)[0], mask: narrowedMask(chosen),
      streams: request.streams, decompressed: facts.integer("attention.value_length_mla") ?? layer.valueLength)
    return projected(current, "attn_output", index)
  }

  /// Adds the indexer: its keys join its cache, its queries score all cells, the best of which are kept.
  private func chosen(_ input: GraphTensor, _ low: GraphTensor, _ index: Int, length: Int) -> GraphTensor {
    let heads = facts.integer("attention.indexer.head_count") ?? 1
    let perStream = tokens / request.streams
    var key = normalized(projected(input, "indexer.attn_k", index), "indexer.k_norm", layer: index, norm: .layer)
    key = rotated(graph.reshaped(key, Shape(length, 1, tokens, 1)))
    key = graph.product(indexerInputs.rotation, key)
    graph.expand(graph.store([graph.view(key, Shape(length, tokens, 1, 1)), indexerInputs.keyIDs]))
    let flat = projected(low, "indexer.attn_q_b", index)
    var query = rotated(graph.reshaped(flat, Shape(length, heads, tokens, 1)))
    query = graph.product(indexerInputs.rotation, query)
    query = graph.view(query, Shape(length, heads, perStream, request.streams))
    let weights = graph.elementwise(
      graph.view(projected(input, "indexer.proj", index), Shape(heads, perStream, 1, request.streams)))
    let scores = graph.result(
      Shape(request.cells, perStream, 1, request.streams), of: [query, weights, indexerInputs.mask])
    let kept = min(request.cells, facts.integer("attention.indexer.top_k") ?? request.cells)
    return graph.packed(graph.result(Shape(kept, perStream, 1, request.streams), of: [scores]))
  }

  /// Adds a mask that hides all but the chosen tokens.
  private func narrowedMask(_ chosen: GraphTensor) -> GraphTensor {
    let mask = latentInputs.mask
    let extents = graph.shape(mask)
    let (cells, perStream, streams) = (extents[0], extents[1], extents[3])
    let kept = graph.shape(chosen)[0]
    let hidden = graph.view(graph.elementwise(mask), Shape(1, cells, perStream, streams))
    let zeros = graph.elementwise(graph.input(Shape(1, kept, perStream, streams)))
    let rows = graph.view(chosen, Shape(kept, perStream, streams, 1))
    let shown = graph.view(graph.write(into: hidden, sources: [zeros, rows, hidden]), extents)
    return graph.elementwise(shown, mask)
  }
}
