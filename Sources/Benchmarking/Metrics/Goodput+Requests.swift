extension Goodput {
  /// Creates it from the requests whose every goal held; failed, timed-out and censored ones are misses.
  init?(attained: Int, of considered: Int, seconds: Double) {
    guard considered > 0, seconds > 0 else { return nil }
    let interval = Self.wilson(attained, of: considered)
    self.init(
      requestsPerSecond: Double(attained) / seconds, attained: attained, considered: considered, low: interval.low,
      high: interval.high)
  }

  /// Returns Wilson's 95% interval of a share.
  static func wilson(_ hits: Int, of count: Int) -> (low: Double, high: Double) {
    guard count > 0 else { return (0, 1) }
    let z = 1.959964
    let (n, p) = (Double(count), Double(hits) / Double(count))
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return (max(0, middle - half), min(1, middle + half))
  }
}

extension LatencyGoal {
  /// Tells whether one request kept the bound; a metric that it has no value for (one token has no TPOT) holds.
  func holds(for request: RequestRecord, isOpenLoop: Bool) -> Bool {
    let value: Double? =
      switch metric {
      case .timeToFirstToken: isOpenLoop ? request.responseTimeToFirstToken : request.timeToFirstToken
      case .endToEnd: isOpenLoop ? request.responseEndToEnd : request.endToEnd
      case .timePerOutputToken, .interTokenLatency: request.timePerOutputToken
      }
    return value.map { $0 < seconds } ?? true
  }

  /// Tells whether the bound holds for a whole stage; nil where the statistic is withheld.
  public func holds(for summary: RunSummary) -> Bool? {
    let distribution =
      switch metric {
      case .timeToFirstToken: summary.timeToFirstToken
      case .timePerOutputToken: summary.timePerOutputToken
      case .interTokenLatency: summary.interTokenLatency
      case .endToEnd: summary.endToEnd
      }
    return distribution.value(of: statistic).map { $0 < seconds }
  }
}
