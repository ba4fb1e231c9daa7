/// What no model has: counts that are stated and cannot be.
enum ImpossibleShape {
  /// Returns why a configuration describes no model; nil where nothing speaks against it.
  static func cause(_ config: JSONValue) -> String? {
    let text = ConfigKeys(config).text
    for key in ["num_hidden_layers", "n_layer", "n_layers", "num_layers"] {
      guard let count = text[key]?.double else { continue }
      if count < 1 || count > 512 || count.rounded() != count {
        return "\(key) is \(printed(count)): a model has 1 to 512 layers"
      }
    }
    let counts = [
      "hidden_size", "n_embd", "d_model", "num_attention_heads", "n_head", "n_heads", "num_key_value_heads",
      "num_kv_heads",
      "head_dim", "vocab_size",
    ]
    for key in counts {
      guard let count = text[key]?.double else { continue }
      // Recurrent families state 0 heads; they are told by other keys.
      let isOptional = key.contains("head") && (text["state_size"] ?? text["rescale_every"]) != nil
      if count < 0 || (count == 0 && !isOptional) || count.rounded() != count || count > 2_147_483_648 {
        return "\(key) is \(printed(count)), which no model has"
      }
    }
    return nil
  }

  /// Returns why a stated count cannot be beside what the library takes for those that are left out.
  static func cause(_ config: JSONValue, completed: JSONValue) -> String? {
    guard let stored = ConfigKeys(config).text["num_key_value_heads"]?.int,
      let heads = ConfigKeys(completed).text["num_attention_heads"]?.int, stored > heads
    else { return nil }
    return "num_key_value_heads is \(stored), more than the \(heads) heads"
  }

  private static func printed(_ count: Double) -> String { Int(exactly: count).map { "\($0)" } ?? "\(count)" }
}
