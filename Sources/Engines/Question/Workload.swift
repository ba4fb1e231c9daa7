/// What is asked of the model.
public struct Workload: Hashable, Sendable, Codable {
  public var name: String
  public var inputTokens: Int
  public var outputTokens: Int
  /// Requests in flight.
  public var concurrency: Int
  public var requestsPerSecond: Double?
  /// Latency targets in seconds.
  public var timeToFirstTokenTarget: Double?
  public var timePerOutputTokenTarget: Double?
  /// Share of each prompt's tokens that the server's cache already holds, from 0 to 1; nil is none.
  public var prefixHit: Double?

  public init(name: String = "single stream", inputTokens: Int = 512, outputTokens: Int = 128, concurrency: Int = 1) {
    self.name = name
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.concurrency = concurrency
  }

  /// True where latencies are asked for.
  public var hasTargets: Bool { timeToFirstTokenTarget != nil || timePerOutputTokenTarget != nil }
}
