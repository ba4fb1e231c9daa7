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

  /// Returns whether llama-quantize changes the type of the tensor at all.
  static func isQuantizable(_ tensor: Tensor, architecture: String) -> Bool {
    let rank = (tensor.dimensions.lastIndex { $0 > 1 } ?? 0) + 1
    guard rank >= 2, tensor.name.hasSuffix("weight"), !keptNames.contains(tensor.name) else { return false }
    if keptParts.contains(where: { tensor.name.contains($0) }) { return false }
    return architecture != "glm5-next" || !keptPartsOfGLM5Next.contains { tensor.name.contains($0) }
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
