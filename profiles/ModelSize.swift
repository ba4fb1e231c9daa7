import Foundation
import Models
import Units

/// A bare size such as `70b` or `30b-a3b`: an ordinary model of so many parameters, where none is named.
struct ModelSize: Hashable, Sendable {
  let text: String
  /// All parameters, and those that one token passes through.
  let total: Double
  let active: Double

  /// Reads `70b`, `0.6b`, `350m` or `30b-a3b`; nil for everything else, and for sizes that no model has.
  init?(_ text: String) {
    let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let total = Self.count(parts[0]) else { return nil }
    var active = total
    if parts.count == 2 {
      guard parts[1].first == "a", let used = Self.count(parts[1].dropFirst()), used <= total else { return nil }
      active = used
    }
    guard (1e6...1e14).contains(total), active >= 1e6 else { return nil }
    (self.text, self.total, self.active) = (text, total, active)
  }

  private static func count(_ word: Substring) -> Double? {
    guard let unit = word.last, let scale = ["m": 1e6, "b": 1e9, "t": 1e12][unit] else { return nil }
    let digits = word.dropLast()
    guard !digits.isEmpty, digits.allSatisfy({ $0.isNumber || $0 == "." }), let value = Double(digits) else {
      return nil
    }
    return value * scale
  }

  /// The model: depth and width grow with the size as over published models; what is left goes into the feed-forward part.
  func model() throws(ModelError) -> Model {
    let isSparse = active < 0.6 * total
    // A mixture is about as deep and wide as a dense model between its two sizes.
    let dense = (isSparse ? (total * active).squareRoot() : total) / 8e9
    let layers = Int(min(max((32 * pow(dense, 0.36)).rounded(), 4), 200))
    let heads = Int(min(max((4 * pow(dense, 0.32)).rounded() * 8, 8), 512))
    let (width, vocabulary) = (heads * 128, total < 1e9 ? 32_000 : 128_256)
    let isTied = total < 4e9
    let tables = Double(vocabulary * width * (isTied ? 1 : 2))
    let attention = Double(layers * width * 128 * (2 * heads + 16))
    let matrices = Double(3 * layers * width)
    var keys = [
      "\"model_type\": \"\(isSparse ? "qwen3_moe" : "llama")\"", "\"hidden_size\": \(width)", "\"head_dim\": 128",
      "\"num_hidden_layers\": \(layers)", "\"num_attention_heads\": \(heads)", "\"num_key_value_heads\": 8",
      "\"vocab_size\": \(vocabulary)", "\"max_position_embeddings\": 131072", "\"tie_word_embeddings\": \(isTied)",
    ]
    if isSparse {
      // With 128 experts of which 8 are used: active = rest + experts / 16, total = rest + experts.
      let expert = (total - active) / (1 - 8.0 / 128) / matrices / 128
      keys += ["\"num_experts\": 128", "\"num_experts_per_tok\": 8"]
      keys.append("\"moe_intermediate_size\": \(Int(max(expert.rounded(), 1)))")
    } else {
      let inner = max((total - tables - attention) / matrices, Double(width))
      keys.append("\"intermediate_size\": \(Int((inner / 128).rounded()) * 128)")
    }
    let json = Array("{\(keys.joined(separator: ", "))}".utf8)
    var model = try ModelReader.read(configuration: json, name: text)
    // A size says nothing of the lengths that a model was trained for.
    model.shape.contextLength = 0
    model.parameters = Figure(Int(total), .assumed, "the size that was asked for")
    model.activeParameters = Figure(Int(active), .assumed, "the size that was asked for")
    model.warnings.append(
      Reason(
        .genericShape, "\(text) is a size, not a model: figures are rough, for an ordinary model of that size",
        remedy: "name a model for its own figures: plimsoll models catalogue"))
    return model
  }
}
