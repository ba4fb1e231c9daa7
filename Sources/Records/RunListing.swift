/// One line of the list of runs: what can be told of a run without reading its documents.
public struct RunListing: Hashable, Sendable, Codable {
  public var id: String
  /// Seconds since 1970.
  public var startedAt: Double
  public var status: Run.Status
  public var origin: RunOrigin
  public var target: String
  public var machine: String?
  public var model: String?
  public var quantization: String?
  public var engine: String?
  public var engineBuild: String?
  /// The load that the figures are of: the only one, or of several the one with the most output.
  public var load: String?
  public var outputTokensPerSecond: Double?
  /// Medians in seconds.
  public var timeToFirstToken: Double?
  public var timePerOutputToken: Double?
  public var completed: Int
  public var errors: Int
  public var isValid: Bool
  /// Requests stored, warm-up and failures counted.
  public var requests: Int
  public var tags: [String]
  public var note: String?
}

/// Which runs to list; a part that is nil lets every run pass.
public struct RunFilter: Hashable, Sendable {
  /// Text anywhere in what a list shows: identifier, model, engine, machine, tags, note; whatever the case.
  public var text: String?
  /// Text that the model's name or quantization contains, whatever the case.
  public var model: String?
  public var engine: String?
  public var machine: String?
  public var tag: String?
  public var status: Run.Status?
  public var isValid: Bool?
  /// Seconds since 1970.
  public var since: Double?
  /// The latest so many.
  public var limit: Int?

  public init() {}
}
