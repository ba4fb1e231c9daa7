/// The part of a `config.json` on layers with a state of fixed size, family by family.
struct RecurrentConfigKeys {
  let config: ConfigKeys

  func fill(_ keys: inout Hyperparameters) {
    let width = keys.int("embedding_length") ?? 0
    switch keys.architecture {
    case "mamba":
      mamba(
        &keys, kernel: config.int("conv_kernel", "d_conv"), state: config.int("state_size", "d_state"),
        inner: config.int("intermediate_size", "d_inner") ?? (config.int("expand") ?? 2) * width, groups: 0)
      keys.set("feed_forward_length", 0)
    case "mamba2":
      mamba(
        &keys, kernel: config.int("conv_kernel", "d_conv"), state: config.int("state_size", "d_state"),
        inner: config.int("intermediate_size") ?? (config.int("expand") ?? 2) * width,
        groups: config.int("n_groups", "ngroups"))
      keys.set("feed_forward_length", 0)
    case "jamba":
      mamba(
        &keys, kernel: config.int("mamba_d_conv"), state: config.int("mamba_d_state"),
        inner: (config.int("mamba_expand") ?? 2) * width, groups: nil)
      spacedHeads(&keys, period: config.int("attn_layer_period"), offset: config.int("attn_layer_offset"))
    case "nemotron_h", "nemotron_h_moe": nemotron(&keys)
    case "granitehybrid", "falcon-h1": granite(&keys, width)
    case "qwen3next", "qwen35", "qwen35moe": deltaNet(&keys)
    case "lfm2", "lfm2moe": shortConvolution(&keys)
    case "kimi-linear": kimi(&keys)
    default: break
    }
  }

  private func mamba(_ keys: inout Hyperparameters, kernel: Int?, state: Int?, inner: Int?, groups: Int?) {
    keys.set("ssm.conv_kernel", kernel ?? 4)
    keys.set("ssm.state_size", state)
    keys.set("ssm.inner_size", inner)
    keys.set("ssm.group_count", groups)
    keys.set("ssm.time_step_rank", config.int("time_step_rank", "mamba_dt_rank", "mamba_num_heads", "mamba_n_heads"))
  }

  /// Keeps heads only on the layers that attend.
  private func markHeads(_ keys: inout Hyperparameters, _ attends: [Bool]) {
    let heads = keys.numbers["attention.head_count_kv"] ?? keys.arrays["attention.head_count_kv"]?.max() ?? 0
    keys.numbers["attention.head_count_kv"] = nil
    keys.arrays["attention.head_count_kv"] = attends.map { $0 ? heads : 0 }
  }

  private func spacedHeads(_ keys: inout Hyperparameters, period: Int?, offset: Int?) {
    guard let period, period > 0, let offset, let layers = keys.int("block_count"), (1...512).contains(layers) else {
      return
    }
    markHeads(&keys, (0..<layers).map { $0 >= offset && ($0 - offset) % period == 0 })
  }

  /// Nemotron-H spells its layers out: `M` for a state, `*` for attention, `-` and `E` for feed-forward parts.
  private func nemotron(_ keys: inout Hyperparameters) {
    mamba(
      &keys, kernel: config.int("conv_kernel"), state: config.int("ssm_state_size"),
      inner: (config.int("mamba_num_heads") ?? 0) * (config.int("mamba_head_dim") ?? 0), groups: config.int("n_groups"))
    let marks = nemotronMarks()
    guard !marks.isEmpty else { return }
    keys.set("block_count", marks.count)
    markHeads(&keys, marks.map { $0 == "*" })
    let width = Double(config.int("intermediate_size") ?? 0)
    let expertWidth = Double(config.int("moe_intermediate_size") ?? 0)
    keys.arrays["feed_forward_length"] = marks.map { $0 == "-" ? width : $0 == "E" ? expertWidth : 0 }
    keys.arrays["expert_layers"] = marks.map { $0 == "E" ? 1 : 0 }
    let heads = keys.numbers["attention.head_count"] ?? 0
    keys.numbers["attention.head_count"] = nil
    keys.arrays["attention.head_count"] = marks.map { $0 == "*" ? heads : 0 }
  }

  /// One mark for each layer; newer configurations list the kinds by name.
  private func nemotronMarks() -> [Character] {
    if let pattern = config.text["hybrid_override_pattern"]?.string { return Array(pattern.prefix(512)) }
    let names: [String: Character] = ["mamba": "M", "attention": "*", "mlp": "-", "moe": "E"]
    return (config.text["layers_block_type"]?.array ?? []).prefix(512).map { names[$0.string ?? ""] ?? "-" }
  }

  private func granite(_ keys: inout Hyperparameters, _ width: Int) {
    let inner = config.int("mamba_d_ssm") ?? (config.int("mamba_n_heads") ?? 0) * (config.int("mamba_d_head") ?? 0)
    mamba(
      &keys, kernel: config.int("mamba_d_conv"), state: config.int("mamba_d_state"),
      inner: inner > 0 ? inner : (config.int("mamba_expand") ?? 2) * width, groups: config.int("mamba_n_groups"))
    if let kinds = config.text["layer_types"]?.array ?? config.text["layers_block_type"]?.array,
      keys.architecture == "granitehybrid"
    {
      markHeads(&keys, kinds.map { $0.string == "attention" })
    }
  }

  private func deltaNet(_ keys: inout Hyperparameters) {
    let valueHeads = config.int("linear_num_value_heads") ?? 0
    mamba(
      &keys, kernel: config.int("linear_conv_kernel_dim"), state: config.int("linear_key_head_dim"),
      inner: (config.int("linear_value_head_dim") ?? 0) * valueHeads, groups: config.int("linear_num_key_heads"))
    keys.set("ssm.time_step_rank", valueHeads)
    keys.set("full_attention_interval", config.int("full_attention_interval"))
    if let kinds = config.text["layer_types"]?.array {
      keys.arrays["attention.recurrent_layers"] = kinds.map { $0.string == "linear_attention" ? 1 : 0 }
    }
  }

  private func shortConvolution(_ keys: inout Hyperparameters) {
    keys.set("shortconv.l_cache", config.int("conv_L_cache"))
    if let kinds = config.text["layer_types"]?.array {
      markHeads(&keys, kinds.map { $0.string == "full_attention" })
    } else if let indices = config.text["full_attn_idxs"]?.array, let layers = keys.int("block_count") {
      let attends = Set(indices.compactMap(\.int))
      markHeads(&keys, (0..<max(0, min(layers, 512))).map { attends.contains($0) })
    }
  }

  private func kimi(_ keys: inout Hyperparameters) {
    guard let linear = config.text["linear_attn_config"] else { return }
    keys.set("ssm.conv_kernel", linear["short_conv_kernel_size"]?.int)
    keys.set("kda.head_dim", linear["head_dim"]?.int)
    // The lists count layers from 1.
    let attends = Set((linear["full_attn_layers"]?.array ?? []).compactMap(\.int))
    markHeads(&keys, (0..<max(0, min(keys.int("block_count") ?? 0, 512))).map { attends.contains($0 + 1) })
  }
}
