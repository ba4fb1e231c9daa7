import Models

extension LlamaGraph {
  /// Builds the whole graph of a model.
  static func build(_ facts: LlamaModelFacts, _ request: LlamaGraphRequest) -> ComputeGraph {
    let builder = LlamaGraph(facts, request)
    switch facts.model.architecture {
    case "gemma3n": builder.gemma3n()
    case "gemma4": builder.gemma4()
    case "t5": builder.crossDecoder()
    case "t5encoder": builder.biasedEncoder()
    case "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7": builder.receptance()
    case let name where LlamaArchitectureTraits.encoders.contains(name): builder.encoder()
    default: builder.decoder(LlamaArchitectureTraits.traits(facts))
    }
    return builder.graph
  }

  /// Adds a stack of blocks with their ends.
  func decoder(_ traits: DecoderTraits) {
    var stream = embeddings(scaleByRow: traits.embeddingScale == .rows)
    if traits.embeddingScale == .whole { stream = graph.elementwise(stream) }
    if facts.has("position_embd.weight") {
      stream = graph.elementwise(stream, graph.tableRows(width: facts.embedding, positions))
    }
    if facts.has("token_embd_norm.weight") { stream = normalized(stream, "token_embd_norm", norm: traits.norm) }
    let trunk = facts.trunk
    for (index, layer) in trunk.enumerated() {
      graph.markBlockStart()
      let isLast = index == trunk.count - 1 && traits.rowSelection == .lastLayer
      stream = block(stream, index, layer, traits, selectsRows: isLast)
    }
    if traits.rowSelection == .beforeNorm {
      graph.markOutput(stream)
      stream = outputRows(of: stream)
    }
    guard traits.hasLogits else {
      let result = normalized(stream, traits.outputNorm, norm: traits.norm)
      graph.markOutput(result)
      return graph.expand(result)
    }
    finish(
      stream, norm: traits.norm, after: traits.logitOperations, suppressing: traits.suppressedTokens,
      selectsRows: traits.rowSelection == .afterNorm)
  }

  private func block(_ stream: GraphTensor, _ index: Int, _ layer: Layer, _ traits: DecoderTraits, selectsRows: Bool)
    -> GraphTensor
  {
    let input = attentionInput(stream, index, traits)
    hybridStream = stream
    // Falcon 40B has a norm for attention beside that for the feed-forward block.
    let hasOwnNorm = traits.residual == .parallelAttentionFirst && facts.has("attn_norm_2.weight", index)
    let mixerInput = hasOwnNorm ? normalized(stream, "attn_norm_2", layer: index, norm: traits.norm) : input
    var attended = mixing(mixerInput, index, layer, traits)
    var residual = stream
    var normalizedInput = input
    if layer.kind == .hybrid { return hybridBlock(attended, stream, index, traits, selectsRows: selectsRows) }
    if !traits.hasFeedForward { return alone(attended, stream, selectsRows: selectsRows) }
    if selectsRows {
      attended = outputRows(of: attended)
      residual = outputRows(of: stream)
    }
    switch traits.residual {
    case .sequential:
      return sequential(attended, residual, normalizedInput, index, layer, traits, selectsRows: selectsRows)
    case .parallelOwnNorm:
      normalizedInput = normalized(residual, "ffn_norm", layer: index, norm: traits.norm)
    case .parallelAttentionFirst, .parallelFeedForwardSecond, .parallelStreamFirst:
      if selectsRows { normalizedInput = outputRows(of: normalizedInput) }
    }
    let fed = feedForward(normalizedInput, index, layer, traits)
    switch traits.residual {
    case .parallelAttentionFirst: return graph.elementwise(graph.elementwise(fed, attended), residual)
    case .parallelFeedForwardSecond: return graph.elementwise(graph.elementwise(attended, fed), residual)
    default: return graph.elementwise(graph.elementwise(fed, residual), attended)
    }
  }

  private func attentionInput(_ stream: GraphTensor, _ index: Int, _ traits: DecoderTraits) -> GraphTensor {
    guard let name = traits.attentionNorm else { return stream }
    if traits.skipsMissingNorm, !facts.has("\(name).weight", index) { return stream }
    return normalized(stream, name, layer: index, norm: traits.norm)
  }

  /// Adds the end of a block that is a mixer or a feed-forward block alone.
  private func alone(_ mixed: GraphTensor, _ stream: GraphTensor, selectsRows: Bool) -> GraphTensor {
    selectsRows
      ? graph.elementwise(outputRows(of: mixed), outputRows(of: stream)) : graph.elementwise(mixed, stream)
  }

  /// Adds the end of a block with attention and state space side by side.
  private func hybridBlock(
    _ mixed: GraphTensor, _ stream: GraphTensor, _ index: Int, _ traits: DecoderTraits, selectsRows: Bool
  ) -> GraphTensor {
    var joined = graph.elementwise(mixed, stream)
    if selectsRows { joined = outputRows(of: joined) }
    let fed = feedForward(normalized(joined, "ffn_norm", layer: index, norm: traits.norm), index, traits.activation)
    return graph.elementwise(fed, joined)
  }

  private func sequential(
    _ attended: GraphTensor, _ residual: GraphTensor, _ input: GraphTensor, _ index: Int, _ layer: Layer,
    _ traits: DecoderTraits, selectsRows: Bool
  ) -> GraphTensor {
    var attended = attended
    if let name = traits.attentionResultNorm, facts.has("\(name).weight", index) {
      attended = normalized(attended, name, layer: index, norm: traits.norm)
    }
    if traits.scalesResiduals { attended = graph.elementwise(attended) }
    let joined = traits.joinsStreamFirst ? graph.elementwise(residual, attended) : graph.elementwise(attended, residual)
    let fedInput = traits.feedForwardNorm.map { normalized(joined, $0, layer: index, norm: traits.norm) } ?? joined
    var fed = feedForward(fedInput, index, layer, traits, selectsRows: selectsRows)
    if let name = traits.feedForwardResultNorm, facts.has("\(name).weight", index) {
      fed = normalized(fed, name, layer: index, norm: traits.norm)
    }
    if traits.scalesResiduals { fed = graph.elementwise(fed) }
    return traits.addsStreamFirst ? graph.elementwise(joined, fed) : graph.elementwise(fed, joined)
  }

  /// Adds the part of a block that mixes tokens.
  private func mixing(_ input: GraphTensor, _ index: Int, _ layer: Layer, _ traits: DecoderTraits) -> GraphTensor {
    switch layer.kind {
    case .recurrent: return recurrence(input, index)
    case .none, .unknown: return feedForward(input, index, layer, traits)
    case .latent where !LlamaArchitectureTraits.sparseLatent.contains(facts.model.architecture):
      return latentAttention(input, index, layer)
    case .hybrid:
      let attended = plainMixing(input, index, layer, traits)
      let again = normalized(hybridStream ?? input, "attn_norm", layer: index, norm: traits.norm)
      return graph.elementwise(attended, mamba2(again, index))
    default: break
    }
    if LlamaArchitectureTraits.sparseLatent.contains(facts.model.architecture) {
      return sparseAttention(input, index, layer)
    }
    guard !traits.gatesQueries else { return gatedAttention(input, index, layer, traits) }
    guard !(facts.has("attn_kv_a_mqa.weight", index)) else { return latentAttention(input, index, layer) }
    return plainMixing(input, index, layer, traits)
  }

  private func recurrence(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    if facts.has("shortconv.in_proj.weight", index) { return shortConvolution(input, index) }
    if facts.has("ssm_f_a.weight", index) { return channelDeltaNet(input, index) }
    if facts.has("ssm_x.weight", index) { return mamba(input, index) }
    if facts.has("ssm_beta.weight", index) { return deltaNet(input, index, repeatsKeys: false) }
    if facts.has("ssm_ba.weight", index) { return deltaNet(input, index, repeatsKeys: true) }
    return mamba2(input, index)
  }

  /// Adds attention whose query projection carries a gate for the result.
  private func gatedAttention(_ input: GraphTensor, _ index: Int, _ layer: Layer, _ traits: DecoderTraits)
    -> GraphTensor
  {
    let (length, count) = (layer.keyLength, layer.headCount)
    let both = projected(input, "attn_q", index)
    let flatKey = projected(input, "attn_k", index)
    let flatValue = projected(input, "attn_v", index)
    let half = Shape(length, count, tokens, 1)
    let source = traits.reshapesGatedQueries ? graph.reshaped(both, Shape(2 * length, count, tokens, 1)) : both
    var parts = Heads(
      query: graph.view(source, half), key: graph.reshaped(flatKey, Shape(length, layer.kvHeadCount, tokens, 1)),
      value: graph.reshaped(flatValue, Shape(layer.valueLength, layer.kvHeadCount, tokens, 1)))
    normalizeHeads(&parts, index, traits)
    parts.query = rotated(parts.query)
    parts.key = rotated(parts.key)
    let attended = attention(parts, index, layer: layer, output: nil)
    let gate = graph.elementwise(graph.packed(graph.view(source, half), Shape(length * count, tokens, 1, 1)))
    return projected(graph.elementwise(attended, gate), "attn_output", index)
  }

  private func plainMixing(_ input: GraphTensor, _ index: Int, _ layer: Layer, _ traits: DecoderTraits) -> GraphTensor {
    var flat: ((GraphTensor, String) -> GraphTensor)?
    if traits.queryKeyNorm == .flat {
      flat = { [self] tensor, name in
        guard facts.has("\(name)_norm.weight", index) else { return tensor }
        return normalized(tensor, "\(name)_norm", layer: index, norm: traits.queryKeyNormKind)
      }
    }
    var parts = heads(input, index, layer: layer, flat: flat)
    if traits.queryKeyNorm == .heads { normalizeHeads(&parts, index, traits) }
    if isRotated(index, layer, traits) {
      parts.query = rotated(parts.query)
      parts.key = rotated(parts.key)
      if traits.plainQueryKeyNorm {
        parts.query = graph.elementwise(parts.query)
        parts.key = graph.elementwise(parts.key)
      }
    } else if traits.scalesByPosition {
      parts.query = graph.elementwise(parts.query, positionScale)
    }
    if traits.queryKeyNorm == .headsAfterRotary { normalizeHeads(&parts, index, traits) }
    if traits.scalesQuery { parts.query = graph.elementwise(parts.query) }
    return traits.isCached
      ? attention(parts, index, layer: layer) : uncachedAttention(parts, index, layer: layer)
  }

  private func normalizeHeads(_ heads: inout Heads, _ index: Int, _ traits: DecoderTraits) {
    if facts.has("attn_q_norm.weight", index) {
      heads.query = normalized(heads.query, "attn_q_norm", layer: index, norm: traits.queryKeyNormKind)
    }
    if facts.has("attn_k_norm.weight", index) {
      heads.key = normalized(heads.key, "attn_k_norm", layer: index, norm: traits.queryKeyNormKind)
    }
  }

  private func isRotated(_ index: Int, _ layer: Layer, _ traits: DecoderTraits) -> Bool {
    switch traits.rotary {
    case .all: true
    case .none: false
    case .slidingOnly: layer.kind == .sliding
    case .allButEach(let step): (index + 1) % step != 0
    }
  }

  /// Adds the feed-forward part of a block: dense, routed, or routed with shared experts.
  private func feedForward(
    _ input: GraphTensor, _ index: Int, _ layer: Layer, _ traits: DecoderTraits, selectsRows: Bool = false
  ) -> GraphTensor {
    guard let routed = layer.experts, facts.has("ffn_gate_inp.weight", index) else {
      return feedForward(input, index, traits.activation)
    }
    let hasShared = facts.has("ffn_up_shexp.weight", index)
    let before = hasShared && traits.sharedFirst ? feedForward(input, index, traits.activation, suffix: "_shexp") : nil
    var logits: GraphTensor?
    if traits.routesByStream, let stream = hybridStream {
      let all = graph.multiplied(stream, rows: routed.count)
      logits = selectsRows ? outputRows(of: all) : all
    }
    let picked = pickedExperts(input, index, routed, traits.routing, routerLogits: logits)
    guard hasShared else { return picked }
    if let before { return graph.elementwise(picked, before) }
    return graph.elementwise(picked, shared(input, index, traits))
  }

  private func shared(_ input: GraphTensor, _ index: Int, _ traits: DecoderTraits) -> GraphTensor {
    let result = feedForward(input, index, traits.activation, suffix: "_shexp")
    switch traits.sharedGate {
    case .none: return result
    case .sigmoid:
      return graph.elementwise(result, graph.elementwise(graph.multiplied(input, rows: 1)))
    case .silu:
      let gate = graph.multiplied(input, rows: 1)
      return graph.elementwise(result, graph.elementwise(graph.elementwise(gate), gate))
    }
  }
}
