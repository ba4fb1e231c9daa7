/// What to look for on the Hub. Everything that is nil is not asked for.
public struct HubSearch: Hashable, Sendable {
  /// How results are ordered, the most first.
  public enum Order: String, Hashable, Sendable, CaseIterable {
    case downloads, likes
    case trending = "trendingScore"
    case created = "createdAt"
    case modified = "lastModified"
  }

  public var text: String
  public var author: String?
  /// `gguf`, `safetensors` or `mlx`.
  public var format: String?
  /// An engine's name on the Hub: `llama.cpp`, `vllm`, `mlx-lm`.
  public var engine: String?
  public var licence: String?
  public var task: String?
  /// Parameters in the Hub's words: `6B`, `500M`.
  public var leastParameters: String?
  public var mostParameters: String?
  public var order: Order = .downloads
  public var limit = 20

  public init(text: String) { self.text = text }

  /// What is asked of each result by name: parameter counts come no other way, and `full` excludes naming any.
  static let properties = [
    "createdAt", "downloads", "gated", "gguf", "lastModified", "likes", "pipeline_tag", "private", "safetensors", "sha",
    "tags",
  ]

  /// The request's query, encoded.
  var query: String {
    var items: [(String, String?)] = [("search", text), ("author", author), ("filter", format)]
    items += [("filter", licence.map { "license:\($0)" }), ("apps", engine), ("pipeline_tag", task)]
    let bounds = [leastParameters.map { "min:\($0)" }, mostParameters.map { "max:\($0)" }].compactMap { $0 }
    items += [("num_parameters", bounds.isEmpty ? nil : bounds.joined(separator: ","))]
    items += [("sort", order.rawValue), ("limit", "\(max(1, min(limit, 1000)))")]
    items += Self.properties.map { ("expand", $0) }
    return items.compactMap { name, value in
      value.map { "\(name)=\(HubName.encoded($0, keepingSlashes: false))" }
    }.joined(separator: "&")
  }
}

/// A count of parameters in the Hub's words: `6B`, `1.5b`, `500M`, or a bare number.
public struct ParameterCount: Hashable, Sendable {
  public let value: Double

  /// Reads a count; nil where the Hub would not understand it.
  public init?(_ text: String) {
    let factors: [Character: Double] = ["K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
    let factor = text.last.flatMap { factors[Character($0.uppercased())] }
    let digits = factor == nil ? text[...] : text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }),
      let number = Double(digits), number.isFinite
    else { return nil }
    value = number * (factor ?? 1)
  }
}
