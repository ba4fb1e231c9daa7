/// A predicted quantity with its band: `expected` is the best single guess, 80% of outcomes lie in `low...high`.
public struct Band: Hashable, Sendable, Codable {
  public var low: Double
  public var expected: Double
  public var high: Double
  public var source: Source?

  public init(low: Double, expected: Double, high: Double, source: Source? = nil) {
    self.low = low
    self.expected = expected
    self.high = high
    self.source = source
  }

  /// Creates a band around a value by a relative half-width in log space: 0.25 gives value/1.25 to value*1.25.
  public init(_ expected: Double, spread: Double, source: Source? = nil) {
    self.init(low: expected / (1 + spread), expected: expected, high: expected * (1 + spread), source: source)
  }

  /// The band without what lies above a bound that physics sets; the expected value stays.
  public func below(_ bound: Double) -> Band {
    Band(low: low, expected: expected, high: max(expected, min(high, bound)), source: source)
  }
}
