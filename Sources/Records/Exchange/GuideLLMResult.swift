import Benchmarking
import Units

/// The results file of GuideLLM: one benchmark for each load, figures under `metrics`.
struct GuideLLMResult: Decodable {
  struct Benchmark: Decodable {
    var metrics: Metrics
    var duration: Double?
    var start_time: Double?
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

  /// What was asked, where the version of the file tells.
  struct Arguments: Decodable {
    struct Backend: Decodable { var model: String? }
    var target: String?
    var model: String?
    var backend_kwargs: Backend?

    private enum CodingKeys: String, CodingKey { case target, model, backend_kwargs }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      target = try? container.decode(String.self, forKey: .target)
      model = try? container.decode(String.self, forKey: .model)
      backend_kwargs = try? container.decode(Backend.self, forKey: .backend_kwargs)
    }
  }

  var benchmarks: [Benchmark]
  var args: Arguments?

  /// Makes a run with one stage for each benchmark of the file.
  ///
  /// GuideLLM's inter-token latency is the mean of each request, which is our TPOT; its own TPOT counts the first token
  /// and is our NTPOT.
  func archive(id: String, startedAt: Double) -> RunArchive {
    let began = benchmarks.compactMap(\.start_time).filter { (1e8..<1e11).contains($0) }.min()
    var run = Run(id: id, startedAt: began ?? startedAt, target: "GuideLLM results")
    run.modelAsked = args?.model ?? args?.backend_kwargs?.model
    run.address = args?.target.map { BenchmarkTarget.withoutSecrets($0) }
    if let address = run.address { run.target = address }
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
