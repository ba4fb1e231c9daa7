import Units

/// What llama.cpp's loader demands of a text model's header beyond its tensors.
///
/// Found by taking each key in turn from a real file and starting llama-server with it.
struct GGUFRequirements: Sendable {
  let metadata: [String: GGUFValue]
  let tensors: [GGUFTensor]
  let keys: Hyperparameters

  /// What is missing, as a warning; nil where the header has all of it.
  ///
  /// Without a dimension nothing can be planned. Without a vocabulary the plan holds, though this file would not load.
  /// Projectors, codecs and adapters have keys of their own, and so have architectures that are not known here.
  func warning() -> Reason? {
    guard Architecture.named(keys.architecture) != nil, !["clip", "wavtokenizer-dec"].contains(keys.architecture),
      metadata["general.type"]?.string ?? "model" == "model"
    else { return nil }
    if let key = dimension() { return missing(.missingKey, "\(keys.architecture).\(key)") }
    return (norm().map { "\(keys.architecture).\($0)" } ?? vocabulary()).map { missing(.incompleteHeader, $0) }
  }

  private func missing(_ code: ReasonCode, _ key: String) -> Reason {
    Reason(
      code, "the header has no \(key), without which llama-server does not load it",
      remedy: "convert the model again, or take another publisher's file")
  }

  private func has(_ key: String) -> Bool { keys.numbers[key] != nil || keys.arrays[key] != nil }

  private func dimension() -> String? {
    if let key = ["block_count", "context_length", "embedding_length"].first(where: { keys.numbers[$0] == nil }) {
      return key
    }
    // These may be left out, and count 0 or what another key says; the loader then refuses tensors of other sizes.
    if !has("attention.head_count"), first(["attn_q.weight", "attn_qkv.weight", "attn_q_b.weight"]) != nil {
      return "attention.head_count"
    }
    if !has("attention.head_count_kv"), let rows = first(["attn_k.weight"])?.dimensions.last,
      let heads = keys.int("attention.head_count"), heads > 0, let width = keys.int("embedding_length"),
      rows != heads * (keys.int("attention.key_length") ?? width / heads)
    {
      return "attention.head_count_kv"
    }
    if !has("feed_forward_length"), first(["ffn_gate.weight", "ffn_up.weight"]) != nil { return "feed_forward_length" }
    return nil
  }

  /// The first tensor with one of these names in any block.
  private func first(_ names: [String]) -> GGUFTensor? {
    tensors.first { tensor in
      guard tensor.name.hasPrefix("blk."), let dot = tensor.name.dropFirst(4).firstIndex(of: ".") else { return false }
      return names.contains(String(tensor.name[tensor.name.index(after: dot)...]))
    }
  }

  private func norm() -> String? {
    let names = ["attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"]
    return names.contains(where: has) || first(["attn_norm.weight"]) == nil ? nil : names[0]
  }

  private func vocabulary() -> String? {
    guard let kind = metadata["tokenizer.ggml.model"]?.string else { return "tokenizer.ggml.model" }
    guard kind != "no_vocab", kind != "none" else { return nil }
    if metadata["tokenizer.ggml.tokens"] == nil { return "tokenizer.ggml.tokens" }
    return kind == "gpt2" && metadata["tokenizer.ggml.merges"] == nil ? "tokenizer.ggml.merges" : nil
  }
}
