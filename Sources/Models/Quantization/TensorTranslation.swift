/// The names of tensors in checkpoints, in GGUF's spelling (as the converter's `tensor_mapping.py` has them).
enum TensorTranslation {
  /// Returns GGUF's name for the part of a block that follows `layers.N.`, without `.weight` or `.bias`.
  ///
  /// A name that is not known is kept: it then counts as a tensor without rules of its own.
  static func blockName(_ part: String, architecture: String) -> String {
    switch (part, architecture) {
    case ("post_attention_layernorm", _) where sandwiched.contains(architecture): return "post_attention_norm"
    case ("post_attention_layernorm", "gpt-oss"), ("post_attention_layernorm", "qwen3next"),
      ("post_attention_layernorm", "qwen35"), ("post_attention_layernorm", "qwen35moe"):
      return "post_attention_norm"
    case ("norm", _), ("operator_norm", _), ("input_layernorm", _), ("ln_1", _), ("attention_norm", _):
      return "attn_norm"
    case ("linear_attn.in_proj_qkv", _): return "attn_qkv"
    default: return block[part] ?? part
    }
  }

  /// Families with a norm after each half of a block as well as before it.
  private static let sandwiched: Set<String> = ["gemma2", "gemma3", "gemma3n", "gemma4", "glm4", "olmo2", "exaone4"]

  /// Returns GGUF's name for a tensor of no block, without its ending.
  static func globalName(_ name: String) -> String? {
    let last = name.split(separator: ".").suffix(2).joined(separator: ".")
    switch name {
    case "lm_head", "output", "embed_out": return "output"
    default: break
    }
    switch last.split(separator: ".").last.map(String.init) ?? last {
    case "embed_tokens", "wte", "word_embeddings", "embed_in", "tok_embeddings", "embeddings": return "token_embd"
    case "embed_tokens_per_layer": return "per_layer_token_embd"
    case "lm_head": return "output"
    case "norm", "ln_f", "norm_f", "final_layernorm", "final_layer_norm", "embedding_norm": return "output_norm"
    case "wpe", "position_embeddings": return "position_embd"
    case "token_type_embeddings": return "token_types"
    default: return nil
    }
  }

  private static let block: [String: String] = [
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.out_proj": "attn_output", "self_attn.dense": "attn_output",
    "self_attn.qkv_proj": "attn_qkv", "self_attention.query_key_value": "attn_qkv", "attn.c_attn": "attn_qkv",
    "attention.query_key_value": "attn_qkv", "self_attention.dense": "attn_output", "attention.dense": "attn_output",
    "attn.c_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.q_layernorm": "attn_q_norm", "self_attn.k_layernorm": "attn_k_norm",
    "self_attn.query_layernorm": "attn_q_norm", "self_attn.key_layernorm": "attn_k_norm",
    "self_attn.sinks": "attn_sinks.weight",
    "self_attn.q_a_proj": "attn_q_a", "self_attn.q_b_proj": "attn_q_b", "self_attn.q_a_layernorm": "attn_q_a_norm",
    "self_attn.kv_a_proj_with_mqa": "attn_kv_a_mqa", "self_attn.kv_a_layernorm": "attn_kv_a_norm",
    "self_attn.indexer.wq_b": "indexer.attn_q_b", "self_attn.indexer.wk": "indexer.attn_k",
    "self_attn.indexer.k_norm": "indexer.k_norm", "self_attn.indexer.weights_proj": "indexer.proj",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "mlp.gate_up_proj": "ffn_up",
    "mlp.c_fc": "ffn_up", "mlp.fc1": "ffn_up", "mlp.fc2": "ffn_down", "mlp.c_proj": "ffn_down",
    "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
    "feed_forward.gate_proj": "ffn_gate", "feed_forward.up_proj": "ffn_up", "feed_forward.down_proj": "ffn_down",
    "feed_forward.w1": "ffn_gate", "feed_forward.w3": "ffn_up", "feed_forward.w2": "ffn_down",
    "post_attention_layernorm": "ffn_norm", "pre_feedforward_layernorm": "ffn_norm", "ffn_norm": "ffn_norm",
    "pre_ff_layernorm": "ffn_norm", "ln_2": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
    "post_self_attn_layernorm": "post_attention_norm", "post_mlp_layernorm": "post_ffw_norm",
    "mlp.gate": "ffn_gate_inp", "mlp.router": "ffn_gate_inp", "block_sparse_moe.gate": "ffn_gate_inp",
    "feed_forward.router": "ffn_gate_inp", "feed_forward.gate": "ffn_gate_inp", "mixer.gate": "ffn_gate_inp",
    "mlp.gate.e_score_correction_bias": "exp_probs_b.bias", "mixer.gate.e_score_correction_bias": "exp_probs_b.bias",
    "mlp.fc1_latent_proj": "ffn_latent_down", "mlp.fc2_latent_proj": "ffn_latent_up",
    "mixer.fc1_latent_proj": "ffn_latent_down", "mixer.fc2_latent_proj": "ffn_latent_up",
    "mlp.shared_expert_gate": "ffn_gate_inp_shexp", "mlp.shared_expert.gate_proj": "ffn_gate_shexp",
    "mlp.shared_expert.up_proj": "ffn_up_shexp", "mlp.shared_expert.down_proj": "ffn_down_shexp",
    "mlp.shared_experts.gate_proj": "ffn_gate_shexp", "mlp.shared_experts.up_proj": "ffn_up_shexp",
    "mlp.shared_experts.down_proj": "ffn_down_shexp", "feed_forward.shared_expert.gate_proj": "ffn_gate_shexp",
    "feed_forward.shared_expert.up_proj": "ffn_up_shexp", "feed_forward.shared_expert.down_proj": "ffn_down_shexp",
    "mixer.shared_experts.up_proj": "ffn_up_shexp", "mixer.shared_experts.down_proj": "ffn_down_shexp",
    "mixer.in_proj": "ssm_in", "mixer.out_proj": "ssm_out", "mixer.conv1d": "ssm_conv1d", "mixer.x_proj": "ssm_x",
    "mixer.dt_proj": "ssm_dt", "mixer.A_log": "ssm_a", "mixer.D": "ssm_d", "mixer.norm": "ssm_norm",
    "mixer.dt_bias": "ssm_dt.bias", "mixer.q_proj": "attn_q", "mixer.k_proj": "attn_k", "mixer.v_proj": "attn_v",
    "mixer.o_proj": "attn_output", "mixer.up_proj": "ffn_up", "mixer.down_proj": "ffn_down",
    "mamba.in_proj": "ssm_in", "mamba.out_proj": "ssm_out", "mamba.conv1d": "ssm_conv1d", "mamba.x_proj": "ssm_x",
    "mamba.dt_proj": "ssm_dt", "mamba.A_log": "ssm_a", "mamba.D": "ssm_d", "mamba.norm": "ssm_norm",
    "mamba.dt_bias": "ssm_dt.bias", "mamba.b_layernorm": "ssm_b_norm", "mamba.c_layernorm": "ssm_c_norm",
    "mamba.dt_layernorm": "ssm_dt_norm",
    "linear_attn.in_proj_qkvz": "ssm_in", "linear_attn.in_proj_ba": "ssm_ba", "linear_attn.in_proj_z": "attn_gate",
    "linear_attn.in_proj_a": "ssm_alpha", "linear_attn.in_proj_b": "ssm_beta", "linear_attn.out_proj": "ssm_out",
    "linear_attn.conv1d": "ssm_conv1d", "linear_attn.A_log": "ssm_a", "linear_attn.dt_bias": "ssm_dt.bias",
    "linear_attn.norm": "ssm_norm",
    "norm_attn_norm.norm_1": "attn_norm", "norm_attn_norm.norm_2": "attn_output_norm",
    "norm_attn_norm.attn.Wqkv": "attn_qkv", "norm_attn_norm.attn.out_proj": "attn_output",
    "ffn.router.layer": "ffn_gate_inp", "attn.Wqkv": "attn_qkv", "attn.out_proj": "attn_output",
    "ffn.up_proj": "ffn_up", "ffn.down_proj": "ffn_down", "norm_1": "attn_norm", "norm_2": "ffn_norm",
    "conv.in_proj": "shortconv.in_proj", "conv.conv": "shortconv.conv", "conv.out_proj": "shortconv.out_proj",
  ]

  /// Returns GGUF's name for one expert's matrix, as it is called under `experts.N.`.
  static func expertName(_ part: String) -> String? {
    switch part {
    case "gate_proj", "w1", "linear": "ffn_gate_exps"
    case "up_proj", "w3", "linear_v": "ffn_up_exps"
    case "down_proj", "w2", "linear_1": "ffn_down_exps"
    default: nil
    }
  }
}
