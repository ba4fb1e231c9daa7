import Benchmarking
import Planning
import Platform
import Units

/// The result file of vLLM's serving benchmark: times in milliseconds in the summary, in seconds in the lists.
struct VLLMBenchResult: Codable {
  var date: String?
  var backend: String?
  var modelID: String?
  var numPrompts: Int?
  var maxConcurrency: Int?
  var duration: Double?
  var completed: Int?
  var failed: Int?
  var totalInputTokens: Int?
  var totalOutputTokens: Int?
  var requestThroughput: Double?
  var outputThroughput: Double?
  var totalTokenThroughput: Double?
  var inputLens: [Int]?
  var outputLens: [Int]?
  var ttfts: [Double]?
  var itls: [[Double]]?
  var startTimes: [Double]?
  var errors: [String]?
  /// Codes of what makes the figures unusable, where Plimsoll wrote the file; vLLM knows no such thing.
  var invalidCodes: [String]?
  /// What SGLang calls a run, and what it says of its server.
  var tag: String?
  var serverInfo: ServerInfo?
  /// Requests that were due and had no answer, where Plimsoll wrote the file: vLLM waits for all.
  static let unanswered = "no answer by the end of the run"

  struct ServerInfo: Codable { var model_path: String? }

  /// `mean_ttft_ms`, `median_tpot_ms`, `p99_itl_ms` and so on.
  var statistics: [String: Double] = [:]

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  private static let metrics = ["ttft", "tpot", "itl", "e2el"]
  private static let kinds = ["mean", "median", "std", "p90", "p95", "p99"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ name: String) throws -> Value? {
      try container.decodeIfPresent(Value.self, forKey: Key(name))
    }
    date = try value("date")
    backend = try value("backend") ?? value("endpoint_type")
    modelID = try value("model_id")
    numPrompts = try value("num_prompts")
    maxConcurrency = try value("max_concurrency")
    duration = try value("duration")
    completed = try value("completed")
    failed = try value("failed")
    totalInputTokens = try value("total_input_tokens")
    totalOutputTokens = try value("total_output_tokens")
    requestThroughput = try value("request_throughput")
    outputThroughput = try value("output_throughput")
    totalTokenThroughput = try value("total_token_throughput")
    inputLens = try value("input_lens")
    outputLens = try value("output_lens")
    ttfts = try value("ttfts")
    itls = try value("itls")
    startTimes = try value("start_times")
    errors = try value("errors")
    invalidCodes = try value("plimsoll_invalid")
    tag = try? value("tag")
    serverInfo = try? value("server_info")
    for metric in Self.metrics {
      for kind in Self.kinds {
        let name = "\(kind)_\(metric)_ms"
        // SGLang has its own word for the last.
        statistics[name] = try value(name) ?? (metric == "e2el" ? try value("\(kind)_e2e_latency_ms") : nil)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func put(_ value: (some Encodable)?, _ name: String) throws {
      try container.encodeIfPresent(value, forKey: Key(name))
    }
    try put(date, "date")
    try put(backend, "backend")
    try put(modelID, "model_id")
    try put(numPrompts, "num_prompts")
    try put(maxConcurrency, "max_concurrency")
    try put(duration, "duration")
    try put(completed, "completed")
    try put(failed, "failed")
    try put(totalInputTokens, "total_input_tokens")
    try put(totalOutputTokens, "total_output_tokens")
    try put(requestThroughput, "request_throughput")
    try put(outputThroughput, "output_throughput")
    try put(totalTokenThroughput, "total_token_throughput")
    try put(inputLens, "input_lens")
    try put(outputLens, "output_lens")
    try put(ttfts, "ttfts")
    try put(itls, "itls")
    try put(startTimes, "start_times")
    try put(errors, "errors")
    try put(invalidCodes, "plimsoll_invalid")
    for (name, value) in statistics.sorted(by: { $0.key < $1.key }) { try put(value, name) }
  }

  /// Makes the file's content from a run; requests that failed have zero times there, as vLLM writes them.
  init(_ archive: RunArchive) {
    let run = archive.run
    let measured = archive.measuredRequests.sorted { $0.index < $1.index }
    let summary = run.summary
    date = isoTimestamp(run.startedAt)
    backend = "openai-chat"
    modelID = run.modelAsked ?? run.model?.name ?? run.target
    numPrompts = measured.count
    maxConcurrency = run.stages.compactMap(\.concurrency).max()
    duration = summary.durationSeconds
    completed = summary.completed
    failed = summary.errors
    let good = measured.filter { $0.outcome == .completed }
    totalInputTokens = good.reduce(0) { $0 + ($1.inputTokens ?? 0) }
    totalOutputTokens = good.reduce(0) { $0 + $1.countedOutputTokens }
    requestThroughput = summary.requestsPerSecond
    outputThroughput = summary.outputTokensPerSecond
    totalTokenThroughput = summary.totalTokensPerSecond
    inputLens = measured.map { $0.inputTokens ?? 0 }
    outputLens = measured.map(\.countedOutputTokens)
    ttfts = measured.map { $0.timeToFirstToken ?? 0 }
    itls = measured.map { request in
      zip(request.chunkTimes.dropFirst(), request.chunkTimes).map { Double($0 - $1) / 1e9 }
    }
    startTimes = measured.map { Double($0.sent ?? $0.scheduled) / 1e9 }
    errors = measured.map { $0.outcome == .censored ? Self.unanswered : $0.error ?? "" }
    invalidCodes = run.validity.ok ? nil : run.validity.invalid.map(\.code.rawValue)
    let pairs = zip(
      Self.metrics,
      [
        summary.timeToFirstToken, summary.timePerOutputToken, summary.interTokenLatency, summary.endToEnd,
      ])
    for (metric, found) in pairs {
      let values = [found.mean, found.p50, found.standardDeviation, found.p90, found.p95, found.p99]
      for (kind, value) in zip(Self.kinds, values) { statistics["\(kind)_\(metric)_ms"] = value.map { $0 * 1000 } }
    }
  }
}
