import Platform

/// A small generator with a seed, the same on every machine: SplitMix64.
public struct RandomSource: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// Creates a source for one purpose, so that streams of the same seed are independent.
  public init(seed: UInt64, stream: UInt64) {
    var mixer = RandomSource(seed: seed &+ 0x9E37_79B9_7F4A_7C15 &* (stream &+ 1))
    state = mixer.next()
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Returns a number above 0 and at most 1.
  public mutating func unit() -> Double { (Double(next() >> 11) + 1) / 9_007_199_254_740_992 }

  /// Draws from the standard normal distribution (Box and Muller).
  public mutating func normal() -> Double { sqrt(-2 * log(unit())) * cos(2 * .pi * unit()) }

  /// Draws from the exponential distribution of mean 1.
  public mutating func exponential() -> Double { -log(unit()) }

  /// Draws from the gamma distribution of this shape, scaled to mean 1 (Marsaglia and Tsang 2000).
  public mutating func gamma(shape: Double) -> Double {
    guard shape > 0 else { return 1 }
    // Below 1: draw with shape + 1 and raise a uniform draw to 1/shape.
    let boost = shape < 1 ? pow(unit(), 1 / shape) : 1
    let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let c = 1 / sqrt(9 * d)
    while true {
      let x = normal()
      let v = pow(1 + c * x, 3)
      guard v > 0, log(unit()) < 0.5 * x * x + d - d * v + d * log(v) else { continue }
      return d * v * boost / shape
    }
  }

  mutating func logNormalFactor(_ sigma: Double) -> Double { exp(sigma * normal()) }

  static func exponential(of value: Double) -> Double { exp(value) }
}
