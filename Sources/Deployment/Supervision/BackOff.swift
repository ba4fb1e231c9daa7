/// How long to wait before a server is started again, and when to give up.
///
/// The wait doubles with each failure in a row up to a minute; a server that ran for ten minutes has recovered.
struct BackOff: Hashable, Sendable {
  /// Starts after which a server that does not stay up is left alone.
  static let limit = 5
  /// Seconds of running after which earlier failures are forgotten.
  static let recovery = 600.0
  private static let longest = 60.0

  private(set) var failures = 0

  /// Counts a failure after so many seconds of running; returns the seconds to wait, nil where it is time to give up.
  mutating func wait(afterRunning seconds: Double) -> Double? {
    if seconds >= Self.recovery { failures = 0 }
    failures += 1
    guard failures <= Self.limit else { return nil }
    return min(Self.longest, Double(1 << (failures - 1)))
  }
}
