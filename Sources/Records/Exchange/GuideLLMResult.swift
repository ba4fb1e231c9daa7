import Benchmarking
import Units

/// The results file of GuideLLM: one benchmark for each load, figures under `metrics`.
struct GuideLLMResult: Decodable {
  struct Benchmark: Decodable {
    var metrics: Metrics
    var duration: Double?
    var run_stats: RunStatistics?
  }

  struct RunStatistics: Decodable { var requests_made: Totals? }

  struct Totals: Decodable {
    var successful: Int?
    var errored: Int?
    var incomplete: Int?
  }

  struct Metrics: Decodable {
    var request_totals: Totals?
    var requests_per_second: Statuses?
    var request_concurrency: Statuses?
    var request_latency: Statuses?
    var time_to_first_token_ms: Statuses?
    var inter_token_latency_ms: Statuses?
    var time_per_output_token_ms: Statuses?
    var output_tokens_per_second: Statuses?
    var prompt_tokens_per_second: Statuses?
  }

  struct Statuses: Decodable { var successful: Statistics? }

  struct Statistics: Decodable {
    var mean: Double?
    var median: Double?
    var std_dev: Double?
    var min: Double?
    var max: Double?
    var count: Int?
    var percentiles: [String: Double]?

    /// The same as a distribution in seconds.
    func distribution(scale: Double) -> Distribution {
      var found = Distribution(count: count ?? 0)
      found.mean = mean.map { $0 * scale }
      found.p50 = (percentiles?["p50"] ?? median).map { $0 * scale }
      found.p90 = percentiles?["p90"].map { $0 * scale }
      found.p95 = percentiles?["p95"].map { $0 * scale }
      found.p99 = percentiles?["p99"].map { $0 * scale }
      found.minimum = min.map { $0 * scale }
      found.maximum = max.map { $0 * scale }
      found.standardDeviation = std_dev.map { $0 * scale }
      return found
    }
  }

  var benchmarks: [Benchmark]

  /// Makes a run with one stage for each benchmark of the file.
  ///
  /// GuideLLM's inter-token latency is the mean of each request, which is our TPOT; its own TPOT counts the first token
  /// and is our NTPOT.
  func archive(id: String, startedAt: Double) -> RunArchive {
    var run = Run(id: id, startedAt: startedAt, target: "GuideLLM results")
    run.status = .complete
    run.settings = ["imported from": "GuideLLM"]
    run.stages = benchmarks.enumerated().map { index, benchmark in
      let concurrency = benchmark.metrics.request_concurrency?.successful?.mean
      return StageResult(
        name: "benchmark \(index + 1)", concurrency: concurrency.flatMap { Int(exactly: $0.rounded()) },
        requestsPerSecond: nil,
        summary: summary(benchmark))
    }
    if let best = run.stages.max(by: {
      ($0.summary.outputTokensPerSecond ?? 0) < ($1.summary.outputTokensPerSecond ?? 0)
    }) {
      run.summary = best.summary
    }
    run.validity = Validity(
      invalid: [],
      doubtful: [Reason(.importedFigures, "the figures are another program's and rest on no stored request")])
    return RunArchive(run: run)
  }

  private func summary(_ benchmark: Benchmark) -> RunSummary {
    let metrics = benchmark.metrics
    let totals = metrics.request_totals ?? benchmark.run_stats?.requests_made
    var summary = RunSummary(
      completed: totals?.successful ?? 0, errors: totals?.errored ?? 0, durationSeconds: benchmark.duration ?? 0)
    summary.censored = totals?.incomplete
    func found(_ statuses: Statuses?, _ scale: Double) -> Distribution {
      statuses?.successful?.distribution(scale: scale) ?? Distribution(count: 0)
    }
    summary.timeToFirstToken = found(metrics.time_to_first_token_ms, 0.001)
    summary.timePerOutputToken = found(metrics.inter_token_latency_ms, 0.001)
    summary.normalizedTimePerOutputToken = found(metrics.time_per_output_token_ms, 0.001)
    summary.endToEnd = found(metrics.request_latency, 1)
    summary.outputTokensPerSecond = metrics.output_tokens_per_second?.successful?.mean
    summary.inputTokensPerSecond = metrics.prompt_tokens_per_second?.successful?.mean
    summary.requestsPerSecond = metrics.requests_per_second?.successful?.mean
    return summary
  }
}
