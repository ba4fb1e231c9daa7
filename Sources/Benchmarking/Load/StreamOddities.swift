/// What was odd about answers that were read all the same, by how many of them.
///
/// It is counted where the bytes are seen, as a record no longer tells.
public struct StreamOddities: Hashable, Sendable, Codable {
  /// The server left the connection open after `[DONE]`.
  public var leftOpen = 0
  /// The connection was closed while the server may have worked on the request, which went out once more.
  public var sentAgain = 0
  /// The server's count of output tokens cannot be: none for an answer with text, or far more than it holds.
  public var impossibleUsage = 0

  public init() {}

  static func + (one: StreamOddities, other: StreamOddities) -> StreamOddities {
    var sum = one
    sum.leftOpen += other.leftOpen
    sum.sentAgain += other.sentAgain
    sum.impossibleUsage += other.impossibleUsage
    return sum
  }
}
