extension Blueprint {
  /// Returns a configuration with what the library takes for the keys that it leaves out.
  ///
  /// A key that is there keeps its value; where it is null and the library computes one, that is taken.
  static func completed(_ config: JSONValue) -> JSONValue {
    guard let type = config["model_type"]?.string, let blueprint = named(type), case .object(let members) = config
    else {
      return config
    }
    return .object(merged(members, blueprint.defaults, depth: 0))
  }

  private static func merged(
    _ stated: [String: JSONValue], _ defaults: JSONValue, depth: Int
  ) -> [String: JSONValue] {
    guard case .object(let standard) = defaults, depth < 4 else { return stated }
    var members = stated
    let spacing = spacedKinds(stated)
    for (key, value) in standard {
      if case .object(let inner) = value {
        members[key] = .object(part(key, stated, inner, depth: depth))
      } else if stated[key] == nil, !ConfigScope.otherNames(of: key).contains(where: { stated[$0] != nil }),
        value.string?.hasPrefix("=") != true
      {
        let kinds = key == "layer_types" ? spacing : key == "layers_block_type" ? spelledKinds(stated) : nil
        members[key] = kinds ?? value
      }
    }
    for (key, value) in standard {
      // `auto` asks for what the library computes, as Mamba's `time_step_rank` does.
      guard let text = value.string, text.hasPrefix("="), [.null, .string("auto")].contains(members[key] ?? .null)
      else { continue }
      let scope = ConfigScope(.object(members))
      guard let computed = KeyExpression.value(String(text.dropFirst()), scope.number) else { continue }
      members[key] = Int(exactly: computed).map { .integer($0) } ?? .number(computed)
    }
    stretchLists(&members, stated, standard)
    return members
  }

  /// A part of its own, such as `text_config`: of its own type where it states one, else as the whole has it.
  private static func part(
    _ key: String, _ stated: [String: JSONValue], _ standard: [String: JSONValue], depth: Int
  ) -> [String: JSONValue] {
    guard let own = stated[key]?.object else {
      // Older configurations have the keys of the text part in the outermost object.
      let isFlat = key == "text_config" && stated["num_hidden_layers"] != nil
      var kept = isFlat ? stated.filter { standard[$0.key] != nil } : [:]
      kept["model_type"] = standard["model_type"]
      return merged(kept, .object(standard), depth: depth + 1)
    }
    guard let type = own["model_type"]?.string, type != standard["model_type"]?.string, let other = named(type) else {
      return merged(own, .object(standard), depth: depth + 1)
    }
    return merged(own, other.defaults, depth: depth + 1)
  }

  /// Keys that make some layers, or all experts, of another form, and the value that does not.
  private static let shaping: [(key: String, neutral: JSONValue)] = [
    ("first_k_dense_replace", .integer(0)), ("moe_latent_size", .null), ("mlp_only_layers", .array([])),
    ("decoder_sparse_step", .integer(1)), ("interleave_moe_layer_step", .integer(1)),
  ]

  /// True where a configuration states layers or experts of a form that its table was not made with.
  ///
  /// Such a table has the weights of the library's usual configuration, whose layers are all alike.
  static func passesOver(_ config: JSONValue) -> Bool {
    let text = ConfigKeys(config).text
    let tables = [config, text].compactMap { $0["model_type"]?.string }.compactMap(named)
    return shaping.contains { key, neutral in
      guard let stated = text[key], stated != .null, stated != neutral else { return false }
      return !tables.contains { table in
        table.heeds(key) || [table.defaults[key], table.defaults["text_config"]?[key]].contains(stated)
      }
    }
  }

  /// Kinds of layers where the configuration spaces them by a number instead of listing them.
  private static func spacedKinds(_ stated: [String: JSONValue]) -> JSONValue? {
    let usual: [(key: String, kind: String)] = [
      ("full_attention_interval", "linear_attention"), ("sliding_window_pattern", "sliding_attention"),
      ("_sliding_window_pattern", "sliding_attention"),
    ]
    guard let layers = stated["num_hidden_layers"]?.int, (1...512).contains(layers) else { return nil }
    for (key, kind) in [("full_attn_idxs", "conv"), ("attn_layer_indices", "linear_attention")] {
      guard let attending = stated[key]?.array.map({ Set($0.compactMap(\.int)) }) else { continue }
      return .array((0..<layers).map { .string(attending.contains($0) ? "full_attention" : kind) })
    }
    for (key, kind) in usual {
      guard let every = stated[key]?.int, every > 0 else { continue }
      return .array((1...layers).map { .string($0 % every == 0 ? "full_attention" : kind) })
    }
    return nil
  }

  /// Nemotron-H's older form, one letter a layer: `M` a state, `*` attention, `E` experts, `-` a feed-forward block.
  private static func spelledKinds(_ stated: [String: JSONValue]) -> JSONValue? {
    let kinds: [Character: String] = ["M": "linear_attention", "*": "full_attention", "E": "moe", "-": "mlp"]
    return stated["hybrid_override_pattern"]?.string.map { pattern in
      .array(pattern.prefix(512).map { .string(kinds[$0] ?? "mlp") })
    }
  }

  /// A list of kinds that was not stated is as long as there are layers: it goes on in its period.
  private static func stretchLists(
    _ members: inout [String: JSONValue], _ stated: [String: JSONValue], _ standard: [String: JSONValue]
  ) {
    guard let layers = members["num_hidden_layers"]?.int, (1...512).contains(layers),
      let usual = standard["num_hidden_layers"]?.int
    else { return }
    for (key, value) in standard where stated[key] == nil {
      guard let list = members[key]?.array, value.array == list, list.count == usual, list.count != layers,
        list.first?.string != nil
      else { continue }
      let period = (1...list.count).first { period in list.indices.allSatisfy { list[$0] == list[$0 % period] } }
      guard let period else { continue }
      members[key] = .array((0..<layers).map { list[period == list.count ? min($0, period - 1) : $0 % period] })
    }
  }
}
