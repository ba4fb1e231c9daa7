import Models

extension LlamaGraph {
  /// The inputs of one cache: where to store, what to attend to, and the rotation of quantized caches.
  struct AttentionInputs {
    var keyIDs: GraphTensor
    var valueIDs: GraphTensor
    var mask: GraphTensor
    var keyRotation: GraphTensor?
    var valueRotation: GraphTensor?
  }

  /// Query, key and value as heads.
  struct Heads {
    var query: GraphTensor
    var key: GraphTensor
    var value: GraphTensor
  }

  /// Layers whose attention reads this cache.
  private func cachedLayers(isSliding: Bool) -> [Layer] {
    facts.trunk.filter {
      $0.sharesCacheOf == nil && $0.kvHeadCount > 0 && $0.kind != .recurrent && $0.kind != .none
        && ($0.kind == .sliding || $0.kind == .chunked) == isSliding
    }
  }

  func attentionInputs(isSliding: Bool, isLatent: Bool = false) -> AttentionInputs {
    let cells = isSliding ? request.slidingCells : request.cells
    let maskShape = Shape(cells, tokens / request.streams, 1, request.streams)
    let cached = isLatent ? [] : cachedLayers(isSliding: isSliding)
    return AttentionInputs(
      keyIDs: graph.input(Shape(tokens, 1, 1, 1), elementBytes: 8),
      valueIDs: graph.input(
        Shape(request.flashAttention ? tokens : tokens * facts.widestValues, 1, 1, 1), elementBytes: 8),
      mask: graph.input(maskShape, elementBytes: request.flashAttention ? 2 : 4),
      keyRotation: rotation(cached.map(\.keyLength), isQuantized: request.keyRow.isQuantized, grows: true),
      valueRotation: rotation(cached.map(\.valueLength), isQuantized: request.valueRow.isQuantized, grows: false))
  }

  /// True where windows and recurrent layers mix: the engine does not rotate those caches.
  private var isWindowedHybrid: Bool {
    facts.hasSlidingCache && facts.trunk.contains { $0.kind == .recurrent }
  }

  /// Adds the matrix that spreads outliers before a quantized cache, where the head's length allows one.
  private func rotation(_ lengths: [Int], isQuantized: Bool, grows: Bool) -> GraphTensor? {
    guard isQuantized, !isWindowedHybrid, let length = lengths.first, length > 0, lengths.allSatisfy({ $0 == length }),
      length % 64 == 0, (facts.model.layers.first.map { grows ? $0.keyLength : $0.valueLength } ?? 0) % 64 == 0
    else { return nil }
    var side = 64
    while grows, length % (2 * side) == 0 { side *= 2 }
    return graph.input(Shape(side, side, 1, 1))
  }

  /// Adds queries, keys and values from one weight or three, as heads.
  ///
  /// - Parameter flat: norms over the whole width come before the split into heads, for families that do so.
  func heads(
    _ tensor: GraphTensor, _ index: Int, layer: Layer, queryLength: Int? = nil,
    flat: ((GraphTensor, String) -> GraphTensor)? = nil
  ) -> Heads {
    let clamps = facts.isSet("attention.clamp_kqv") && flat == nil
    let widths = [
      (queryLength ?? layer.keyLength, layer.headCount), (layer.keyLength, layer.kvHeadCount),
      (layer.valueLength, layer.kvHeadCount),
    ]
    var parts: [GraphTensor]
    if facts.has("attn_qkv.weight", index) {
      var joint = projected(tensor, "attn_qkv", index)
      if clamps { joint = graph.elementwise(joint) }
      parts = widths.map { length, count in
        flat == nil
          ? graph.view(joint, Shape(length, count, tokens, 1))
          : graph.packed(graph.view(joint, Shape(length * count, tokens, 1, 1)))
      }
    } else {
      parts = zip(["attn_q", "attn_k", "attn_v"], widths).map { name, width in
        var part = projected(tensor, name, index, rows: facts.rows(name, index) ?? width.0 * width.1)
        if clamps { part = graph.elementwise(part) }
        return flat == nil ? graph.reshaped(part, Shape(width.0, width.1, tokens, 1)) : part
      }
    }
    if let flat {
      parts = zip(["attn_q", "attn_k", "attn_v"], parts).map { flat($1, $0) }
      parts = zip(parts, widths).map { graph.reshaped($0, Shape($1.0, $1.1, tokens, 1)) }
    }
    return Heads(query: parts[0], key: parts[1], value: parts[2])
  }

  /// Adds a rotary embedding.
  func rotated(_ tensor: GraphTensor) -> GraphTensor { graph.elementwise(tensor, positions) }

  /// Adds the product with a rotation matrix, over rows of its width.
  private func spread(_ tensor: GraphTensor, _ rotation: GraphTensor) -> GraphTensor {
    let side = graph.shape(rotation)[0]
    let rows = Shape(side, graph.elementCount(tensor) / side, 1, 1)
    let flat = graph.nodes[tensor.index].isPacked ? graph.reshaped(tensor, rows) : graph.packed(tensor, rows)
    return graph.reshaped(graph.product(rotation, flat), graph.shape(tensor))
  }

  /// Adds attention over a cache: stores keys and values, attends, projects.
  ///
  /// - Parameters:
  ///   - stores: false for a layer that reads the cache of an earlier one.
  ///   - output: the output weight's name; nil leaves the heads' result as it is.
  ///   - bias: added to the scores.
  func attention(
    _ heads: Heads, _ index: Int, layer: Layer, stores: Bool = true, output: String? = "attn_output",
    bias: GraphTensor? = nil
  ) -> GraphTensor {
    let isSliding = layer.kind == .sliding || layer.kind == .chunked
    let inputs = isSliding ? slidingInputs : fullInputs
    var heads = heads
    if let rotation = inputs.keyRotation {
      heads.query = spread(heads.query, rotation)
      if stores { heads.key = spread(heads.key, rotation) }
    }
    if let rotation = inputs.valueRotation, stores { heads.value = spread(heads.value, rotation) }
    graph.expand(heads.query)
    if stores {
      // With two caches keys are expanded before values, with one after them.
      for part in facts.hasSlidingCache ? [heads.key, heads.value] : [heads.value, heads.key] { graph.expand(part) }
      storeKeys(heads.key, inputs)
      storeValues(heads.value, inputs)
    }
    var current = mixed(heads.query, layer: layer, inputs: inputs, bias: bias)
    if let rotation = inputs.valueRotation { current = spread(current, rotation) }
    guard let output, facts.has("\(output).weight", index) else { return current }
    return projected(current, output, index)
  }

  func storeKeys(_ key: GraphTensor, _ inputs: AttentionInputs) {
    let shape = graph.shape(key)
    graph.expand(graph.store([graph.view(key, Shape(shape[0] * shape[1], shape[2], 1, 1)), inputs.keyIDs]))
  }

  private func storeValues(_ value: GraphTensor, _ inputs: AttentionInputs) {
    let shape = graph.shape(value)
    let width = shape[0] * shape[1]
    let flat = Shape(width, shape[2], 1, 1)
    guard !request.flashAttention else {
      graph.expand(graph.store([graph.view(value, flat), inputs.valueIDs]))
      return
    }
    // Without flash attention values are stored transposed, element by element, as wide as the widest layer's.
    var row = graph.nodes[value.index].isPacked ? graph.reshaped(value, flat) : graph.packed(value, flat)
    let widest = facts.widestValues
    if width < widest { row = graph.result(Shape(widest, shape[2], 1, 1), of: [row]) }
    let elements = graph.reshaped(row, Shape(1, graph.elementCount(row), 1, 1))
    graph.expand(graph.store([elements, inputs.valueIDs]))
  }

  /// Adds the attention proper, from queries to one row of all heads for each token.
  private func mixed(_ query: GraphTensor, layer: Layer, inputs: AttentionInputs, bias: GraphTensor?) -> GraphTensor {
    var stored: [GraphTensor] = []
    if bias != nil, request.flashAttention {
      // A bias rules flash attention out, and the values that were stored for it are turned over for each layer.
      let bytes = request.valueRow.bytes(layer.valueLength * layer.kvHeadCount)
      let turned = graph.result(
        Shape(graph.shape(inputs.mask)[0], 1, 1, request.streams), of: [], elementBytes: bytes)
      stored = [turned]
    }
    return mixed(
      query, keyCells: graph.shape(inputs.mask)[0], valueLength: layer.valueLength, mask: inputs.mask,
      streams: request.streams, decompressed: nil, bias: bias, turned: stored)
  }

  /// Adds attention of queries to `keyCells` cached tokens.
  ///
  /// - Parameters:
  ///   - decompressed: length of a head after the values' projection, for latent attention.
  ///   - cached: keys and values that are no cache's.
  ///   - bias: added to the scores, which rules flash attention out.
  ///   - turned: a copy of the values that is made for this layer.
  func mixed(
    _ query: GraphTensor, keyCells: Int, valueLength: Int, mask: GraphTensor, streams: Int, decompressed: Int?,
    cached: [GraphTensor] = [], bias: GraphTensor? = nil, turned: [GraphTensor] = []
  ) -> GraphTensor {
    let shape = graph.shape(query)
    let perStream = tokens / streams
    let split = graph.view(query, Shape(shape[0], shape[1], perStream, streams))
    let byHead = graph.permuted(split, Shape(0, 2, 1, 3))
    let current =
      request.flashAttention && bias == nil
      ? flashAttention(
        byHead, heads: shape[1], valueLength: valueLength, mask: mask, streams: streams, decompressed: decompressed,
        cached: cached)
      : plainAttention(
        byHead, keyCells: keyCells, heads: shape[1], valueLength: valueLength, mask: mask, streams: streams,
        decompressed: decompressed, cached: cached, bias: bias, turned: turned)
    graph.expand(current)
    return current
  }

  private func flashAttention(
    _ byHead: GraphTensor, heads: Int, valueLength: Int, mask: GraphTensor, streams: Int, decompressed: Int?,
    cached: [GraphTensor]
  ) -> GraphTensor {
    let perStream = tokens / streams
    var narrow = cached.map { graph.permuted($0, Shape(0, 2, 1, 3)) }
    narrow = narrow.map { graph.copy($0, elementBytes: 2) }
    var current = graph.result(Shape(valueLength, heads, perStream, streams), of: [byHead] + narrow + [mask])
    if let decompressed {
      current = graph.permuted(current, Shape(0, 2, 1, 3))
      current = graph.multiplied(current, rows: decompressed)
      current = graph.packed(graph.permuted(current, Shape(0, 2, 1, 3)))
    }
    return graph.reshaped(current, Shape(graph.shape(current)[0] * heads, tokens, 1, 1))
  }

  private func plainAttention(
    _ byHead: GraphTensor, keyCells: Int, heads: Int, valueLength: Int, mask: GraphTensor, streams: Int,
    decompressed: Int?, cached: [GraphTensor], bias: GraphTensor?, turned: [GraphTensor]
  ) -> GraphTensor {
    let perStream = tokens / streams
    let key = cached.first.map { graph.permuted($0, Shape(0, 2, 1, 3)) }
    var scores = graph.result(Shape(keyCells, perStream, heads, streams), of: (key.map { [$0] } ?? []) + [byHead])
    for _ in 0..<LlamaArchitectureTraits.scoreCaps(facts) { scores = graph.elementwise(scores) }
    if let bias { scores = graph.elementwise(scores, bias) }
    scores = graph.elementwise(scores, mask)
    var values = turned
    if cached.count > 1 {
      values = [graph.packed(graph.transposed(graph.permuted(cached[1], Shape(0, 2, 1, 3))))]
    } else if decompressed != nil {
      values = latentValues(valueLength: valueLength, keyCells: keyCells, streams: streams)
    }
    var current = graph.result(Shape(valueLength, perStream, heads, streams), of: values + [scores])
    if let decompressed { current = graph.multiplied(current, rows: decompressed) }
    let length = graph.shape(current)[0]
    return graph.packed(graph.permuted(current, Shape(0, 2, 1, 3)), Shape(length * heads, tokens, 1, 1))
  }

  /// Without flash attention the latent values are a transposed copy of the cached keys' front, made for each layer.
  private func latentValues(valueLength: Int, keyCells: Int, streams: Int) -> [GraphTensor] {
    [graph.result(Shape(1, valueLength, 1, streams), of: [], elementBytes: request.keyRow.bytes(keyCells))]
  }
}
