/// What one arrival asks: one turn, or several of which each waits for the answer to the one before.
public struct Conversation: Hashable, Sendable {
  public struct Turn: Hashable, Sendable {
    public var text: String
    /// Tokens to produce; nil leaves the end to the model.
    public var outputTokens: Int?

    public init(text: String, outputTokens: Int?) {
      self.text = text
      self.outputTokens = outputTokens
    }
  }

  public var system: String?
  public var turns: [Turn]
  /// The input length aimed at, where there is one.
  public var inputTokens: Int?

  public init(system: String? = nil, turns: [Turn], inputTokens: Int? = nil) {
    self.system = system
    self.turns = turns
    self.inputTokens = inputTokens
  }
}

/// A data set: conversations by their number, the same for the same number however often it is asked.
public protocol PromptSource: Sendable {
  /// How many there are before they repeat; nil where they never do.
  var count: Int? { get }
  /// Seconds from the start at which each arrives, where the data set has times of its own.
  var arrivals: [Double]? { get }
  func conversation(_ index: Int) -> Conversation
}
