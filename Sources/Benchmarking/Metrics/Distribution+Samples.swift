import Platform

/// A value that was seen so many times.
struct WeightedSample: Hashable {
  var value: Double
  var weight: Int
}

extension Distribution {
  /// Summarizes samples, each counted once.
  public init(samples: [Double]) {
    self.init(weighted: samples.map { WeightedSample(value: $0, weight: 1) })
  }

  /// Summarizes weighted samples by nearest rank; percentiles without a 95% interval at this count are withheld.
  init(weighted samples: [WeightedSample]) {
    let sorted = samples.filter { $0.weight > 0 }.sorted { $0.value < $1.value }
    let total = sorted.reduce(0) { $0 + $1.weight }
    self.init(count: total)
    guard let first = sorted.first, let last = sorted.last else { return }
    minimum = first.value
    maximum = last.value
    let sum = sorted.reduce(0) { $0 + $1.value * Double($1.weight) }
    let average = sum / Double(total)
    mean = average
    let squares = sorted.reduce(0) { $0 + ($1.value - average) * ($1.value - average) * Double($1.weight) }
    standardDeviation = total > 1 ? (squares / Double(total - 1)).squareRoot() : nil
    let wanted = [0.5, 0.9, 0.95, 0.99]
    let found = Self.nearestRanks(wanted, sorted: sorted, total: total)
    (p50, p90, p95, p99) = (found[0], found[1], found[2], found[3])
  }

  /// Returns the fewest samples for which a two-sided 95% interval of this quantile exists: 6, 36, 72, 368 and so on.
  public static func leastSamples(for quantile: Double) -> Int {
    let rarer = max(quantile, 1 - quantile)
    return Int((log(0.025) / log(rarer)).rounded(.up))
  }

  private static func nearestRanks(_ quantiles: [Double], sorted: [WeightedSample], total: Int) -> [Double?] {
    var place = 0
    var passed = 0
    return quantiles.map { quantile in
      guard total >= leastSamples(for: quantile) else { return nil }
      let rank = max(1, Int((quantile * Double(total)).rounded(.up)))
      while place < sorted.count - 1, passed + sorted[place].weight < rank {
        passed += sorted[place].weight
        place += 1
      }
      return sorted[place].value
    }
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
