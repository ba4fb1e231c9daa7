extension RunSummary {
  /// Summarizes requests of one load.
  ///
  /// Latencies are of completed requests only; of an open loop the headline ones count from the schedule. Throughput
  /// is completed tokens from the first send to the last content.
  public init(
    of requests: [RequestRecord], isOpenLoop: Bool = false, concurrency: Int? = nil, goals: [LatencyGoal] = []
  ) {
    let good = requests.filter { $0.outcome == .completed }
    let failures = requests.filter { $0.outcome == .failed || $0.outcome == .timedOut }
    let first = requests.compactMap { $0.sent }.min() ?? 0
    let last = good.compactMap { $0.lastToken }.max() ?? requests.compactMap { $0.closed }.max() ?? first
    let duration = Double(max(0, last - first)) / 1e9
    self.init(completed: good.count, errors: failures.count, durationSeconds: duration)
    latencies(good, isOpenLoop: isOpenLoop)
    counts(requests, good)
    let input = good.reduce(0) { $0 + ($1.inputTokens ?? 0) }
    let output = good.reduce(0) { $0 + $1.countedOutputTokens }
    inputTokens = good.contains { $0.inputTokens != nil } ? input : nil
    outputTokens = output
    if duration > 0 {
      outputTokensPerSecond = Double(output) / duration
      inputTokensPerSecond = inputTokens.map { Double($0) / duration }
      totalTokensPerSecond = inputTokens.map { Double($0 + output) / duration }
      requestsPerSecond = Double(good.count) / duration
    }
    let arrivals = TokenArrivals(good)
    peakOutputTokensPerSecond = arrivals.peak
    if let concurrency {
      steadyOutputTokensPerSecond = arrivals.steady(requests: requests, concurrency: concurrency)
    }
    if !goals.isEmpty {
      goodput = Goodput(requests, goals: goals, isOpenLoop: isOpenLoop, seconds: duration)
    }
  }

  private mutating func latencies(_ good: [RequestRecord], isOpenLoop: Bool) {
    let service = Distribution(samples: good.compactMap { $0.timeToFirstToken })
    let serviceEnd = Distribution(samples: good.compactMap { $0.endToEnd })
    if isOpenLoop {
      timeToFirstToken = Distribution(samples: good.compactMap { $0.responseTimeToFirstToken })
      endToEnd = Distribution(samples: good.compactMap { $0.responseEndToEnd })
      serviceTimeToFirstToken = service
      serviceEndToEnd = serviceEnd
    } else {
      timeToFirstToken = service
      endToEnd = serviceEnd
    }
    timeToFirstOutput = Distribution(samples: good.compactMap { $0.timeToFirstOutput })
    timePerOutputToken = Distribution(samples: good.compactMap { $0.timePerOutputToken })
    normalizedTimePerOutputToken = Distribution(samples: good.compactMap { $0.normalizedTimePerOutputToken })
    interTokenLatency = Distribution(weighted: good.flatMap { $0.tokenGaps })
    interChunkLatency = Distribution(samples: good.flatMap { $0.chunkGaps })
    let timings = good.compactMap { $0.serverTimings }
    if !timings.isEmpty {
      serverPromptSeconds = Distribution(samples: timings.compactMap { $0.inputSeconds })
      // The server times the tokens after the first, which comes with the prompt.
      serverTimePerOutputToken = Distribution(
        samples: timings.compactMap { timing in
          guard let seconds = timing.outputSeconds, let count = timing.outputTokens, count > 1 else { return nil }
          return seconds / Double(count - 1)
        })
    }
    streamClose = Distribution(samples: good.compactMap { $0.streamClose })
  }

  /// The few most frequent errors.
  private static func causes(_ requests: [RequestRecord]) -> [FailureCause]? {
    let errors = requests.filter { $0.outcome == .failed || $0.outcome == .timedOut }.map { $0.error ?? "unknown" }
    guard !errors.isEmpty else { return nil }
    return Dictionary(grouping: errors) { $0 }.map { FailureCause(cause: $0.key, requests: $0.value.count) }
      .sorted { ($1.requests, $0.cause) < ($0.requests, $1.cause) }.prefix(5).map { $0 }
  }

  private mutating func counts(_ requests: [RequestRecord], _ good: [RequestRecord]) {
    timedOut = requests.count { $0.outcome == .timedOut }
    censored = requests.count { $0.outcome == .censored }
    failureCauses = Self.causes(requests)
    wastedTokens = requests.reduce(0) { $0 + ($1.outcome == .completed ? 0 : $1.countedOutputTokens) }
    // The worst way of counting that occurred is what the figures rest on.
    let ways = Set(good.map { $0.tokenCounting })
    tokenCounting = TokenCounting.allCases.last { ways.contains($0) }
    let told = good.filter { $0.cachedTokens != nil && ($0.inputTokens ?? 0) > 0 }
    let input = told.reduce(0) { $0 + ($1.inputTokens ?? 0) }
    if input > 0 { cachedShare = Double(told.reduce(0) { $0 + ($1.cachedTokens ?? 0) }) / Double(input) }
  }
}
