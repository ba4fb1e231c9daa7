/// Prompts of plain words with chosen lengths.
///
/// The words are common ones that byte-pair vocabularies hold as one token each with their leading space; what a
/// prompt really counts is calibrated from the server's own usage.
public struct SyntheticPrompts: PromptSource {
  private let settings: DatasetSettings
  private let seed: UInt64
  private let calibration: TokenCalibration
  /// Distinct prompts before they repeat, for warm caches; nil makes each one new.
  private let pool: Int?

  public init(
    _ settings: DatasetSettings, seed: UInt64, calibration: TokenCalibration = TokenCalibration(), pool: Int? = nil
  ) {
    self.settings = settings
    self.seed = seed
    self.calibration = calibration
    self.pool = pool
  }

  public var count: Int? { pool }
  public var arrivals: [Double]? { nil }

  public func conversation(_ index: Int) -> Conversation {
    let number = pool.map { index % Swift.max(1, $0) } ?? index
    var random = RandomSource(seed: seed, stream: UInt64(number))
    let input = settings.inputLength.draw(from: &random)
    let shared = settings.sharedPrefixTokens
    let group = UInt64(number % Swift.max(1, settings.prefixGroups))
    var prefix = RandomSource(seed: seed, stream: (1 << 40) + group)
    let turns = (0..<Swift.max(1, settings.turns)).map { turn in
      let words = turn == 0 ? calibration.words(for: input) - shared : input
      let head = turn == 0 && shared > 0 ? Self.text(words: shared, from: &prefix) + " " : ""
      return Conversation.Turn(
        text: head + Self.text(words: Swift.max(1, words), from: &random),
        outputTokens: settings.outputLength.draw(from: &random))
    }
    return Conversation(turns: turns, inputTokens: input)
  }

  /// Returns so many words of the list.
  static func text(words: Int, from random: inout RandomSource) -> String {
    let words = Swift.max(0, words)
    guard words > 0 else { return "" }
    let table = WordTable.shared
    // Drawn twice from the same state, so that the text takes no more than its length.
    var draws = random
    let bytes = (0..<words).reduce(into: (sum: -1, draw: UInt64(0))) { state, number in
      if number % 8 == 0 { state.draw = draws.next() }
      state.sum += table.spans[Int(state.draw & 0xFF) % table.spans.count].count
      state.draw >>= 8
    }.sum
    return String(unsafeUninitializedCapacity: bytes) { text in
      var end = 0
      var draw: UInt64 = 0
      for number in 0..<words {
        if number % 8 == 0 { draw = random.next() }
        // The first word has no space before it.
        for place in table.spans[Int(draw & 0xFF) % table.spans.count].dropFirst(number == 0 ? 1 : 0) {
          text[end] = table.bytes[place]
          end += 1
        }
        draw >>= 8
      }
      return end
    }
  }
}

/// How many words make a prompt of so many tokens: `tokens = overhead + perWord * words`.
public struct TokenCalibration: Hashable, Sendable, Codable {
  /// Tokens that the server adds: the chat template and the start of the text.
  public var overhead: Double
  public var perWord: Double
  /// False until a server's own count was seen.
  public var isMeasured: Bool

  public init(overhead: Double = 0, perWord: Double = 1, isMeasured: Bool = false) {
    self.overhead = overhead
    self.perWord = perWord
    self.isMeasured = isMeasured
  }

  /// Creates a calibration from two prompts: words sent and tokens counted; nil where they make no sense.
  public init?(_ first: (words: Int, tokens: Int), _ second: (words: Int, tokens: Int)) {
    guard second.words > first.words, second.tokens > first.tokens else { return nil }
    let slope = Double(second.tokens - first.tokens) / Double(second.words - first.words)
    self.init(overhead: Double(first.tokens) - slope * Double(first.words), perWord: slope, isMeasured: true)
  }

  /// Returns the words for a prompt of this many tokens, at least one.
  public func words(for tokens: Int) -> Int {
    Swift.max(1, Int(((Double(tokens) - overhead) / perWord).rounded()))
  }
}
