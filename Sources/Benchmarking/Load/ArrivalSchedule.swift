import Platform

/// When each request of an open-loop stage is due; computed before the stage from the seed, and kept with the run.
public enum ArrivalSchedule {
  /// The most arrivals that one stage may have.
  static let limit = 10_000_000

  /// Returns nanoseconds from the stage's start, ascending; nil for a closed loop, which has no schedule.
  ///
  /// All are due before the stage's end: 10 a second for 2 seconds are 20, the last after 1.9 seconds.
  /// Gaps are drawn as the process says and never rescaled, so that the last arrival falls where it falls.
  public static func times(for stage: Stage, seed: UInt64, dataset: [Double]? = nil) -> [Int64]? {
    let most = min(stage.stop.requests ?? limit, limit)
    let end = stage.stop.seconds ?? .infinity
    switch stage.load {
    case .concurrency, .concurrencyRamp: return nil
    case .rate(let rate, let process, _):
      guard rate > 0 else { return [] }
      return draw(process, seed: seed, most: most, end: end) { $0 / rate }
    case .rateRamp(let from, let to, let seconds, let process, _):
      return draw(process, seed: seed, most: most, end: end) { moment($0, from: from, to: to, seconds: seconds) }
    case .trace(let scale, _):
      let times = (dataset ?? []).prefix(most).map { $0 * scale }
      // Beyond 9e9 seconds nanoseconds no longer fit.
      return times.prefix { $0 < end && abs($0) < 9e9 }.map { Int64($0 * 1e9) }
    }
  }

  /// Draws gaps of mean 1 and maps their sums, the expected number of arrivals, to moments.
  private static func draw(
    _ process: ArrivalProcess, seed: UInt64, most: Int, end: Double, _ moment: (Double) -> Double
  ) -> [Int64] {
    var random = RandomSource(seed: seed, stream: 1 << 41)
    var expected = 0.0
    var times: [Int64] = []
    while times.count < most {
      switch process {
      case .constant: expected = Double(times.count)
      case .poisson: expected += random.exponential()
      case .gamma(let shape): expected += random.gamma(shape: shape)
      }
      let seconds = moment(expected)
      guard seconds < end, seconds < 1e9 else { break }
      times.append(Int64(seconds * 1e9))
    }
    return times
  }

  /// Returns when so many arrivals are expected under a rate that goes evenly from one value to another and stays there.
  private static func moment(_ count: Double, from: Double, to: Double, seconds: Double) -> Double {
    let inRamp = (from + to) / 2 * seconds
    guard seconds > 0, count < inRamp else { return to > 0 ? seconds + (count - inRamp) / to : .infinity }
    let slope = (to - from) / seconds
    guard slope.magnitude > 1e-12 else { return count / from }
    return ((from * from + 2 * slope * count).squareRoot() - from) / slope
  }
}
