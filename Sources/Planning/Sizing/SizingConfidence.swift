import Platform

/// How surely the targets have to be kept.
public enum SizingLevel: Hashable, Sendable, Codable {
  /// The expected values are within the targets.
  case expected
  /// The slow ends of the 80% bands are.
  case slowEnds
  /// All targets hold together with this probability.
  case probability(Double)
}

/// Chances by the bands of predictions: what is measured is log-normal about what is expected, and 80% of it lies within
/// the band.
enum Chance {
  /// Standard deviations from the middle of a normal distribution to the ends of its middle 80%.
  static let bandDeviations = 1.281_551_565_544_6

  /// The probability that something is at most a limit.
  ///
  /// - Parameter deviation: the standard deviation of its logarithm; 0 where it is as expected for sure.
  static func ofAtMost(_ limit: Double, expected: Double, deviation: Double) -> Double {
    guard deviation > 0, expected > 0, limit > 0 else { return expected <= limit ? 1 : 0 }
    return cumulative(naturalLog(limit / expected) / deviation)
  }

  /// The share of a normal distribution below so many standard deviations.
  static func cumulative(_ deviations: Double) -> Double { erfc(-deviations / 2.0.squareRoot()) / 2 }

  /// The standard deviations below which a share of a normal distribution lies: by halving.
  static func deviations(of share: Double) -> Double {
    var (low, high) = (-8.0, 8.0)
    for _ in 0..<48 {
      let middle = (low + high) / 2
      if cumulative(middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
