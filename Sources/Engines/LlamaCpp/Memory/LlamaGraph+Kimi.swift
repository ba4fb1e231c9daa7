import Models

/// Delta attention with a decay for each channel.
extension LlamaGraph {
  /// Adds a delta attention block with three convolutions, in the engine's fused form.
  func channelDeltaNet(_ input: GraphTensor, _ index: Int) -> GraphTensor {
    let length = facts.integer("kda.head_dim") ?? 0
    let heads = facts.model.layers.first?.headCount ?? 0
    let (inner, sequences) = (length * heads, request.sequences)
    let kernel = max(1, facts.shape.stateSpace?.convolutionKernel ?? 4)
    let perHead = Shape(length, heads, request.tokensPerSequence, sequences)
    graph.expand(input)
    let before = states(width: 3 * (kernel - 1) * inner)
    let fused = facts.has("attn_qkv.weight", index) ? projected(input, "attn_qkv", index) : nil
    let parts = ["attn_q", "attn_k", "attn_v"].map { name in
      let flat = fused.map { graph.packed(graph.view($0, Shape(inner, tokens, 1, 1))) } ?? projected(input, name, index)
      return graph.reshaped(convolvedPart(flat, before, inner: inner, kernel: kernel), perHead)
    }
    let low = projected(projected(input, "ssm_f_a", index), "ssm_f_b", index)
    let shape = Shape(length, heads, tokens, 1)
    let decay = graph.elementwise(graph.reshaped(graph.elementwise(graph.elementwise(low)), shape))
    let perToken = Shape(1, heads, request.tokensPerSequence, sequences)
    let beta = graph.elementwise(graph.reshaped(projected(input, "ssm_beta", index), perToken))
    let state = graph.reshaped(states(width: length * inner), Shape(length, length, heads, sequences))
    let query = graph.elementwise(graph.elementwise(parts[0]))
    let key = graph.elementwise(graph.elementwise(parts[1]))
    let net = graph.result(
      Shape(inner, tokens + length * sequences, 1, 1),
      of: [query, key, parts[2], graph.reshaped(decay, perHead), beta, state])
    let output = graph.packed(graph.view(net, perHead))
    graph.expand(graph.store([graph.view(net, Shape(length, length, heads, sequences))]))
    let gate = graph.reshaped(projected(projected(input, "ssm_g_a", index), "ssm_g_b", index), shape)
    let normed = normalized(graph.reshaped(output, shape), "ssm_norm", layer: index, norm: .rootMeanSquare)
    let gated = graph.packed(graph.elementwise(normed, graph.elementwise(gate)), Shape(inner, tokens, 1, 1))
    return projected(gated, "attn_output", index)
  }

  private func convolvedPart(_ flat: GraphTensor, _ before: GraphTensor, inner: Int, kernel: Int) -> GraphTensor {
    let sequences = request.sequences
    let shaped = graph.reshaped(flat, Shape(inner, request.tokensPerSequence, sequences, 1))
    let taps = Shape(kernel - 1, inner, sequences, 1)
    let joined = graph.joined(graph.view(before, taps), graph.transposed(shaped))
    graph.expand(graph.store([graph.view(joined, taps)]))
    let mixed = graph.result(Shape(inner, request.tokensPerSequence, sequences, 1), of: [joined])
    return graph.elementwise(graph.reshaped(mixed, Shape(inner, tokens, 1, 1)))
  }
}
