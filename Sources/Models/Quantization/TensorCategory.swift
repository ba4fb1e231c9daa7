/// What a tensor is for, as far as llama-quantize tells tensors apart by their names.
enum TensorCategory: Sendable, Hashable {
  case output, tokenEmbedding, qkv, kvB, value, key, query, attentionOutput, up, gate, down, other

  init(_ name: String) {
    switch name {
    case "output.weight": self = .output
    case "token_embd.weight", "per_layer_token_embd.weight": self = .tokenEmbedding
    default: self = Self.parts.first { name.contains($0.0) }?.1 ?? .other
    }
  }

  /// In the order in which they are looked for.
  private static let parts: [(String, TensorCategory)] = [
    ("attn_qkv.weight", .qkv), ("attn_kv_b.weight", .kvB), ("attn_v.weight", .value), ("attn_k.weight", .key),
    ("attn_q.weight", .query), ("attn_output.weight", .attentionOutput), ("ffn_up", .up), ("ffn_gate", .gate),
    ("ffn_down", .down),
  ]

  /// True for tensors that hold values, which suffer most from few bits.
  var isValueLike: Bool { self == .value || self == .qkv || self == .kvB }

  /// Returns whether llama-quantize changes the type of tensors of that name at all, if they have two dimensions.
  static func isQuantizable(_ name: String, architecture: String) -> Bool {
    guard name.hasSuffix("weight"), !keptNames.contains(name) else { return false }
    if keptParts.contains(where: { name.contains($0) }) { return false }
    return architecture != "glm5-next" || !keptPartsOfGLM5Next.contains { name.contains($0) }
  }

  private static let keptNames: Set<String> = ["position_embd.weight", "token_types.weight"]

  private static let keptParts = [
    "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj",
    "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "time_mix_first.weight",
    "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight",
    "time_mix_v2.weight", "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight",
    "time_mix_g2.weight", "time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight",
    "attn_rel_b.weight", ".position_embd", "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd",
    ".patch_merger", "a.rvq.codebook", "mm.a.code_embd",
  ]

  private static let keptPartsOfGLM5Next = [
    "hc_", "indexer.attn_q_b", "indexer.attn_k", "indexer.proj", "indexer_compressor_gate", "indexer_compressor_ape",
    "ssm_f_a.weight", "ssm_f_b.weight", "ssm_g_a.weight", "ssm_g_b.weight", "ssm_beta.weight", "attn_kv_a_mqa.weight",
    "attn_k_b.weight", "attn_v_b.weight",
  ]
}

/// A tensor with what the rules need to know of it, whatever the mix.
struct ClassifiedTensor: Sendable {
  let tensor: Tensor
  /// Its place among the model's tensors.
  let index: Int
  let layer: Int?
  /// The type that it has; nil for one that GGUF does not have.
  let type: GGUFType?
  let category: TensorCategory
  let isQuantizable: Bool
  /// True for tensors that GLM-5-Next never takes below Q8_0.
  let isHeld: Bool

  /// Sorts tensors as llama.cpp's loader holds them: those of no layer first, then by layer and name.
  static func inLoaderOrder(_ tensors: [Tensor], architecture: String) -> [ClassifiedTensor] {
    // Layers repeat the same names: each is looked at once.
    var known: [Substring: (TensorCategory, isQuantizable: Bool, isHeld: Bool)] = [:]
    return tensors.enumerated().map { index, tensor in
      let layer = TensorNames.layer(of: tensor.name)
      let rest = TensorNames.withoutLayer(tensor.name)
      let facts = known[rest] ?? classify(tensor.name, architecture)
      known[rest] = facts
      let rank = (tensor.dimensions.lastIndex { $0 > 1 } ?? 0) + 1
      return ClassifiedTensor(
        tensor: tensor, index: index, layer: layer, type: GGUFType.named(tensor.type), category: facts.0,
        isQuantizable: facts.isQuantizable && rank >= 2,
        isHeld: facts.isHeld)
    }.sorted { ($0.layer ?? -1, $0.tensor.name) < ($1.layer ?? -1, $1.tensor.name) }
  }

  private static func classify(
    _ name: String, _ architecture: String
  ) -> (TensorCategory, isQuantizable: Bool, isHeld: Bool) {
    let held = ["attn_q_a", "attn_q_b", "nextn.eh_proj"]
    return (
      TensorCategory(name), TensorCategory.isQuantizable(name, architecture: architecture),
      architecture == "glm5-next" && held.contains { name.contains($0) }
    )
  }
}
