import Platform

extension Distribution {
  /// Summarizes samples, each counted once, by nearest rank; percentiles without a 95% interval at this count are
  /// withheld.
  public init(samples: [Double]) {
    var all = Samples()
    for sample in samples { all.add(sample) }
    self = all.distribution
  }

  /// Returns the fewest samples for which a two-sided 95% interval of this quantile exists: 6, 36, 72, 368 and so on.
  public static func leastSamples(for quantile: Double) -> Int {
    let rarer = max(quantile, 1 - quantile)
    return Int((log(0.025) / log(rarer)).rounded(.up))
  }

  /// The statistic of this name; nil where it is withheld.
  public func value(of statistic: LatencyGoal.Statistic) -> Double? {
    switch statistic {
    case .p50: p50
    case .p90: p90
    case .p95: p95
    case .p99: p99
    case .mean: mean
    }
  }
}
