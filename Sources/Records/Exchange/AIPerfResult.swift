import Benchmarking
import Units

/// The summary that AIPerf exports (`profile_export_aiperf.json`): one member for each metric, with its unit.
struct AIPerfResult: Decodable {
  struct Metric: Decodable {
    var unit: String?
    var avg: Double?
    var p50: Double?
    var p90: Double?
    var p95: Double?
    var p99: Double?
    var min: Double?
    var max: Double?
    var std: Double?

    /// The same as a distribution in seconds; `count` is that of the requests.
    func distribution(_ count: Int) -> Distribution {
      let scale: Double =
        switch unit?.lowercased() {
        case "ns": 1e-9
        case "us", "µs": 1e-6
        case "s", "sec", "seconds": 1
        default: 1e-3
        }
      var found = Distribution(count: count)
      (found.p50, found.p90, found.p95, found.p99) = (p50, p90, p95, p99)
      (found.mean, found.minimum, found.maximum, found.standardDeviation) = (avg, min, max, std)
      return found.scaled(by: scale)
    }
  }

  private struct Configuration: Decodable {
    struct Endpoint: Decodable {
      var model_names: [String]?
      var urls: [String]?
      var url: String?
    }
    struct Load: Decodable {
      var concurrency: Int?
      var request_rate: Double?
    }
    var endpoint: Endpoint?
    var loadgen: Load?
  }

  private enum Key: String, CodingKey {
    case records
    case configuration = "input_config"
    case start = "start_time"
    case version = "aiperf_version"
    case cancelled = "was_cancelled"
    case firstToken = "time_to_first_token"
    case interToken = "inter_token_latency"
    case latency = "request_latency"
    case outputRate = "output_token_throughput"
    case requestRate = "request_throughput"
    case count = "request_count"
    case errors = "error_request_count"
    case duration = "benchmark_duration"
    case inputTokens = "total_isl"
    case outputTokens = "total_osl"
    case outputTokenCount = "total_output_tokens"
  }

  private var configuration: Configuration?
  private var start: String?
  private var version: String?
  private var isCancelled = false
  private var metrics: [Key: Metric] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    configuration = try? container.decode(Configuration.self, forKey: .configuration)
    start = try? container.decode(String.self, forKey: .start)
    version = try? container.decode(String.self, forKey: .version)
    isCancelled = (try? container.decode(Bool.self, forKey: .cancelled)) ?? false
    // Older versions keep the metrics one level down.
    let holder = (try? container.nestedContainer(keyedBy: Key.self, forKey: .records)) ?? container
    for key in holder.allKeys { metrics[key] = try? holder.decode(Metric.self, forKey: key) }
  }

  /// True for a document that carries what a summary of AIPerf does.
  var isRecognizable: Bool { metrics[.latency]?.avg != nil && metrics[.count]?.avg != nil }

  /// Makes a run of one stage; AIPerf's inter-token latency is the mean of each request, which is our TPOT.
  func archive(id: String, startedAt: Double) -> RunArchive {
    func number(_ key: Key) -> Double? { metrics[key]?.avg }
    func count(_ key: Key) -> Int? { number(key).flatMap { Int(exactly: $0.rounded()) } }
    let model = configuration?.endpoint?.model_names?.first
    let address = configuration?.endpoint?.urls?.first ?? configuration?.endpoint?.url
    var run = Run(
      id: id, startedAt: FileDate.seconds(start) ?? startedAt,
      target: address.map { BenchmarkTarget.withoutSecrets($0) } ?? model ?? "AIPerf results")
    run.status = isCancelled ? .incomplete : .complete
    run.settings = ["imported from": "AIPerf"]
    run.settings["version of AIPerf"] = version
    run.settings["date in the file"] = start
    run.modelAsked = model
    run.address = address.map { BenchmarkTarget.withoutSecrets($0) }
    let completed = count(.count) ?? 0
    var summary = RunSummary(
      completed: completed, errors: count(.errors) ?? 0,
      durationSeconds: metrics[.duration].map { $0.distribution(1).mean ?? 0 } ?? 0)
    func found(_ key: Key) -> Distribution { metrics[key]?.distribution(completed) ?? Distribution(count: 0) }
    summary.timeToFirstToken = found(.firstToken)
    summary.timePerOutputToken = found(.interToken)
    summary.endToEnd = found(.latency)
    summary.outputTokensPerSecond = number(.outputRate)
    summary.requestsPerSecond = number(.requestRate)
    summary.inputTokens = count(.inputTokens)
    summary.outputTokens = count(.outputTokens) ?? count(.outputTokenCount)
    let load = configuration?.loadgen
    let name = load?.concurrency.map { "concurrency \($0)" } ?? "imported"
    run.stages = [
      StageResult(
        name: name, concurrency: load?.concurrency, requestsPerSecond: load?.request_rate, summary: summary)
    ]
    run.summary = summary
    run.validity = Validity(
      invalid: isCancelled ? [Reason(.importedInvalid, "the run was interrupted")] : [],
      doubtful: [Reason(.importedFigures, "the figures are another program's and rest on no stored request")])
    return RunArchive(run: run)
  }
}

extension Distribution {
  fileprivate func scaled(by scale: Double) -> Distribution {
    var found = self
    for path in [
      \Distribution.p50, \.p90, \.p95, \.p99, \.mean, \.minimum, \.maximum, \.standardDeviation,
    ] as [WritableKeyPath<Distribution, Double?>] {
      found[keyPath: path] = self[keyPath: path].map { $0 * scale }
    }
    return found
  }
}
