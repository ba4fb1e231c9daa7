public import Platform

extension Run {
  /// Makes an identifier from the moment and a random part: `20261122-2103-a1b2c3`, in UTC.
  public static func newID(
    at wallSeconds: Double, using generator: inout some RandomNumberGenerator
  ) -> String {
    let digits = isoTimestamp(wallSeconds).filter { $0.isNumber }
    let random = String(UInt32.random(in: 0..<(1 << 24), using: &generator), radix: 16)
    let padded = String(repeating: "0", count: 6 - random.count) + random
    return "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-\(padded)"
  }

  /// Makes an identifier from the moment and the system's randomness.
  public static func newID(at wallSeconds: Double = MonotonicClock().wallSeconds()) -> String {
    var generator = SystemRandomNumberGenerator()
    return newID(at: wallSeconds, using: &generator)
  }
}

extension ProcessIdentity {
  /// This process.
  public static var current: ProcessIdentity? { ProcessIdentity(running: getpid()) }
}
