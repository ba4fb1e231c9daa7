/// Reads what people write for lengths, lists, arrivals and goals; each returns nil for what it cannot read.
extension LengthDistribution {
  /// Reads `256`, `100-400`, `normal:256:50` (mean, deviation) or `lognormal:200:0.8` (median, sigma).
  public init?(parsing text: String) {
    let parts = text.split(separator: ":").map { String($0) }
    if parts.count == 3, let first = Double(parts[1]), let second = Double(parts[2]), first > 0, second >= 0 {
      switch parts[0] {
      case "normal": self = .normal(mean: first, deviation: second)
      case "lognormal" where second < 10: self = .logNormal(median: first, sigma: second)
      default: return nil
      }
      return
    }
    let ends = text.split(separator: "-").map { Int($0) }
    guard let low = ends.first ?? nil, low > 0, low <= 10_000_000 else { return nil }
    if ends.count == 1, !text.contains("-") {
      self = .constant(low)
    } else if ends.count == 2, let high = ends[1], high >= low, high <= 10_000_000 {
      self = .uniform(low: low, high: high)
    } else {
      return nil
    }
  }
}

extension ArrivalProcess {
  /// Reads `constant`, `poisson` or `gamma:SHAPE`.
  public init?(parsing text: String) {
    switch text {
    case "constant": self = .constant
    case "poisson": self = .poisson
    default:
      guard text.hasPrefix("gamma:"), let shape = Double(text.dropFirst(6)), shape > 0, shape.isFinite else {
        return nil
      }
      self = .gamma(shape: shape)
    }
  }
}

/// Lists of loads for a sweep.
public enum SweepList {
  /// Reads numbers and ranges with a step or factor: `1,4,8`, `1-4`, `2-10:2`, `1-64:x2`.
  public static func numbers(_ text: String) -> [Double]? {
    var all: [Double] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: ":", maxSplits: 1)
      let ends = (halves.first ?? "").split(separator: "-").compactMap { Double($0.filter { $0 != " " }) }
      guard let low = ends.first, low > 0, low.isFinite else { return nil }
      guard ends.count == 2 else {
        guard halves.count == 1, ends.count == 1, !part.contains("-") else { return nil }
        all.append(low)
        continue
      }
      guard let more = range(low, ends[1], step: halves.count == 2 ? halves[1] : "1") else { return nil }
      all += more
    }
    return all.isEmpty ? nil : all
  }

  private static func range(_ low: Double, _ high: Double, step: Substring) -> [Double]? {
    let isFactor = step.hasPrefix("x")
    guard high >= low, high.isFinite, let size = Double(isFactor ? step.dropFirst() : step), size > (isFactor ? 1 : 0)
    else { return nil }
    var values: [Double] = []
    var value = low
    while value <= high * (1 + 1e-9), values.count < 1000 {
      values.append(value)
      value = isFactor ? value * size : value + size
    }
    return values
  }

  /// Reads a ramp `FROM:TO:SECONDS`.
  public static func ramp(_ text: String) -> (from: Double, to: Double, seconds: Double)? {
    let parts = text.split(separator: ":").compactMap { Double($0) }
    guard parts.count == 3, parts.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    return (parts[0], parts[1], parts[2])
  }
}

extension LatencyGoal {
  /// Reads one bound: `ttft p95 < 2 s`, `tpot p99<60ms`, `e2e mean < 1.5s`.
  public init?(parsing text: String) {
    let sides = text.split(separator: "<")
    guard sides.count == 2 else { return nil }
    let words = sides[0].split(separator: " ").map { $0.lowercased() }
    let bound = sides[1].filter { $0 != " " && $0 != "=" }.lowercased()
    let number = bound.prefix { $0.isNumber || $0 == "." }
    let units: [String: Double] = ["s": 1, "ms": 1e-3, "us": 1e-6]
    guard words.count == 2, let metric = Metric(rawValue: words[0]), let statistic = Statistic(rawValue: words[1]),
      let value = Double(number), value > 0, let unit = units[String(bound.dropFirst(number.count))]
    else { return nil }
    self.init(metric, statistic, seconds: value * unit)
  }

  /// Reads comma-separated bounds.
  public static func list(_ text: String) -> [LatencyGoal]? {
    let goals = text.split(separator: ",").map { LatencyGoal(parsing: String($0)) }
    return goals.isEmpty || goals.contains(nil) ? nil : goals.compactMap { $0 }
  }
}

/// Bounds that known benchmarks set.
///
/// Source: MLPerf Inference's `loadgen/mlperf.conf` and rules, server and interactive scenarios, at the 99th
/// percentile of time to first token and time per output token.
public enum GoalPreset: String, Hashable, Sendable, Codable, CaseIterable {
  case llama2 = "mlperf-llama2-70b"
  case llama2Interactive = "mlperf-llama2-70b-interactive"
  case llama31 = "mlperf-llama3.1-8b"
  case llama31Interactive = "mlperf-llama3.1-8b-interactive"
  case deepSeek = "mlperf-deepseek-r1"
  case deepSeekInteractive = "mlperf-deepseek-r1-interactive"

  /// MLPerf's least duration of a run, seconds.
  public static let leastSeconds = 600.0

  public var goals: [LatencyGoal] {
    let bounds: (first: Double, each: Double) =
      switch self {
      case .llama2: (2, 0.2)
      case .llama2Interactive: (0.45, 0.04)
      case .llama31: (2, 0.1)
      case .llama31Interactive: (0.5, 0.03)
      case .deepSeek: (2, 0.08)
      case .deepSeekInteractive: (1.5, 0.015)
      }
    return [
      LatencyGoal(.timeToFirstToken, .p99, seconds: bounds.first),
      LatencyGoal(.timePerOutputToken, .p99, seconds: bounds.each),
    ]
  }
}
