import Synchronization
public import Units

/// Counts what was asked of servers and what came back, for the user to see.
public final class RequestLedger: Sendable {
  /// The sums so far.
  public struct Totals: Hashable, Sendable, Codable {
    public var requests = 0
    public var bytes = ByteCount.zero
    /// How often an address answered that it was busy or broken, and was asked again.
    public var retries = 0

    public init() {}
  }

  private let sums = Mutex(Totals())

  public init() {}

  public var totals: Totals { sums.withLock { $0 } }

  /// Adds one request, or bytes that arrived for an earlier one.
  func add(requests: Int = 0, bytes: Int = 0, retries: Int = 0) {
    sums.withLock {
      $0.requests += requests
      $0.bytes += ByteCount(bytes)
      $0.retries += retries
    }
  }
}
