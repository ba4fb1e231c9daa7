/// Translates a `config.json` of the transformers library into the keys that GGUF has.
struct ConfigKeys {
  /// The whole document.
  let root: JSONValue
  /// The part on the language model, for models that also see or hear.
  let text: JSONValue

  init(_ config: JSONValue) {
    root = config
    let inner = ["text_config", "llm_config", "language_config", "thinker_config"].compactMap { config[$0] }.first
    text = inner.flatMap { $0["text_config"] ?? $0 } ?? config
  }

  /// The first of several names that the document has.
  func int(_ names: String...) -> Int? {
    names.lazy.compactMap { text[$0]?.int ?? root[$0]?.int }.first
  }

  var modelType: String { (text["model_type"] ?? root["model_type"])?.string ?? "unknown" }

  var architecture: String {
    let own = ConfigNames.architecture(modelType: modelType, config: text)
    guard Architecture.named(own) == nil, let outer = root["model_type"]?.string else { return own }
    let wider = ConfigNames.architecture(modelType: outer, config: text)
    return Architecture.named(wider) != nil ? wider : own
  }

  /// Returns the keys, common ones first, then those of particular families.
  func hyperparameters() -> Hyperparameters {
    var keys = Hyperparameters(architecture: architecture)
    common(&keys)
    experts(&keys)
    latent(&keys)
    windows(&keys)
    RecurrentConfigKeys(config: self).fill(&keys)
    if let vision = root["vision_config"] {
      let heads = ["num_heads", "num_attention_heads"].lazy.compactMap { vision[$0]?.int }.first
      keys.set("vision.attention.head_count", heads)
    }
    if let prediction = predictionLayers(keys.architecture) {
      keys.set("nextn_predict_layers", prediction)
      keys.set("block_count", (keys.int("block_count") ?? 0) + prediction)
    }
    return keys
  }

  private func predictionLayers(_ architecture: String) -> Int? {
    guard ConfigNames.keepsPrediction.contains(architecture) else { return nil }
    return int("num_nextn_predict_layers", "mtp_num_hidden_layers").flatMap { (1...16).contains($0) ? $0 : nil }
  }

  private func common(_ keys: inout Hyperparameters) {
    let width = int("hidden_size", "n_embd", "d_model", "dim", "model_dim")
    let heads = int("num_attention_heads", "n_head", "n_heads", "num_heads")
    keys.set("block_count", int("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_decoder_layers"))
    keys.set("embedding_length", width)
    keys.set(
      "context_length",
      int("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length", "seq_length"))
    keys.set("vocab_size", int("vocab_size", "padded_vocab_size"))
    setPerLayer(&keys, "feed_forward_length", "intermediate_size", "ffn_hidden_size", "n_inner", "d_ff", "ffn_dim")
    setPerLayer(&keys, "attention.head_count", "num_attention_heads", "n_head", "n_heads", "num_heads")
    setPerLayer(
      &keys, "attention.head_count_kv", "num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num")
    if text["multi_query"]?.bool == true, int("num_kv_heads", "n_head_kv") == nil {
      keys.set("attention.head_count_kv", 1)
    }
    let head =
      int("head_dim", "attention_head_dim", "kv_channels") ?? heads.flatMap { $0 > 0 ? (width ?? 0) / $0 : nil }
    keys.set("attention.key_length", head)
    keys.set("attention.value_length", int("v_head_dim") ?? head)
    keys.set("attention.key_length_swa", keys.architecture == "gemma4" ? head : nil)
    if keys.architecture == "gemma4" {
      keys.set("attention.value_length_swa", head)
      keys.set("attention.key_length", int("global_head_dim") ?? head)
      keys.set("attention.value_length", int("global_head_dim") ?? head)
    }
    keys.set("rope.factor_count", ropeFactors(head))
    setPerLayer(&keys, "attention.compress_ratios", "compress_ratios")
    keys.set("attention.shared_kv_layers", int("num_kv_shared_layers"))
    keys.set("attention.causal", (text["is_causal"]?.bool).map { $0 ? 1 : 0 })
  }

  /// Returns the length of the table of rotary factors that the converter computes for Llama 3's scaling.
  private func ropeFactors(_ head: Int?) -> Int? {
    let scaling = text["rope_scaling"] ?? text["rope_parameters"]
    guard let kind = (scaling?["rope_type"] ?? scaling?["type"])?.string, kind == "llama3" else { return nil }
    return head.map { $0 / 2 }
  }

  private func setPerLayer(_ keys: inout Hyperparameters, _ key: String, _ names: String...) {
    for name in names {
      if let array = text[name]?.array {
        keys.arrays[key] = array.map { $0.double ?? 0 }
        return
      }
      if let value = text[name]?.int {
        keys.set(key, value)
        return
      }
    }
  }

  private func experts(_ keys: inout Hyperparameters) {
    guard let count = int("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"), count > 0 else {
      return
    }
    keys.set("expert_count", count)
    keys.set(
      "expert_used_count",
      int("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_k", "top_k_experts", "moe_topk"))
    keys.set(
      "expert_feed_forward_length",
      int("moe_intermediate_size", "expert_hidden_dim", "moe_ffn_hidden_size", "expert_intermediate_size"))
    keys.set("expert_shared_count", int("n_shared_experts", "num_shared_experts", "num_shared_expert"))
    keys.set(
      "expert_shared_feed_forward_length",
      int("shared_expert_intermediate_size", "moe_shared_expert_intermediate_size", "shared_intermediate_size"))
    keys.set("moe_latent_size", int("moe_latent_size"))
    keys.set("leading_dense_block_count", int("first_k_dense_replace", "num_dense_layers", "n_dense_first_layers"))
    keys.set("interleave_moe_layer_step", int("interleave_moe_layer_step", "moe_layer_interval"))
    if keys.architecture == "llama4" {
      keys.set("expert_feed_forward_length", int("intermediate_size"))
      keys.set("feed_forward_length", int("intermediate_size_mlp"))
      keys.set("expert_shared_count", 1)
    }
    markExpertLayers(&keys, layers: keys.int("block_count") ?? 0)
  }

  /// Marks the layers with experts where the configuration lists or spaces them.
  private func markExpertLayers(_ keys: inout Hyperparameters, layers: Int) {
    guard (1...512).contains(layers) else { return }
    let dense = Set((text["mlp_only_layers"]?.array ?? []).compactMap(\.int))
    if let period = int("expert_layer_period"), period > 0, let offset = int("expert_layer_offset") {
      keys.arrays["expert_layers"] = (0..<layers).map { $0 >= offset && ($0 - offset) % period == 0 ? 1 : 0 }
    } else if let kinds = text["mlp_layer_types"]?.array {
      keys.arrays["expert_layers"] = kinds.map { $0.string == "sparse" ? 1 : 0 }
    } else if let step = int("decoder_sparse_step"), step > 0, step > 1 || !dense.isEmpty {
      keys.arrays["expert_layers"] = (0..<layers).map { ($0 + 1) % step == 0 && !dense.contains($0) ? 1 : 0 }
    }
  }

  private func latent(_ keys: inout Hyperparameters) {
    let families: Set<String> = [
      "deepseek2", "deepseek32", "glm-dsa", "mistral4", "kimi-linear", "kimi-k3", "bailingmoe3", "glm5-next", "hy_v4",
      "dots3note",
    ]
    guard families.contains(keys.architecture), let rank = int("kv_lora_rank") else { return }
    let rope = int("qk_rope_head_dim") ?? 64
    keys.set("attention.kv_lora_rank", rank)
    keys.set("attention.q_lora_rank", int("q_lora_rank"))
    keys.set("attention.key_length_mla", (int("qk_nope_head_dim") ?? 128) + rope)
    keys.set("attention.value_length_mla", int("v_head_dim") ?? 128)
    keys.set("attention.key_length", rank + rope)
    keys.set("attention.value_length", rank)
    keys.set("rope.dimension_count", rope)
    keys.arrays["attention.head_count_kv"] = nil
    keys.set("attention.head_count_kv", 1)
    keys.set("attention.indexer.head_count", int("index_n_heads"))
    keys.set("attention.indexer.key_length", int("index_head_dim"))
    keys.set("attention.indexer.top_k", int("index_topk"))
    if let kinds = text["indexer_types"]?.array {
      keys.arrays["attention.indexer.types"] = kinds.map { $0.string == "full" ? 1 : 0 }
    }
  }

  private func windows(_ keys: inout Hyperparameters) {
    let isOff = text["use_sliding_window"]?.bool == false
    keys.set("attention.sliding_window", isOff ? nil : int("sliding_window", "sliding_window_size"))
    keys.set("attention.sliding_window_pattern", int("sliding_window_pattern", "_sliding_window_pattern"))
    if let kinds = text["layer_types"]?.array {
      let marks = kinds.map { kind in
        ["sliding_attention", "chunked_attention", "local_attention"].contains(kind.string ?? "") ? 1.0 : 0
      }
      if marks.contains(1) {
        keys.numbers["attention.sliding_window_pattern"] = nil
        keys.arrays["attention.sliding_window_pattern"] = marks
      }
    }
    if keys.architecture == "llama4", let chunk = int("attention_chunk_size") {
      keys.set("attention.sliding_window", chunk)
    }
  }
}
