/// How the load is stated: so many requests in flight, so many requests a second, or so many users.
///
/// All three are tied by Little's law, requests in flight = requests a second x seconds that one takes, with the seconds
/// that the speed model itself predicts at that load.
public struct SizingDemand: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable {
    /// Requests that are always in flight: the next is sent as one is answered.
    case concurrency
    /// Requests that arrive in a second, evenly, whether or not earlier ones were answered.
    case rate
    /// People, each of whom waits for the answer, thinks, and asks again.
    case users
  }

  public var kind: Kind
  public var amount: Double
  /// Seconds between an answer and the same user's next request.
  public var thinkTimeSeconds: Double?

  public init(_ kind: Kind, _ amount: Double, thinkTimeSeconds: Double? = nil) {
    self.kind = kind
    self.amount = amount
    self.thinkTimeSeconds = thinkTimeSeconds
  }

  /// How much of this demand so many requests in flight are, each of which takes so many seconds.
  ///
  /// Users are those in flight and those who think: the interactive response time law, N = X (R + Z).
  func amount(inFlight: Double, seconds: Double) -> Double {
    switch kind {
    case .concurrency: inFlight
    case .rate: inFlight / seconds
    case .users: inFlight + inFlight / seconds * (thinkTimeSeconds ?? 0)
    }
  }
}
