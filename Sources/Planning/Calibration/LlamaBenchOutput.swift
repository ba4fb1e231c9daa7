public import Platform

/// What `llama-bench -o json` printed: one row for each test.
public struct LlamaBenchOutput: Hashable, Sendable {
  /// One test: reading prompts, or generating.
  public struct Row: Hashable, Sendable, Decodable {
    public var promptTokens: Int
    public var generatedTokens: Int
    public var depth: Int?
    public var threads: Int?
    public var tokensPerSecond: Double

    private enum CodingKeys: String, CodingKey {
      case promptTokens = "n_prompt"
      case generatedTokens = "n_gen"
      case depth = "n_depth"
      case threads = "n_threads"
      case tokensPerSecond = "avg_ts"
    }

    /// Generation where tokens were generated, else prefill.
    public var measure: SpeedMeasure { generatedTokens > 0 ? .decode : .prefill }
  }

  public let rows: [Row]

  /// Reads the JSON array; nil where it is none or holds no usable row.
  public init?(json: Data) {
    guard let rows = try? JSONDecoder().decode([Row].self, from: json) else { return nil }
    self.rows = rows.filter { $0.tokensPerSecond.isFinite && $0.tokensPerSecond > 0 }
    if self.rows.isEmpty { return nil }
  }
}
