/// Mistral's own configuration, `params.json`, which stands in folders without a `config.json`, said in the words of one.
enum MistralParameters {
  /// The name of the file.
  static let fileName = "params.json"

  private static let names = [
    "dim": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads", "hidden_dim": "intermediate_size", "head_dim": "head_dim",
    "vocab_size": "vocab_size", "norm_eps": "rms_norm_eps", "rope_theta": "rope_theta",
    "sliding_window": "sliding_window", "tied_embeddings": "tie_word_embeddings", "q_lora_rank": "q_lora_rank",
    "kv_lora_rank": "kv_lora_rank", "qk_rope_head_dim": "qk_rope_head_dim", "qk_nope_head_dim": "qk_nope_head_dim",
    "v_head_dim": "v_head_dim",
  ]

  /// Returns what `config.json` would say; the document itself where it is not Mistral's.
  static func config(_ parameters: JSONValue) -> JSONValue {
    guard parameters["dim"]?.int != nil, parameters["n_layers"]?.int != nil, parameters["model_type"] == nil else {
      return parameters
    }
    var config: [String: JSONValue] = [:]
    for (own, usual) in names {
      if let value = parameters[own] { config[usual] = value }
    }
    let experts = parameters["moe"]
    let isLatent = parameters["kv_lora_rank"]?.int != nil
    config["model_type"] = .string(isLatent ? "deepseek_v3" : experts != nil ? "mixtral" : "mistral")
    let length = parameters["max_position_embeddings"] ?? parameters["max_seq_len"] ?? parameters["model_max_length"]
    let scaled = parameters["yarn"]?["original_max_position_embeddings"]?.double
    let factor = parameters["yarn"]?["factor"]?.double ?? 1
    if let length {
      config["max_position_embeddings"] = length
    } else if let scaled, scaled * factor < 1e9 {
      config["max_position_embeddings"] = .integer(Int(scaled * factor))
    }
    if config["tie_word_embeddings"] == nil { config["tie_word_embeddings"] = .bool(false) }
    if let experts { addExperts(experts, isLatent: isLatent, to: &config) }
    return .object(config)
  }

  private static func addExperts(_ experts: JSONValue, isLatent: Bool, to config: inout [String: JSONValue]) {
    config[isLatent ? "n_routed_experts" : "num_local_experts"] = experts["num_experts"]
    config["num_experts_per_tok"] = experts["num_experts_per_tok"]
    guard isLatent else { return }
    config["moe_intermediate_size"] = experts["expert_hidden_dim"]
    config["n_shared_experts"] = experts["num_shared_experts"]
    config["first_k_dense_replace"] = experts["first_k_dense_replace"]
  }
}
