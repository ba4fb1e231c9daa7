import Models

/// Blocks that carry a state of fixed size from token to token.
extension LlamaGraph {
  private var state: StateSpaceShape { facts.shape.stateSpace ?? StateSpaceShape() }
  private var perSequence: Int { request.tokensPerSequence }

  /// Adds the states of this batch's sequences, read from the state cache.
  ///
  /// - Parameter reader: computes on the cache in place instead of on a copy of the states.
  func states(width: Int, reader: ((GraphTensor) -> GraphTensor)? = nil) -> GraphTensor {
    let sequences = request.sequences
    let main = graph.view(stateIDs, Shape(sequences, 1, 1, 1))
    let ids = reader == nil ? stateIDs : graph.view(stateIDs, Shape(sequences - 1, 1, 1, 1))
    let gathered = graph.rows(width: width, ids)
    let result = reader?(main) ?? graph.view(gathered, Shape(width, sequences, 1, 1), isPacked: true)
    graph.expand(result)
    graph.expand(graph.store([graph.view(gathered, Shape(width, 0, 1, 1))]))
    return result
  }

  /// Adds a convolution over the last tokens: joins its state with the new tokens and stores the state to come.
  private func convolved(_ tensor: GraphTensor, kernel: Int, channels: Int, isTransposed: Bool = false) -> GraphTensor {
    let before = graph.reshaped(
      states(width: (kernel - 1) * channels), Shape(kernel - 1, channels, request.sequences, 1))
    let joined = graph.joined(before, isTransposed ? tensor : graph.transposed(tensor))
    graph.expand(graph.store([graph.view(joined, Shape(kernel - 1, channels, request.sequences, 1))]))
    return joined
  }

  private func convolution(_ joined: GraphTensor, channels: Int) -> GraphTensor {
    graph.result(Shape(channels, perSequence, request.sequences, 1), of: [joined])
  }

  // MARK: Mamba

  /// Adds a selective state space block of the first kind.
  func mamba(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    let (inner, states, rank) = (state.innerSize, state.stateSize, state.timeStepRank)
    let sequences = request.sequences
    // The state is read before the projection enters the graph.
    let before = graph.reshaped(
      self.states(width: (state.convolutionKernel - 1) * inner),
      Shape(state.convolutionKernel - 1, inner, sequences, 1))
    let shaped = graph.reshaped(input, Shape(graph.shape(input)[0], perSequence, sequences, 1))
    let both = projected(shaped, "ssm_in", index)
    let gate = graph.view(both, Shape(inner, perSequence, sequences, 1))
    let joined = graph.joined(before, graph.transposed(graph.view(both, Shape(inner, perSequence, sequences, 1))))
    graph.expand(graph.store([graph.view(joined, Shape(state.convolutionKernel - 1, inner, sequences, 1))]))
    let mixed = graph.elementwise(graph.elementwise(convolution(joined, channels: inner)))
    let parameters = projected(mixed, "ssm_x", index)
    var step = graph.view(parameters, Shape(rank, perSequence, sequences, 1))
    var inputMatrix = graph.view(parameters, Shape(states, 1, perSequence, sequences))
    var outputMatrix = graph.view(parameters, Shape(states, 1, perSequence, sequences))
    if facts.isSet("ssm.dt_b_c_rms") || facts.has("ssm_dt_norm.weight", index) {
      step = normalized(step, "ssm_dt_norm", layer: index, norm: .rootMeanSquare)
      inputMatrix = normalized(inputMatrix, "ssm_b_norm", layer: index, norm: .rootMeanSquare)
      outputMatrix = normalized(outputMatrix, "ssm_c_norm", layer: index, norm: .rootMeanSquare)
    } else {
      step = graph.packed(step)
    }
    step = projected(step, "ssm_dt", index)
    let values = graph.reshaped(mixed, Shape(1, inner, perSequence, sequences))
    let scanned = self.states(width: states * inner) { ids in
      self.scanned(values, step, inputMatrix, outputMatrix, ids, states: states, inner: inner)
    }
    var result = graph.view(scanned, Shape(inner, perSequence, sequences, 1))
    result = graph.elementwise(result, graph.elementwise(mixed))
    result = graph.gated(graph.packed(gate), result)
    return graph.reshaped(
      projected(result, "ssm_out", index), Shape(facts.rows("ssm_out", index) ?? facts.embedding, tokens, 1, 1))
  }

  /// Adds a state space scan, whose result holds the outputs and the states after them, and stores the states.
  private func scanned(
    _ values: GraphTensor, _ step: GraphTensor, _ inputMatrix: GraphTensor, _ outputMatrix: GraphTensor,
    _ ids: GraphTensor, states: Int, inner: Int
  ) -> GraphTensor {
    let elements = graph.elementCount(values) + states * inner * request.sequences * (1 + request.rollbacks)
    return graph.result(Shape(elements, 1, 1, 1), of: [values, step, inputMatrix, outputMatrix, ids])
  }

  /// Adds a selective state space block of the second kind, with heads and groups.
  func mamba2(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    let (inner, states, heads, groups) = (state.innerSize, state.stateSize, state.timeStepRank, state.groupCount)
    let (sequences, kernel, length) = (request.sequences, state.convolutionKernel, inner / max(1, heads))
    let channels = inner + 2 * groups * states
    let before = graph.reshaped(
      self.states(width: (kernel - 1) * channels), Shape(kernel - 1, channels, sequences, 1))
    var all = projected(input, "ssm_in", index)
    all = graph.reshaped(all, Shape(graph.shape(all)[0], perSequence, sequences, 1))
    let gate = graph.view(all, Shape(length, heads, perSequence, sequences))
    let joined = graph.joined(before, graph.transposed(graph.view(all, Shape(channels, perSequence, sequences, 1))))
    graph.expand(graph.store([graph.view(joined, Shape(kernel - 1, channels, sequences, 1))]))
    let mixed = graph.elementwise(graph.elementwise(convolution(joined, channels: channels)))
    let values = graph.view(mixed, Shape(length, heads, perSequence, sequences))
    let inputMatrix = graph.view(mixed, Shape(states, groups, perSequence, sequences))
    let outputMatrix = graph.view(mixed, Shape(states, groups, perSequence, sequences))
    let step = graph.elementwise(graph.packed(graph.view(all, Shape(heads, perSequence, sequences, 1))))
    let scanned = self.states(width: states * inner) { ids in
      self.scanned(values, step, inputMatrix, outputMatrix, ids, states: states, inner: inner)
    }
    graph.expand(graph.store([graph.view(scanned, Shape(states * inner, sequences, 1, 1))]))
    var result = graph.view(scanned, Shape(length, heads, perSequence, sequences))
    result = graph.elementwise(result, graph.elementwise(values))
    result = graph.gated(graph.packed(gate), result)
    if facts.has("ssm_norm.weight", index) {
      result = graph.reshaped(result, Shape(inner / max(1, groups), groups, perSequence, sequences))
      result = normalized(result, "ssm_norm", layer: index, norm: .rootMeanSquare)
    }
    return projected(graph.reshaped(result, Shape(inner, tokens, 1, 1)), "ssm_out", index)
  }

  // MARK: Short convolution

  /// Adds a gated short convolution.
  func shortConvolution(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    let width = facts.embedding
    let shaped = graph.reshaped(input, Shape(width, perSequence, request.sequences, 1))
    let all = projected(shaped, "shortconv.in_proj", index)
    let part = Shape(graph.shape(all)[0] / 3, perSequence, request.sequences, 1)
    let (first, second, third) = (graph.view(all, part), graph.view(all, part), graph.view(all, part))
    let gated = graph.transposed(graph.elementwise(first, third))
    let joined = convolved(gated, kernel: state.convolutionKernel, channels: width, isTransposed: true)
    let result = graph.elementwise(second, convolution(joined, channels: width))
    return graph.reshaped(projected(result, "shortconv.out_proj", index), Shape(width, tokens, 1, 1))
  }

  // MARK: Gated delta net

  /// Adds a gated delta net block, in the engine's fused form.
  func deltaNet(_ input: GraphTensor, _ index: Int, repeatsKeys: Bool) -> GraphTensor {
    let (inner, length, keyHeads, heads) = (state.innerSize, state.stateSize, state.groupCount, state.timeStepRank)
    let sequences = request.sequences
    let valueLength = inner / max(1, heads)
    let (joint, gateInput) = deltaNetProjections(input, index)
    let (beta, decay) = deltaNetGates(input, index)
    let channels = inner + 2 * keyHeads * length
    let joined = convolved(joint, kernel: state.convolutionKernel, channels: channels)
    let before = graph.reshaped(
      states(width: length * inner), Shape(valueLength, valueLength, heads, sequences))
    let mixed = graph.elementwise(convolution(joined, channels: channels))
    func unit(_ heads: Int, _ length: Int) -> GraphTensor {
      graph.view(mixed, Shape(length, heads, perSequence, sequences))
    }
    var query = graph.elementwise(graph.elementwise(unit(keyHeads, length)))
    var key = graph.elementwise(graph.elementwise(unit(keyHeads, length)))
    if repeatsKeys, keyHeads != heads {
      query = interleaved(query, length: length, from: keyHeads, to: heads)
      key = interleaved(key, length: length, from: keyHeads, to: heads)
    }
    let value = unit(heads, valueLength)
    let net = graph.result(
      Shape(valueLength * heads, tokens + valueLength * sequences * (1 + request.rollbacks), 1, 1),
      of: [query, key, value, decay, beta, before])
    let output = graph.view(net, Shape(valueLength, heads, perSequence, sequences))
    graph.expand(graph.store([graph.view(net, Shape(valueLength, valueLength, heads, sequences))]))
    let normed = normalized(output, "ssm_norm", layer: index, norm: .rootMeanSquare)
    let gate = graph.elementwise(graph.reshaped(gateInput, Shape(valueLength, heads, perSequence, sequences)))
    let result = graph.reshaped(graph.elementwise(normed, gate), Shape(inner, perSequence, sequences, 1))
    return graph.reshaped(projected(result, "ssm_out", index), Shape(facts.embedding, tokens, 1, 1))
  }

  private func interleaved(_ tensor: GraphTensor, length: Int, from: Int, to: Int) -> GraphTensor {
    let single = graph.reshaped(tensor, Shape(length, 1, from, tokens))
    let several = graph.repeated(single, Shape(length, to / from, from, tokens))
    return graph.reshaped(several, Shape(length, to, perSequence, request.sequences))
  }

  /// Adds the joint projection of queries, keys and values, and that of the gate; older files have one for all four.
  private func deltaNetProjections(_ input: GraphTensor, _ index: Int) -> (joint: GraphTensor, gate: GraphTensor) {
    let sequences = request.sequences
    guard !facts.has("attn_qkv.weight", index) else {
      let joint = projected(input, "attn_qkv", index)
      let shaped = graph.reshaped(joint, Shape(graph.shape(joint)[0], perSequence, sequences, 1))
      return (shaped, projected(input, "attn_gate", index))
    }
    let (length, keyHeads, heads) = (state.stateSize, state.groupCount, state.timeStepRank)
    let valueLength = state.innerSize / max(1, heads)
    let valuesPerKey = valueLength * heads / max(1, keyHeads)
    let all = projected(input, "ssm_in", index)
    let shaped = graph.reshaped(all, Shape(2 * length + 2 * valuesPerKey, keyHeads, perSequence, sequences))
    func part(_ width: Int) -> GraphTensor { graph.view(shaped, Shape(width, keyHeads, perSequence, sequences)) }
    func flat(_ width: Int) -> GraphTensor {
      graph.packed(part(width), Shape(width * keyHeads, perSequence, sequences, 1))
    }
    let gate = graph.packed(part(valuesPerKey))
    let (query, key, value) = (flat(length), flat(length), flat(valuesPerKey))
    return (graph.joined(graph.joined(query, key), value), gate)
  }

  /// Adds the write strength and the decay of each head.
  private func deltaNetGates(_ input: GraphTensor, _ index: Int) -> (beta: GraphTensor, decay: GraphTensor) {
    let (heads, keyHeads, sequences) = (state.timeStepRank, state.groupCount, request.sequences)
    let perHead = Shape(1, heads, perSequence, sequences)
    var beta: GraphTensor
    var alpha: GraphTensor
    if facts.has("ssm_ba.weight", index) {
      let both = graph.reshaped(
        projected(input, "ssm_ba", index), Shape(2 * heads / max(1, keyHeads), keyHeads, perSequence, sequences))
      let half = Shape(heads / max(1, keyHeads), keyHeads, perSequence, sequences)
      beta = graph.elementwise(graph.packed(graph.view(both, half)))
      beta = graph.reshaped(beta, perHead)
      alpha = graph.packed(graph.view(both, half), Shape(heads, perSequence, sequences, 1))
    } else {
      beta = graph.elementwise(graph.reshaped(projected(input, "ssm_beta", index), perHead))
      alpha = graph.reshaped(projected(input, "ssm_alpha", index), Shape(heads, perSequence, sequences, 1))
    }
    let decay = graph.elementwise(graph.elementwise(graph.elementwise(alpha)))
    return (beta, graph.reshaped(decay, perHead))
  }
}
