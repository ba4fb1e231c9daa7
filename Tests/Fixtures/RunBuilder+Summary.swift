import Benchmarking

extension RunBuilder {
  /// The metrics of requests, by the plain definitions; the product has its own.
  static func summary(_ requests: [RequestRecord], seconds: Double) -> RunSummary {
    var summary = RunSummary(completed: requests.count, errors: 0, durationSeconds: seconds)
    func span(_ from: Int64?, _ to: Int64?) -> Double? {
      guard let from, let to else { return nil }
      return Double(to - from) / 1e9
    }
    summary.timeToFirstToken = distribution(requests.compactMap { span($0.sent, $0.firstToken) })
    summary.endToEnd = distribution(requests.compactMap { span($0.sent, $0.lastToken) })
    summary.timePerOutputToken = distribution(
      requests.compactMap { request in
        guard let tokens = request.outputTokens, tokens > 1 else { return nil }
        return span(request.firstToken, request.lastToken).map { $0 / Double(tokens - 1) }
      })
    summary.interTokenLatency = distribution(
      requests.flatMap { request in
        zip(request.chunkTimes.dropFirst(), request.chunkTimes).map { Double($0 - $1) / 1e9 }
      })
    guard seconds > 0 else { return summary }
    summary.outputTokensPerSecond = Double(requests.compactMap(\.outputTokens).reduce(0, +)) / seconds
    summary.inputTokensPerSecond = Double(requests.compactMap(\.inputTokens).reduce(0, +)) / seconds
    summary.requestsPerSecond = Double(requests.count) / seconds
    return summary
  }

  /// Nearest-rank percentiles, withheld where there are too few samples.
  private static func distribution(_ values: [Double]) -> Distribution {
    let sorted = values.sorted()
    var result = Distribution(count: sorted.count)
    guard let first = sorted.first, let last = sorted.last else { return result }
    func rank(_ share: Double) -> Double {
      sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
    }
    result.p50 = rank(0.5)
    result.p90 = sorted.count >= 36 ? rank(0.9) : nil
    result.p95 = sorted.count >= 72 ? rank(0.95) : nil
    result.p99 = sorted.count >= 368 ? rank(0.99) : nil
    result.mean = sorted.reduce(0, +) / Double(sorted.count)
    result.minimum = first
    result.maximum = last
    return result
  }
}
