/// Everything kept of one request. Times are nanoseconds of the monotonic clock since the run's start.
public struct RequestRecord: Hashable, Sendable, Codable {
  public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
    case completed
    /// The server refused or answered with an error.
    case failed
    case timedOut
    /// Still in flight when the run ended.
    case censored
  }

  public var index: Int
  /// The stage that it belongs to: `warm-up`, `concurrency 1`, `concurrency 4`.
  public var stage: String
  /// When the schedule wanted it sent.
  public var scheduled: Int64
  /// When its first byte was handed to the socket.
  public var sent: Int64?
  /// First chunk with generated content (text, reasoning or tool call).
  public var firstToken: Int64?
  /// First content that is not reasoning.
  public var firstOutput: Int64?
  /// Last chunk with generated content.
  public var lastToken: Int64?
  /// When the stream was closed.
  public var closed: Int64?
  /// Arrival of each content chunk, one stamp for each read of the socket.
  public var chunkTimes: [Int64]
  /// Tokens of each chunk where the server tells; empty otherwise.
  public var chunkTokens: [Int]
  /// The server's own counts, where it gave any.
  public var inputTokens: Int?
  public var outputTokens: Int?
  public var cachedTokens: Int?
  /// Output tokens that were counted and never streamed: reasoning that the server keeps to itself.
  public var hiddenTokens: Int?
  public var requestedOutputTokens: Int?
  public var outcome: Outcome
  /// HTTP status; nil where no answer came.
  public var status: Int?
  public var error: String?
  public var finishReason: String?
  /// The server's own times, where it tells them.
  public var serverTimings: ServerTimings?
  /// Its turn in a conversation, from 0; nil where there is only one.
  public var turn: Int?

  public init(index: Int, stage: String, scheduled: Int64, outcome: Outcome = .censored) {
    self.index = index
    self.stage = stage
    self.scheduled = scheduled
    self.outcome = outcome
    chunkTimes = []
    chunkTokens = []
  }
}

extension RequestRecord {
  /// Returns the request with all its times moved, for runs that are joined on one clock.
  public func moved(by offset: Int64) -> RequestRecord {
    var request = self
    request.scheduled += offset
    request.sent = sent.map { $0 + offset }
    request.firstToken = firstToken.map { $0 + offset }
    request.firstOutput = firstOutput.map { $0 + offset }
    request.lastToken = lastToken.map { $0 + offset }
    request.closed = closed.map { $0 + offset }
    request.chunkTimes = chunkTimes.map { $0 + offset }
    return request
  }
}
