public import Units

/// Work that the server does for somebody and that outlasts their request: a deployment, a benchmark, a download.
public struct Job: Hashable, Sendable, Codable {
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    case running, done, failed, cancelled
    /// Its server ended before it did.
    case interrupted
  }

  public var schema = "plimsoll.job/1"
  public var id: String
  /// What is done: `deploy`.
  public var kind: String
  /// What it is done to, as somebody would call it.
  public var subject: String
  public var state = State.running
  /// Seconds since 1970.
  public var startedAt: Double
  public var finishedAt: Double?
  /// What happened, the latest last.
  public var notes: [String] = []
  /// What is done of the present step, 0 to 1; nil where nobody knows.
  public var progress: Double?
  /// The step that it is at, such as a benchmark's stage; nil where it has but one.
  public var step: String?
  /// What is measured at the moment, by name; nil of a job that measures nothing.
  public var figures: [String: Double]?
  /// Where the result is found, as a path of the API.
  public var result: String?
  public var failure: Reason?

  public init(id: String, kind: String, subject: String, startedAt: Double) {
    self.id = id
    self.kind = kind
    self.subject = subject
    self.startedAt = startedAt
  }
}
