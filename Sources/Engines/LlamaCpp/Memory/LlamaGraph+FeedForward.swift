import Models

extension LlamaGraph {
  /// How a feed-forward block combines its projections.
  enum Activation: Sendable {
    /// Gate and up projections, combined by one gated operation.
    case gated
    /// One up projection twice as wide, halves combined.
    case halves
    /// Up projection and a pointwise function.
    case pointwise
    /// Up projection and two pointwise functions, one after the other.
    case squared
  }

  /// Adds a feed-forward block; `suffix` names the shared experts' weights.
  func feedForward(_ tensor: GraphTensor, _ index: Int, _ activation: Activation, suffix: String = "") -> GraphTensor {
    let up = projected(tensor, "ffn_up\(suffix)", index)
    var current: GraphTensor
    let hasGate = facts.has("ffn_gate\(suffix).weight", index)
    switch activation {
    case .gated where hasGate:
      current = graph.gated(projected(tensor, "ffn_gate\(suffix)", index), up)
    case .halves:
      current = graph.gatedHalves(up)
    case .squared:
      current = graph.elementwise(graph.elementwise(up))
    case .gated, .pointwise:
      current = graph.elementwise(up)
    }
    current = projected(current, "ffn_down\(suffix)", index)
    return current
  }

  /// How tokens are routed to experts.
  struct Routing: Sendable {
    /// What turns the router's logits into probabilities, and when.
    enum Gate: Sendable { case softmax, sigmoid, softmaxOfWeights, squareRootSoftplus }
    var gate: Gate = .softmax
    var normalizes = true
    var scales = false
    /// The weights are applied before the experts rather than after.
    var weighsInput = false
    var activation: Activation = .gated
  }

  /// Adds the experts, in the narrower width that some families shrink the tokens to before them; the router reads them
  /// whole.
  func pickedExperts(
    _ tensor: GraphTensor, _ index: Int, _ picked: Experts, _ routing: Routing, routerLogits: GraphTensor? = nil
  ) -> GraphTensor {
    guard facts.has("ffn_latent_down.weight", index) else {
      return experts(tensor, index, picked, routing, routerLogits: routerLogits)
    }
    let logits = routerLogits ?? routed(tensor, index, picked)
    let narrow = projected(tensor, "ffn_latent_down", index)
    let result = experts(narrow, index, picked, routing, routerLogits: logits)
    return projected(result, "ffn_latent_up", index)
  }

  /// Adds a routed feed-forward block.
  func experts(
    _ tensor: GraphTensor, _ index: Int, _ experts: Experts, _ routing: Routing, routerLogits: GraphTensor? = nil
  ) -> GraphTensor {
    let picked = route(routerLogits ?? routed(tensor, index, experts), index, experts, routing)
    let width = graph.shape(tensor)[0]
    let used = experts.usedCount
    var current = graph.reshaped(tensor, Shape(width, 1, graph.shape(tensor)[1], 1))
    let count = graph.shape(current)[2]
    if routing.weighsInput {
      current = graph.elementwise(graph.repeated(current, Shape(width, used, count, 1)), picked.weights)
    }
    current = expertActivation(current, index, picked.ids, routing)
    current = expertProjection(current, "ffn_down_exps", index, picked.ids)
    if !routing.weighsInput { current = graph.elementwise(current, picked.weights) }
    graph.expand(current)
    let parts = (0..<used).map { _ in graph.view(current, Shape(width, count, 1, 1)) }
    for part in parts { graph.expand(part) }
    guard used > 1 else { return graph.packed(parts[0]) }
    var sum = parts[0]
    for part in parts.dropFirst() {
      sum = graph.elementwise(sum, part)
      graph.expand(sum)
    }
    return sum
  }

  private func expertProjection(_ tensor: GraphTensor, _ name: String, _ index: Int, _ ids: GraphTensor) -> GraphTensor
  {
    var current = graph.multiplied(tensor, rows: facts.rows(name, index) ?? 1, experts: ids)
    if facts.has("\(name).scale", index) {
      let scales = graph.repeated(
        ids, Shape(1, facts.model.layers[index].experts?.count ?? 1, graph.shape(tensor)[2], 1))
      current = graph.elementwise(current, graph.rows(of: scales, ids))
    }
    if facts.has("\(name).bias", index) { current = graph.elementwise(current, ids) }
    return current
  }

  private func expertActivation(_ tensor: GraphTensor, _ index: Int, _ ids: GraphTensor, _ routing: Routing)
    -> GraphTensor
  {
    if facts.has("ffn_gate_up_exps.weight", index) {
      let joint = expertProjection(tensor, "ffn_gate_up_exps", index, ids)
      var half = graph.shape(joint)
      half[0] /= 2
      return graph.gated(graph.view(joint, half), graph.view(joint, half))
    }
    let up = expertProjection(tensor, "ffn_up_exps", index, ids)
    guard facts.has("ffn_gate_exps.weight", index) else {
      return routing.activation == .squared ? graph.elementwise(graph.elementwise(up)) : graph.elementwise(up)
    }
    return graph.gated(expertProjection(tensor, "ffn_gate_exps", index, ids), up)
  }

  /// Adds the router's logits.
  private func routed(_ tensor: GraphTensor, _ index: Int, _ experts: Experts) -> GraphTensor {
    let logits = graph.multiplied(tensor, rows: experts.count)
    return facts.has("ffn_gate_inp.bias", index) ? graph.elementwise(logits) : logits
  }

  /// Adds the choice of experts for each token, and their weights.
  private func route(_ logits: GraphTensor, _ index: Int, _ experts: Experts, _ routing: Routing)
    -> (ids: GraphTensor, weights: GraphTensor)
  {
    let count = graph.shape(logits)[1]
    var scores = logits
    switch routing.gate {
    case .softmax, .sigmoid: scores = graph.elementwise(logits)
    case .squareRootSoftplus: scores = graph.elementwise(graph.elementwise(logits))
    case .softmaxOfWeights: break
    }
    var selection = scores
    if facts.has("exp_probs_b.bias", index) || facts.has("exp_probs_b", index) { selection = graph.elementwise(scores) }
    if routing.weighsInput { selection = logits }
    selection = grouped(selection, experts, count)
    let ids = graph.largest(experts.usedCount, of: selection)
    let each = Shape(1, experts.usedCount, count, 1)
    let flat = Shape(experts.usedCount, count, 1, 1)
    var weights = graph.rows(of: graph.reshaped(scores, Shape(1, experts.count, count, 1)), ids)
    if routing.gate == .softmaxOfWeights {
      weights = graph.reshaped(graph.elementwise(graph.reshaped(weights, flat)), each)
    }
    if routing.normalizes {
      weights = graph.reshaped(weights, flat)
      let sum = graph.elementwise(graph.rowSums(weights))
      weights = graph.reshaped(graph.elementwise(weights, sum), each)
    }
    if routing.scales { weights = graph.elementwise(weights) }
    graph.expand(weights)
    return (ids, weights)
  }

  /// Adds the choice of expert groups before that of experts, where the model has groups.
  private func grouped(_ selection: GraphTensor, _ experts: Experts, _ count: Int) -> GraphTensor {
    let groups = facts.integer("expert_group_count") ?? 0
    let usedGroups = facts.integer("expert_group_used_count") ?? 0
    guard groups > 1 else { return selection }
    let size = experts.count / groups
    let byGroup = graph.reshaped(selection, Shape(size, groups, count, 1))
    let best = graph.largest(2, of: byGroup)
    let each = graph.reshaped(byGroup, Shape(1, size, groups, count))
    var scores = graph.rows(of: each, best)
    scores = graph.rowSums(graph.reshaped(scores, Shape(2, groups, count, 1)))
    scores = graph.reshaped(scores, Shape(groups, count, 1, 1))
    let chosen = graph.largest(usedGroups, of: scores)
    let kept = graph.rows(of: byGroup, chosen)
    let masked = graph.elementwise(byGroup)
    let merged = graph.write(into: masked, sources: [kept, chosen, masked])
    return graph.reshaped(merged, Shape(experts.count, count, 1, 1))
  }
}
