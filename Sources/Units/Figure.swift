/// A value together with where it came from and, where it is uncertain, the band that it lies in.
///
/// Codes as an object with `value` (or `bytes` for amounts of memory), `source`, and `low` and `high` where known.
public struct Figure<Value: Hashable & Sendable & Codable>: Hashable, Sendable {
  public var value: Value
  public var source: Source
  /// The lower end of the band, for an uncertain figure.
  public var low: Value?
  /// The upper end of the band, for an uncertain figure.
  public var high: Value?

  public init(_ value: Value, _ source: Source, low: Value? = nil, high: Value? = nil) {
    self.value = value
    self.source = source
    self.low = low
    self.high = high
  }

  /// Creates a figure from the kind of its source and a few words on it.
  public init(_ value: Value, _ kind: Source.Kind, _ detail: String) {
    self.init(value, Source(kind, detail))
  }

  /// Returns the figure with another value and the same source; the band is dropped.
  public func map<Other>(_ transform: (Value) throws -> Other) rethrows -> Figure<Other> {
    Figure<Other>(try transform(value), source)
  }
}

extension Figure: Codable {
  private enum Key: String, CodingKey {
    case value, bytes, source, low, high
  }

  public init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Key.self) else {
      // A hand-written profile may give the bare value: then the person who wrote it is the source.
      let bare = try decoder.singleValueContainer().decode(Value.self)
      self.init(bare, .user, "profile")
      return
    }
    let key: Key = container.contains(.bytes) ? .bytes : .value
    self.init(
      try container.decode(Value.self, forKey: key),
      try container.decodeIfPresent(Source.self, forKey: .source) ?? Source(.user, "profile"),
      low: try container.decodeIfPresent(Value.self, forKey: .low),
      high: try container.decodeIfPresent(Value.self, forKey: .high))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(value, forKey: Value.self == ByteCount.self ? .bytes : .value)
    try container.encode(source, forKey: .source)
    try container.encodeIfPresent(low, forKey: .low)
    try container.encodeIfPresent(high, forKey: .high)
  }
}

/// A fact that could not be found out, and the command that would find it.
public struct UnknownFact: Hashable, Sendable, Codable {
  /// What is not known, as the path of the field: `memory.speedMTs`.
  public var fact: String
  /// Why it is not known, in a few words.
  public var reason: String
  /// A command that a person can run to find it out, where there is one.
  public var command: String?

  public init(_ fact: String, reason: String, command: String? = nil) {
    self.fact = fact
    self.reason = reason
    self.command = command
  }
}
