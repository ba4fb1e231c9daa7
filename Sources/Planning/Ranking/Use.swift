/// What a model is used for: what has to be fast, long and good differs.
public enum Use: String, Hashable, Sendable, Codable, CaseIterable {
  case chat, code, reasoning, vision
  /// Questions with retrieved passages before them.
  case rag
  /// Texts into vectors: no tokens are written.
  case embedding

  /// Tokens a second of one stream below which the use is a wait: about a reader's pace for what is read along; twice that
  /// for code, of which more is skimmed than read, and for reasoning, whose thoughts come before the answer.
  public var leastTokensPerSecond: Double {
    switch self {
    case .chat, .vision, .rag: Objective.readingPace
    case .code, .reasoning: 2 * Objective.readingPace
    case .embedding: 0
    }
  }

  /// Tokens of one request that have room unless others are asked for: code and thoughts are long, and so are retrieved
  /// passages.
  public var contextLength: Int {
    switch self {
    case .chat, .vision, .embedding: 4096
    case .rag: 8192
    case .code, .reasoning: 16_384
    }
  }
}
