import Platform

/// A ratio of two measured quantities with its 95% confidence interval.
public struct RatioInterval: Hashable, Sendable, Codable {
  public var estimate: Double
  public var low: Double
  public var high: Double
  /// Blocks on each side, or pairs where they are paired.
  public var blocks: Int

  public init(estimate: Double, low: Double, high: Double, blocks: Int) {
    self.estimate = estimate
    self.low = low
    self.high = high
    self.blocks = blocks
  }

  /// The larger distance from the estimate to an end, as a logarithm.
  public var halfWidth: Double { max(log(high / estimate), log(estimate / low)) }

  /// Returns the interval that holds at every look at once, for a series that is looked at after each block.
  ///
  /// Of intervals that each miss the truth once in twenty times, one in a long series of looks nearly always does. The
  /// boundary of Robbins' normal mixture (1970) is crossed at any time at all once in twenty times; it is tightest at a
  /// few times as many blocks as there are at the first look.
  public func widened(forLooksFrom first: Int) -> RatioInterval {
    let (count, mixture) = (Double(max(blocks, 1)), Double(max(first, 1)))
    let multiple = ((1 + mixture / count) * log((count + mixture) / (mixture * 0.05 * 0.05))).squareRoot()
    let factor = multiple / Self.normalQuantile
    return RatioInterval(
      estimate: estimate, low: estimate * exp(log(low / estimate) * factor),
      high: estimate * exp(log(high / estimate) * factor), blocks: blocks)
  }

  /// The 97.5% point of the normal distribution.
  private static let normalQuantile = 1.959964
}

extension RatioInterval {
  /// Returns the ratio of two interleaved series of block means, block by block, with a bootstrap interval.
  ///
  /// Pairing removes drift that both sides share. Logarithms are resampled, so that a ratio and its inverse get the same
  /// verdict. The mean is trimmed: a fifth of the pairs at each end has no weight, since other work on the machine
  /// makes a few blocks far too slow and tells nothing of the two sides. The percentiles are widened for small samples (Hesterberg 2015, section 5.3): plain ones would cover
  /// 88% instead of 95% with six blocks.
  ///
  /// - Returns: nil with fewer than three pairs, or where a mean is not positive.
  public init?(
    paired candidate: [Double], to baseline: [Double], resamples: Int = 4000, seed: UInt64 = 1
  ) {
    let count = min(candidate.count, baseline.count)
    guard let top = Self.logarithms(Array(candidate.prefix(count))),
      let bottom = Self.logarithms(Array(baseline.prefix(count))), count >= 3
    else { return nil }
    let differences = zip(top, bottom).map { $0 - $1 }
    var generator = SeededGenerator(seed: seed)
    let means = (0..<resamples).map { _ in Self.resampledTrimmedMean(differences, using: &generator) }.sorted()
    self.init(means, around: Self.trimmedMean(differences), blocks: count, freedom: Double(count - 1))
  }

  /// Returns the ratio of two series of block means that were measured one after the other.
  ///
  /// - Returns: nil with fewer than three blocks on a side, or where a mean is not positive.
  public init?(
    separate candidate: [Double], to baseline: [Double], resamples: Int = 4000, seed: UInt64 = 1
  ) {
    guard let top = Self.logarithms(candidate), let bottom = Self.logarithms(baseline), top.count >= 3,
      bottom.count >= 3
    else { return nil }
    var generator = SeededGenerator(seed: seed)
    let means = (0..<resamples).map { _ in
      Self.resampledMean(top, using: &generator) - Self.resampledMean(bottom, using: &generator)
    }.sorted()
    let center = top.reduce(0, +) / Double(top.count) - bottom.reduce(0, +) / Double(bottom.count)
    let fewest = min(top.count, bottom.count)
    self.init(means, around: center, blocks: fewest, freedom: Double(fewest - 1))
  }

  private init(_ sorted: [Double], around center: Double, blocks: Int, freedom: Double) {
    let widening = (Double(blocks) / freedom).squareRoot() * Self.studentQuantile(freedom: freedom)
    let tail = 0.5 * erfc(widening / 2.0.squareRoot())
    let last = Double(sorted.count - 1)
    let low = sorted[Int((tail * last).rounded(.down))]
    let high = sorted[Int(((1 - tail) * last).rounded(.up))]
    self.init(estimate: exp(center), low: exp(min(low, center)), high: exp(max(high, center)), blocks: blocks)
  }

  private static func logarithms(_ values: [Double]) -> [Double]? {
    guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    return values.map { log($0) }
  }

  /// The mean of what is left without the least and the largest fifth, each rounded down.
  private static func trimmedMean(_ values: [Double]) -> Double {
    let cut = values.count / 5
    let kept = values.sorted()[cut..<(values.count - cut)]
    return kept.reduce(0, +) / Double(kept.count)
  }

  private static func resampledTrimmedMean(_ values: [Double], using generator: inout SeededGenerator) -> Double {
    trimmedMean(values.map { _ in values[pick(values.count, using: &generator)] })
  }

  /// The high half of a product picks an index; its bias, below 2^-32, is of no account here.
  private static func pick(_ count: Int, using generator: inout SeededGenerator) -> Int {
    Int(((generator.next() >> 32) &* UInt64(count)) >> 32)
  }

  private static func resampledMean(_ values: [Double], using generator: inout SeededGenerator) -> Double {
    var sum = 0.0
    for _ in values { sum += values[pick(values.count, using: &generator)] }
    return sum / Double(values.count)
  }

  /// The 97.5% point of Student's distribution, by the expansion of Cornish and Fisher; within 1% from 2 degrees on.
  static func studentQuantile(freedom: Double) -> Double {
    // Exact where the expansion is poor.
    let exact = [1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571]
    if let value = exact[Int(freedom)] { return value }
    let z = normalQuantile
    let (z3, z5) = (z * z * z, z * z * z * z * z)
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom)
  }
}
