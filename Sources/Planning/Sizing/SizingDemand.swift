/// How the load is stated: so many requests in flight, so many requests a second, so many users, or a batch with an end.
///
/// All are tied by Little's law, requests in flight = requests a second x seconds that one takes, with the seconds
/// that the speed model itself predicts at that load.
public struct SizingDemand: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable {
    /// Requests that are always in flight: the next is sent as one is answered.
    case concurrency
    /// Requests that arrive in a second, evenly, whether or not earlier ones were answered.
    case rate
    /// People, each of whom waits for the answer, thinks, and asks again.
    case users
    /// Requests that are all there from the start and have to be answered by an end: so many a second on average.
    case batch
  }

  public var kind: Kind
  public var amount: Double
  /// Seconds between an answer and the same user's next request.
  public var thinkTimeSeconds: Double?
  /// Requests of a batch, and the seconds within which they are to be answered.
  public var documents: Double?
  public var withinSeconds: Double?

  /// A batch of so many requests that has to be answered within a time.
  public static func batch(_ documents: Double, within seconds: Double) -> SizingDemand {
    var demand = SizingDemand(.batch, documents / seconds)
    demand.documents = documents
    demand.withinSeconds = seconds
    return demand
  }

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
    case .rate, .batch: inFlight / seconds
    case .users: inFlight + inFlight / seconds * (thinkTimeSeconds ?? 0)
    }
  }
}
