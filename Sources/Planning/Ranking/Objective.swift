public import Engines

/// What the best of several options is the best for.
public struct Objective: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// One reader who waits: fast enough to read along, then the least loss of quality, then speed.
    case interactive
    /// The least loss of quality, whatever the speed.
    case quality
    /// The most tokens a second of one stream, of forms that lose little.
    case speed
    /// Many requests at once: targets kept, then the least loss, then output of all streams.
    case throughput
    /// The least memory, of forms that lose little.
    case memory
  }

  public var kind: Kind
  /// Tokens a second of one stream below which an option comes after those that are faster; 0 where none is asked for.
  public var leastTokensPerSecond: Double

  /// About the pace at which people read.
  public static let readingPace = 10.0

  public init(_ kind: Kind, leastTokensPerSecond: Double? = nil) {
    self.kind = kind
    self.leastTokensPerSecond = leastTokensPerSecond ?? (kind == .interactive ? Self.readingPace : 0)
  }

  /// What a load is usually about: one reader, or many requests.
  ///
  /// - Parameter use: what the answers are for, which says how fast a reader wants them.
  public init(for workload: Workload, use: Use? = nil) {
    if workload.concurrency > 1 {
      self.init(.throughput, leastTokensPerSecond: use?.leastTokensPerSecond ?? Self.readingPace)
    } else {
      self.init(.interactive, leastTokensPerSecond: use?.leastTokensPerSecond)
    }
  }
}
