import Models

/// The RWKV families: no attention, a matrix of state for each head, and the last token carried along beside it.
extension LlamaGraph {
  private var width: Int { facts.embedding }
  private var perSequence: Int { request.tokensPerSequence }
  private var headLength: Int { max(1, facts.integer("wkv.head_size") ?? 64) }
  private var headCount: Int { width / headLength }
  private var flat: Shape { Shape(width, tokens, 1, 1) }
  private var byHead: Shape { Shape(headLength, headCount, tokens, 1) }
  private var bySequence: Shape { Shape(width, perSequence, request.sequences, 1) }
  private var oneEach: Shape { Shape(width, 1, request.sequences, 1) }

  /// Builds a model of one of the families: the sixth or seventh kind of mixing, with its own or a plain feed-forward block.
  func receptance() {
    let isSeventh = ["rwkv7", "arwkv7"].contains(facts.model.architecture)
    let isPlain = ["rwkv6qwen2", "arwkv7"].contains(facts.model.architecture)
    var stream = embeddings()
    if !isPlain { stream = normalized(stream, "token_embd_norm", norm: .layer) }
    var firstValue: GraphTensor?
    for index in facts.trunk.indices {
      graph.markBlockStart()
      let mixing: (GraphTensor, GraphTensor) -> GraphTensor = { [self] input, before in
        isSeventh ? seventhMixing(input, before, index, &firstValue) : sixthMixing(input, before, index)
      }
      let isLast = index == facts.trunk.count - 1
      stream =
        isPlain
        ? plainBlock(stream, index, selectsRows: isLast, mixing) : block(stream, index, selectsRows: isLast, mixing)
    }
    finish(stream, norm: isPlain ? .rootMeanSquare : .layer)
  }

  /// Adds each token's predecessor: the state's last token before the first of this batch.
  private func shifted(_ tensor: GraphTensor, after state: GraphTensor) -> GraphTensor {
    graph.joined(state, graph.view(tensor, Shape(width, perSequence - 1, request.sequences, 1)), dimension: 1)
  }

  private func storeShift(_ tensor: GraphTensor) {
    graph.expand(graph.store([graph.view(tensor, Shape(graph.elementCount(tensor), 1, 1, 1))]))
  }

  private func block(
    _ stream: GraphTensor, _ index: Int, selectsRows: Bool, _ mixing: (GraphTensor, GraphTensor) -> GraphTensor
  ) -> GraphTensor {
    let stream = graph.reshaped(stream, bySequence)
    let shift = graph.reshaped(states(width: 2 * width), Shape(width, 2, request.sequences, 1))
    let (mixingShift, feedShift) = (graph.view(shift, oneEach), graph.view(shift, oneEach))
    let input = normalized(stream, "attn_norm", layer: index, norm: .layer)
    let mixed = mixing(input, shifted(input, after: mixingShift))
    var joined = graph.elementwise(mixed, stream)
    var fedInput = normalized(joined, "attn_norm_2", layer: index, norm: .layer)
    var before = shifted(fedInput, after: feedShift)
    storeShift(graph.joined(graph.view(input, oneEach), graph.view(fedInput, oneEach), dimension: 1))
    (joined, fedInput, before) = (
      graph.reshaped(joined, flat), graph.reshaped(fedInput, flat), graph.reshaped(before, flat)
    )
    if selectsRows {
      (joined, fedInput, before) = (outputRows(of: joined), outputRows(of: fedInput), outputRows(of: before))
    }
    var result = graph.elementwise(channelMixing(fedInput, before, index), joined)
    let every = facts.integer("rescale_every_n_layers") ?? 0
    if facts.model.architecture == "rwkv6", every > 0, (index + 1) % every == 0 { result = graph.elementwise(result) }
    return result
  }

  private func plainBlock(
    _ stream: GraphTensor, _ index: Int, selectsRows: Bool, _ mixing: (GraphTensor, GraphTensor) -> GraphTensor
  ) -> GraphTensor {
    let stream = graph.reshaped(stream, bySequence)
    let shift = graph.reshaped(states(width: width), oneEach)
    let input = normalized(stream, "attn_norm", layer: index, norm: .rootMeanSquare)
    let mixed = mixing(input, shifted(input, after: shift))
    storeShift(graph.view(input, oneEach))
    var joined = graph.reshaped(graph.elementwise(mixed, stream), flat)
    if selectsRows { joined = outputRows(of: joined) }
    let fed = feedForward(normalized(joined, "ffn_norm", layer: index, norm: .rootMeanSquare), index, .gated)
    return graph.elementwise(fed, joined)
  }

  /// Adds the families' own feed-forward block, which mixes a token with the one before it.
  private func channelMixing(_ input: GraphTensor, _ before: GraphTensor, _ index: Int) -> GraphTensor {
    let change = graph.elementwise(before, input)
    func between() -> GraphTensor { graph.elementwise(graph.elementwise(change), input) }
    let keyed = between()
    guard facts.has("channel_mix_receptance.weight", index) else {
      let key = graph.elementwise(graph.elementwise(projected(keyed, "channel_mix_key", index)))
      return projected(key, "channel_mix_value", index)
    }
    let received = between()
    let gate = graph.elementwise(projected(received, "channel_mix_receptance", index))
    let key = graph.elementwise(graph.elementwise(projected(keyed, "channel_mix_key", index)))
    return graph.elementwise(gate, projected(key, "channel_mix_value", index))
  }

  /// Adds the product with two narrow weights, with an activation between them where there is one.
  private func narrow(_ tensor: GraphTensor, _ first: String, _ second: String, _ index: Int, activates: Bool)
    -> GraphTensor
  {
    let between = graph.multiplied(tensor, rows: facts.rows(first, index) ?? 1)
    return graph.multiplied(activates ? graph.elementwise(between) : between, rows: facts.rows(second, index) ?? width)
  }

  /// Adds the recurrence over the batch, whose result holds the outputs and the states after them.
  private func recurrence(_ sources: [GraphTensor]) -> GraphTensor {
    let scanned = graph.result(
      Shape(width, tokens + headLength * request.sequences, 1, 1), of: sources)
    let output = graph.view(scanned, Shape(width * tokens, 1, 1, 1))
    graph.expand(graph.store([graph.view(scanned, Shape(width * headLength * request.sequences, 1, 1, 1))]))
    return output
  }

  /// Adds a norm over each head's part of the output, where the file has its weight.
  private func headNorm(_ output: GraphTensor, _ index: Int) -> GraphTensor {
    guard facts.has("time_mix_ln.weight", index) else { return graph.reshaped(output, flat) }
    let normed = graph.reshaped(plainNorm(graph.reshaped(output, byHead), .layer), flat)
    return graph.elementwise(graph.elementwise(normed))
  }

  // MARK: Sixth kind

  private func sixthMixing(_ input: GraphTensor, _ before: GraphTensor, _ index: Int) -> GraphTensor {
    let isGatedLinear = !facts.has("time_mix_first.weight", index)
    let change = graph.reshaped(graph.elementwise(before, input), flat)
    let input = graph.reshaped(input, flat)
    let parts = sixthInputs(input, change, index)
    let receptance = projected(parts[3], "time_mix_receptance", index)
    var key = projected(parts[1], "time_mix_key", index)
    var value = projected(parts[2], "time_mix_value", index)
    let gate = graph.elementwise(projected(parts[4], "time_mix_gate", index))
    let kvHeads = facts.model.layers[index].kvHeadCount
    if isGatedLinear, kvHeads > 0, kvHeads != headCount, headCount % kvHeads == 0 {
      func spread(_ tensor: GraphTensor) -> GraphTensor {
        graph.repeated(
          graph.reshaped(tensor, Shape(headLength, 1, kvHeads, tokens)),
          Shape(headLength, headCount / kvHeads, kvHeads, tokens))
      }
      (key, value) = (spread(key), spread(value))
    }
    key = graph.reshaped(key, byHead)
    let heads = (value: graph.reshaped(value, byHead), receptance: graph.reshaped(receptance, byHead))
    var decay = graph.elementwise(
      narrow(parts[0], "time_mix_decay_w1", "time_mix_decay_w2", index, activates: true))
    for _ in 0..<3 { decay = graph.elementwise(decay) }
    decay = graph.reshaped(decay, byHead)
    if isGatedLinear { key = graph.elementwise(key, graph.elementwise(key, decay)) }
    let state = states(width: width * headLength)
    let output = recurrence([key, heads.value, heads.receptance, decay, state])
    let normed = isGatedLinear ? graph.reshaped(output, flat) : headNorm(output, index)
    return graph.reshaped(projected(graph.elementwise(normed, gate), "time_mix_output", index), bySequence)
  }

  /// Adds the five inputs of the mixing: each between a token and the one before it, by a share that depends on both.
  private func sixthInputs(_ input: GraphTensor, _ change: GraphTensor, _ index: Int) -> [GraphTensor] {
    let blended = graph.elementwise(graph.elementwise(change), input)
    let rank = (facts.rows("time_mix_w1", index) ?? 5) / 5
    let narrowed = graph.reshaped(
      graph.elementwise(graph.multiplied(blended, rows: rank * 5)), Shape(rank, 1, 5, tokens))
    let parted = graph.packed(graph.permuted(narrowed, Shape(0, 1, 3, 2)))
    let shares = graph.multiplied(parted, rows: width)
    guard facts.has("time_mix_lerp_fused.weight", index) else {
      return (0..<5).map { _ in
        let share = graph.elementwise(graph.view(shares, flat))
        return graph.elementwise(graph.elementwise(share, change), input)
      }
    }
    let each = Shape(width, 1, tokens, 1)
    let fused = graph.elementwise(
      graph.elementwise(graph.elementwise(shares), graph.reshaped(change, each)), graph.reshaped(input, each))
    return (0..<5).map { _ in graph.view(fused, flat) }
  }

  // MARK: Seventh kind

  private func seventhMixing(
    _ input: GraphTensor, _ before: GraphTensor, _ index: Int, _ firstValue: inout GraphTensor?
  ) -> GraphTensor {
    let isGated = facts.has("time_mix_g1.weight", index) && facts.has("time_mix_g2.weight", index)
    let change = graph.repeated(
      graph.elementwise(before, input), Shape(width, perSequence, request.sequences, isGated ? 6 : 5))
    let inputs = graph.elementwise(graph.elementwise(change), input)
    func part() -> GraphTensor { graph.view(inputs, flat) }
    let receptance = projected(part(), "time_mix_receptance", index)
    var decay = graph.elementwise(narrow(part(), "time_mix_w1", "time_mix_w2", index, activates: true))
    for _ in 0..<3 { decay = graph.elementwise(decay) }
    var key = projected(part(), "time_mix_key", index)
    let valueInput = part()
    var value = projected(valueInput, "time_mix_value", index)
    if let first = firstValue {
      let share = graph.elementwise(
        graph.elementwise(narrow(valueInput, "time_mix_v1", "time_mix_v2", index, activates: false)))
      value = graph.elementwise(value, graph.elementwise(graph.elementwise(first, value), share))
    } else {
      firstValue = value
    }
    let gate = isGated ? narrow(part(), "time_mix_g1", "time_mix_g2", index, activates: true) : nil
    let rate = graph.elementwise(
      graph.elementwise(narrow(part(), "time_mix_a1", "time_mix_a2", index, activates: false)))
    let direction = graph.copy(graph.reshaped(graph.elementwise(key), byHead))
    let scaled = graph.elementwise(key)
    key = graph.elementwise(key, graph.elementwise(graph.elementwise(rate, scaled), scaled))
    let heads = [receptance, decay, key, value, rate].map { graph.reshaped($0, byHead) }
    let state = states(width: width * headLength)
    let output = recurrence([
      heads[0], heads[1], heads[2], heads[3], graph.elementwise(direction), graph.elementwise(direction, heads[4]),
      state,
    ])
    var result = headNorm(output, index)
    let weight = graph.rowSums(graph.elementwise(graph.elementwise(heads[2], heads[0])))
    result = graph.elementwise(result, graph.reshaped(graph.elementwise(heads[3], weight), flat))
    if let gate { result = graph.elementwise(result, gate) }
    return graph.reshaped(projected(result, "time_mix_output", index), bySequence)
  }
}
