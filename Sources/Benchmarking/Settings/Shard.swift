/// One of several load generators that share a load: every count-th arrival, or its part of those in flight.
public struct Shard: Hashable, Sendable, Codable {
  /// From 1 to `count`.
  public var index: Int
  public var count: Int
  /// The moment at which all begin, seconds since 1970; nil begins at once.
  public var startAt: Double?

  public init(index: Int, count: Int, startAt: Double? = nil) {
    self.index = index
    self.count = count
    self.startAt = startAt
  }

  /// Reads `2/4`; nil for anything else.
  public init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, (1...count).contains(index),
      count <= 10_000
    else { return nil }
    self.init(index: index, count: count)
  }

  /// Returns this shard's part of a whole number; the parts of all shards sum to it.
  public func part(of whole: Int) -> Int { whole / count + (index <= whole % count ? 1 : 0) }

  /// Returns the arrivals of the common schedule that are this shard's.
  public func part(of schedule: [Int64]) -> [Int64] {
    stride(from: index - 1, to: schedule.count, by: count).map { schedule[$0] }
  }

  /// Returns this shard's part of a stage; nil where none of it is left for it.
  public func part(of stage: Stage) -> Stage? {
    var own = stage
    if !stage.load.isOpenLoop { own.stop.requests = stage.stop.requests.map { part(of: $0) } }
    switch stage.load {
    case .concurrency(let all): own.load = .concurrency(part(of: all))
    case .concurrencyRamp(let from, let to, let seconds):
      own.load = .concurrencyRamp(from: part(of: from), to: part(of: to), seconds: seconds)
    case .rate(let rate, let process, let cap): own.load = .rate(rate, process: process, cap: cap.map { part(of: $0) })
    case .rateRamp(let from, let to, let seconds, let process, let cap):
      own.load = .rateRamp(from: from, to: to, seconds: seconds, process: process, cap: cap.map { part(of: $0) })
    case .trace(let scale, let cap): own.load = .trace(scale: scale, cap: cap.map { part(of: $0) })
    }
    return own.load.mostInFlight == 0 || own.stop.requests == 0 ? nil : own
  }
}
