/// What one streamed event says, as far as a benchmark needs it; ranges are byte offsets into the event.
struct EventFields: Equatable {
  /// Text, reasoning or a tool call that is not empty.
  var hasContent = false
  /// The same without reasoning.
  var hasOutput = false
  /// The content's JSON string without its quotes, still escaped.
  var contentRange: Range<Int>?
  /// The answer's whole text, as some servers repeat it in the last chunk.
  var hasMessage = false
  var finishRange: Range<Int>?
  var hasError = false
  var errorRange: Range<Int>?
  var inputTokens: Int?
  var outputTokens: Int?
  var cachedTokens: Int?
  /// Output tokens that were reasoning.
  var reasoningTokens: Int?
  var timings = ServerTimings()
  var hasTimings = false
  /// False where the text ended inside a value: the rest is on the next `data:` line, or was cut.
  var isComplete = false
}

/// The server's own times for one request, where it tells them (llama.cpp's `timings`).
public struct ServerTimings: Hashable, Sendable, Codable {
  public var inputTokens: Int?
  public var inputSeconds: Double?
  public var outputTokens: Int?
  public var outputSeconds: Double?
  public var cachedTokens: Int?

  public init() {}
}
