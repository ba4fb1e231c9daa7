/// Finds out which layers have experts, how many and how wide.
struct ExpertRules: Sendable {
  let keys: Hyperparameters
  let tensors: TensorNames
  let trunkCount: Int

  /// Returns the experts of a layer, nil for a dense one.
  func experts(at index: Int) -> Experts? {
    guard let count = keys.int("expert_count", layer: index), count > 0, hasExperts(index) else { return nil }
    let width =
      keys.int("expert_feed_forward_length", layer: index) ?? keys.int("feed_forward_length", layer: index) ?? 0
    let shared = max(0, keys.int("expert_shared_count") ?? 0)
    let sharedWidth = keys.int("expert_shared_feed_forward_length") ?? width * shared
    return Experts(
      count: count, usedCount: max(0, keys.int("expert_used_count", layer: index) ?? 0),
      sharedCount: shared == 0 && sharedWidth > 0 ? 1 : shared, feedForwardLength: max(0, width),
      sharedFeedForwardLength: max(0, sharedWidth))
  }

  /// The tensors decide where they are known; else the keys for dense layers in front and in between.
  private func hasExperts(_ index: Int) -> Bool {
    if !tensors.isEmpty { return tensors.hasExperts(layer: index) }
    let lead = keys.int("leading_dense_block_count") ?? 0
    guard index >= lead else { return false }
    if let marked = keys.flags("expert_layers") { return marked.indices.contains(index) && marked[index] }
    if let step = keys.int("interleave_moe_layer_step"), step > 1 { return (index + 1) % step == 0 }
    if let step = keys.int("moe_every_n_layers"), step > 1 { return index % step == 1 }
    if keys.architecture.hasPrefix("nemotron_h") { return keys.flags("expert_layers") != nil }
    return true
  }
}
