/// A bound on a latency that must hold: `ttft p95 < 2 s`.
public struct LatencyGoal: Hashable, Sendable, Codable {
  public enum Metric: String, Hashable, Sendable, Codable, CaseIterable {
    case timeToFirstToken = "ttft"
    case timePerOutputToken = "tpot"
    case interTokenLatency = "itl"
    case endToEnd = "e2e"
  }

  /// The order statistic that is bounded.
  public enum Statistic: String, Hashable, Sendable, Codable, CaseIterable {
    case p50, p90, p95, p99, mean

    /// The share of samples below it; for the mean that of the median, whose samples it needs at least.
    public var quantile: Double {
      switch self {
      case .p50, .mean: 0.5
      case .p90: 0.9
      case .p95: 0.95
      case .p99: 0.99
      }
    }
  }

  public var metric: Metric
  public var statistic: Statistic
  public var seconds: Double

  public init(_ metric: Metric, _ statistic: Statistic, seconds: Double) {
    self.metric = metric
    self.statistic = statistic
    self.seconds = seconds
  }
}

extension LatencyGoal: CustomStringConvertible {
  public var description: String { "\(metric.rawValue) \(statistic.rawValue) < \(seconds * 1000) ms" }
}
