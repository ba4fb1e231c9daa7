/// A configuration's values by dotted names.
struct ConfigScope {
  let root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  /// The value of a key, by another of its names where it has one; nil where the configuration states none.
  func value(_ path: String) -> JSONValue? {
    if let found = exact(path) { return found }
    let (prefix, key) = Self.parted(path)
    return Self.otherNames(of: key).lazy.compactMap { exact(prefix + $0) }.first
  }

  private func exact(_ path: String) -> JSONValue? {
    var found: JSONValue? = root
    for key in path.split(separator: ".") { found = found?[String(key)] }
    return found
  }

  private static func parted(_ path: String) -> (prefix: String, key: String) {
    let prefix = path.lastIndex(of: ".").map { String(path[...$0]) } ?? ""
    return (prefix, String(path.dropFirst(prefix.count)))
  }

  /// The number of a key; nil where the configuration states none and none follows from others.
  func number(_ path: String) -> Double? {
    if let number = value(path)?.double { return number }
    let (prefix, key) = Self.parted(path)
    switch key {
    case "head_dim":
      guard let width = number(prefix + "hidden_size"), let heads = number(prefix + "num_attention_heads"), heads > 0
      else { return nil }
      return (width / heads).rounded(.down)
    case "global_head_dim":
      // Gemma 4: the library writes what differs layer by layer; where nothing does, its class says 512.
      return value(prefix + "per_layer_config")?.object?.values.compactMap { $0["head_dim"]?.double }.max() ?? 512
    case "num_global_key_value_heads": return number(prefix + "num_key_value_heads")
    default: return nil
    }
  }

  /// Names that the library takes for one another.
  private static let synonyms: [Set<String>] = [
    ["num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"],
    ["num_hidden_layers", "n_layer", "n_layers", "num_layers"], ["hidden_size", "n_embd", "d_model"],
    ["num_attention_heads", "n_head", "n_heads", "num_heads"],
    ["max_position_embeddings", "n_positions", "max_seq_len"], ["intermediate_size", "block_ff_dim"],
    ["tie_word_embeddings", "tie_embedding"],
  ]

  /// The other names of a key.
  static func otherNames(of key: String) -> [String] {
    synonyms.first { $0.contains(key) }.map { $0.subtracting([key]).sorted() } ?? []
  }

  /// True where a key has a value that Python calls true.
  func isSet(_ path: String) -> Bool {
    switch value(path) {
    case nil, .null?: false
    case .bool(let value)?: value
    case .integer(let value)?: value != 0
    case .number(let value)?: value != 0
    case .string(let value)?: !value.isEmpty
    case .array(let value)?: !value.isEmpty
    case .object?: true
    }
  }
}
