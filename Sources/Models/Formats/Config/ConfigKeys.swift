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
    if let draft = draftKind { return draft }
    let own = ConfigNames.architecture(modelType: modelType, config: text)
    guard Architecture.named(own) == nil, let outer = root["model_type"]?.string else { return own }
    let wider = ConfigNames.architecture(modelType: outer, config: text)
    return Architecture.named(wider) != nil ? wider : own
  }

  /// The family of a draft that is made for one model: its `model_type` is that of the layers that it is made of.
  private var draftKind: String? {
    let classes = (root["architectures"]?.array ?? []).compactMap(\.string)
    if classes.contains(where: { $0.contains("Eagle3") }) { return "eagle3" }
    return classes.contains { $0.contains("DFlash") || $0.contains("DSpark") } ? "dflash" : nil
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
      // vLLM pads the heads of InternVL's encoder where they do not divide, so they limit nothing.
      let isPadded = [root["model_type"]?.string, vision["model_type"]?.string].contains {
        $0?.hasPrefix("intern") == true
      }
      if isPadded { keys.set("vision.pads_heads", 1) }
    }
    if let prediction = predictionLayers(keys.architecture) {
      keys.set("nextn_predict_layers", prediction)
      keys.set("block_count", (keys.int("block_count") ?? 0) + prediction)
    } else {
      keys.set(Model.droppedPredictionKey, int("num_nextn_predict_layers", "mtp_num_hidden_layers"))
    }
    return keys
  }

  private func predictionLayers(_ architecture: String) -> Int? {
    guard ConfigNames.keepsPrediction.contains(architecture) else { return nil }
    return int("num_nextn_predict_layers", "mtp_num_hidden_layers").flatMap { (1...16).contains($0) ? $0 : nil }
  }

  private func common(_ keys: inout Hyperparameters) {
    let width = int("hidden_size", "n_embd", "d_model", "dim", "model_dim")
    let heads = int("num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads")
    keys.set(
      "block_count",
      int("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_decoder_layers", "decoder_layers"))
    keys.set("embedding_length", width)
    keys.set(
      "context_length",
      int("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length", "seq_length"))
    keys.set("vocab_size", int("vocab_size", "padded_vocab_size"))
    setPerLayer(
      &keys, "feed_forward_length", "intermediate_size", "ffn_hidden_size", "n_inner", "d_ff", "ffn_dim",
      "decoder_ffn_dim")
    setPerLayer(
      &keys, "attention.head_count", "num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads")
    setPerLayer(
      &keys, "attention.head_count_kv", "num_key_value_heads_per_layer", "num_key_value_heads", "num_kv_heads",
      "n_head_kv", "multi_query_group_num")
    nested(&keys)
    shareHeads(&keys)
    let head =
      int("head_dim", "attention_head_dim", "kv_channels") ?? heads.flatMap { $0 > 0 ? (width ?? 0) / $0 : nil }
    keys.set("attention.key_length", head)
    keys.set("attention.value_length", int("v_head_dim") ?? head)
    keys.set("attention.key_length_swa", keys.architecture == "gemma4" ? head : nil)
    if keys.architecture == "gemma4" {
      keys.set("attention.value_length_swa", head)
      keys.set("attention.key_length", globalHeadLength)
      keys.set("attention.value_length", globalHeadLength)
      globalHeads(&keys)
    }
    keys.set("rope.factor_count", ropeFactors(head))
    keys.set("context_length.scaled", scaledContext(keys.int("context_length")))
    setPerLayer(&keys, "attention.compress_ratios", "compress_ratios")
    keys.set("attention.shared_kv_layers", int("num_kv_shared_layers"))
    keys.set("attention.causal", (text["is_causal"]?.bool).map { $0 ? 1 : 0 })
  }

  /// Families that keep the numbers of attention and feed-forward parts in objects of their own (DBRX, MPT).
  private func nested(_ keys: inout Hyperparameters) {
    if let heads = text["attn_config"]?["kv_n_heads"]?.int { keys.set("attention.head_count_kv", heads) }
    guard let block = text["ffn_config"] else { return }
    keys.set("feed_forward_length", block["ffn_hidden_size"]?.int)
  }

  /// Families in which a flag decides that all query heads share one key-value head.
  private func shareHeads(_ keys: inout Hyperparameters) {
    guard let isShared = text["multi_query"]?.bool else { return }
    // Falcon's later models state how many there are; its first ones state the query heads there and mean one.
    if text["new_decoder_architecture"]?.bool == true { return }
    keys.arrays["attention.head_count_kv"] = nil
    let groups = int("multi_query_group_num") ?? 1
    keys.set("attention.head_count_kv", isShared ? groups : keys.int("attention.head_count"))
  }

  /// Gemma 4: the length of a head of a layer that sees everything.
  private var globalHeadLength: Int? { ConfigScope(text).number("global_head_dim").flatMap { Int(exactly: $0) } }

  /// Gemma 4: layers that see everything may have fewer key-value heads than those with a window.
  private func globalHeads(_ keys: inout Hyperparameters) {
    guard let global = int("num_global_key_value_heads"), let local = int("num_key_value_heads"), global != local,
      let kinds = text["layer_types"]?.array, kinds.count <= 512
    else { return }
    keys.numbers["attention.head_count_kv"] = nil
    keys.arrays["attention.head_count_kv"] = kinds.map { Double($0.string == "full_attention" ? global : local) }
  }

  /// Returns the length of the table of rotary factors that the converter computes for Llama 3's scaling.
  private func ropeFactors(_ head: Int?) -> Int? {
    let scaling = text["rope_scaling"] ?? text["rope_parameters"]
    guard let kind = (scaling?["rope_type"] ?? scaling?["type"])?.string, kind == "llama3" else { return nil }
    return head.map { $0 / 2 }
  }

  /// The context that a scaling of positions reaches; nil where none lengthens it.
  ///
  /// Llama 3's and LongRoPE's scalings are part of the stated length already.
  private func scaledContext(_ trained: Int?) -> Int? {
    guard let trained, let scaling = text["rope_scaling"] ?? text["rope_parameters"],
      let kind = (scaling["rope_type"] ?? scaling["type"])?.string, let factor = scaling["factor"]?.double,
      ["yarn", "linear", "dynamic", "ntk"].contains(kind), factor > 1, factor < 1024
    else { return nil }
    let base = kind == "yarn" ? scaling["original_max_position_embeddings"]?.int ?? trained : trained
    return Int((Double(base) * factor).rounded(.down))
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
    let count = firstInt("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
    guard let count = count ?? text["ffn_config"]?["moe_num_experts"]?.int, count > 0 else { return }
    keys.set("expert_count", count)
    keys.set(
      "expert_used_count",
      firstInt(
        "num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_k", "top_k_experts", "moe_topk")
        ?? text["ffn_config"]?["moe_top_k"]?.int)
    keys.set(
      "expert_feed_forward_length",
      firstInt("moe_intermediate_size", "expert_hidden_dim", "moe_ffn_hidden_size", "expert_intermediate_size"))
    keys.set(
      "expert_shared_count",
      firstInt("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts"))
    keys.set(
      "expert_shared_feed_forward_length",
      int("shared_expert_intermediate_size", "moe_shared_expert_intermediate_size", "shared_intermediate_size"))
    keys.set("moe_latent_size", int("moe_latent_size", "routed_expert_hidden_size"))
    keys.set(
      "leading_dense_block_count",
      int("first_k_dense_replace", "num_dense_layers", "n_dense_first_layers", "moe_layer_start_index"))
    keys.set("interleave_moe_layer_step", int("interleave_moe_layer_step", "moe_layer_interval"))
    if keys.architecture == "llama4" {
      keys.set("expert_feed_forward_length", int("intermediate_size"))
      keys.set("feed_forward_length", int("intermediate_size_mlp"))
      keys.set("expert_shared_count", 1)
    }
    markExpertLayers(&keys, layers: keys.int("block_count") ?? 0)
  }

  /// As `int`, the first element of a list where there is one value for each layer (Hunyuan).
  private func firstInt(_ names: String...) -> Int? {
    names.lazy.compactMap { text[$0]?.int ?? text[$0]?.array?.first?.int ?? root[$0]?.int }.first
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
