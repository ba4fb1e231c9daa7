import Benchmarking
import Engines
import Hardware
import Planning
import Platform
import Units

/// One test of llama-bench: prompt processing, generation, or both.
struct LlamaBenchRow: Decodable {
  var build_commit: String?
  var build_number: Int?
  var cpu_info: String?
  var gpu_info: String?
  var backends: String?
  var model_filename: String?
  var model_type: String?
  var model_size: Int?
  var model_n_params: Int?
  var n_threads: Int?
  var n_prompt: Int?
  var n_gen: Int?
  var n_depth: Int?
  var test_time: String?
  var avg_ns: Double?
  var stddev_ns: Double?
  var avg_ts: Double?
  var stddev_ts: Double?
  var samples_ns: [Int64]?

  /// `pp512`, `tg128`, `pp512+tg128`, with the depth where there is one: llama-bench's own names.
  var name: String {
    let prompt = n_prompt ?? 0
    let generated = n_gen ?? 0
    let parts = [prompt > 0 ? "pp\(prompt)" : nil, generated > 0 ? "tg\(generated)" : nil].compactMap { $0 }
    let depth = (n_depth ?? 0) > 0 ? " @ d\(n_depth ?? 0)" : ""
    return parts.joined(separator: "+") + depth
  }

  static let table = """
    CREATE TABLE IF NOT EXISTS llama_bench (build_commit TEXT, build_number INTEGER, cpu_info TEXT, gpu_info TEXT,
      backends TEXT, model_filename TEXT, model_type TEXT, model_size INTEGER, model_n_params INTEGER,
      n_threads INTEGER, n_prompt INTEGER, n_gen INTEGER, n_depth INTEGER, test_time TEXT, avg_ns INTEGER,
      stddev_ns INTEGER, avg_ts REAL, stddev_ts REAL);

    """

  /// The statement that inserts this row, every word quoted.
  var sql: String {
    let texts: [(String, String?)] = [
      ("build_commit", build_commit), ("cpu_info", cpu_info), ("gpu_info", gpu_info), ("backends", backends),
      ("model_filename", model_filename), ("model_type", model_type), ("test_time", test_time),
    ]
    let counts: [(String, Int?)] = [
      ("build_number", build_number), ("model_size", model_size), ("model_n_params", model_n_params),
      ("n_threads", n_threads), ("n_prompt", n_prompt), ("n_gen", n_gen), ("n_depth", n_depth),
      ("avg_ns", avg_ns.map { Int($0) }), ("stddev_ns", stddev_ns.map { Int($0) }),
    ]
    let rates = [("avg_ts", avg_ts), ("stddev_ts", stddev_ts)]
    let cells =
      texts.map { ($0.0, Self.quoted($0.1)) } + counts.map { ($0.0, $0.1.map { "\($0)" } ?? "NULL") }
      + rates.map { ($0.0, $0.1.map { "\($0)" } ?? "NULL") }
    let names = cells.map(\.0).joined(separator: ", ")
    return "INSERT INTO llama_bench (\(names)) VALUES (\(cells.map(\.1).joined(separator: ", ")));\n"
  }

  private static func quoted(_ text: String?) -> String {
    guard let text else { return "NULL" }
    let safe = text.filter { $0 != "\0" }.split(separator: "'", omittingEmptySubsequences: false)
    return "'\(safe.joined(separator: "''"))'"
  }
}

extension LlamaBenchRow {
  /// One row of prompt processing and one of generation for each stage with a single stream.
  static func rows(of archive: RunArchive) -> [LlamaBenchRow] {
    archive.run.stages.filter { $0.concurrency == 1 }.flatMap { stage in
      let requests = archive.requests.filter { $0.stage == stage.name && $0.outcome == .completed }
      // What the server had cached was not computed: it is depth, not prompt speed.
      let prompt = row(
        archive.run, requests, tokens: { request in request.inputTokens.map { $0 - (request.cachedTokens ?? 0) } },
        seconds: { $0.timeToFirstToken })
      let cached = requests.compactMap(\.cachedTokens)
      let depth = cached.isEmpty ? 0 : cached.reduce(0, +) / cached.count
      let generation = row(
        archive.run, requests, tokens: { $0.outputTokens.map { $0 - 1 } },
        seconds: { request in
          request.timePerOutputToken.map { $0 * Double(request.countedOutputTokens - 1) }
        })
      return [
        prompt.map { row in
          with(row) {
            $0.n_prompt = $1
            $0.n_gen = 0
            $0.n_depth = depth
          }
        },
        generation.map { row in
          with(row) {
            $0.n_gen = $1; $0.n_prompt = 0
          }
        },
      ].compactMap { $0 }
    }
  }

  private static func with(
    _ found: (row: LlamaBenchRow, tokens: Int), _ change: (inout LlamaBenchRow, Int) -> Void
  ) -> LlamaBenchRow {
    var row = found.row
    change(&row, found.tokens)
    return row
  }

  private static func row(
    _ run: Run, _ requests: [RequestRecord], tokens: (RequestRecord) -> Int?, seconds: (RequestRecord) -> Double?
  ) -> (row: LlamaBenchRow, tokens: Int)? {
    let samples = requests.compactMap { request -> (tokens: Int, seconds: Double)? in
      guard let count = tokens(request), count > 0, let time = seconds(request), time > 0 else { return nil }
      return (count, time)
    }
    guard !samples.isEmpty else { return nil }
    var row = LlamaBenchRow()
    row.build_commit = run.engineBuild
    row.cpu_info = run.machine?.cpu.model?.value
    row.gpu_info = run.machine?.accelerators.compactMap { $0.model?.value }.joined(separator: ", ")
    row.backends = run.engine
    row.model_filename = run.model?.path
    row.model_type = run.model.map { "\($0.architecture) \($0.quantization ?? "")" }
    row.model_size = run.model?.tensorBytes?.value.bytes
    row.model_n_params = run.model?.parameters?.value
    row.n_threads = run.threads
    row.n_depth = 0
    row.test_time = isoTimestamp(run.startedAt)
    (row.avg_ns, row.stddev_ns) = moments(samples.map { $0.seconds * 1e9 })
    (row.avg_ts, row.stddev_ts) = moments(samples.map { Double($0.tokens) / $0.seconds })
    return (row, samples.reduce(0) { $0 + $1.tokens } / samples.count)
  }

  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0)
  }

  /// Makes a run of llama-bench's tests, each a stage with its repetitions as requests.
  static func archive(_ rows: [LlamaBenchRow], id: String, startedAt: Double) -> RunArchive {
    let first = rows.first
    var run = Run(id: id, startedAt: startedAt, target: first?.model_filename ?? "llama-bench")
    run.status = .complete
    run.engine = "llama.cpp"
    run.engineBuild = [first?.build_number.map { "b\($0)" }, first?.build_commit].compactMap { $0 }
      .joined(separator: " ")
    run.settings = ["imported from": "llama-bench"]
    run.settings["model"] = first?.model_type
    run.settings["processor"] = first?.cpu_info
    run.settings["accelerator"] = first?.gpu_info
    run.settings["threads"] = first?.n_threads.map { "\($0)" }
    run.startedAt = rows.compactMap { FileDate.seconds($0.test_time) }.min() ?? startedAt
    run.modelAsked = first?.model_filename
    var requests: [RequestRecord] = []
    var clock: Int64 = 0
    var seen: [String: Int] = [:]
    run.stages.reserveCapacity(rows.count)
    for row in rows {
      // Rows that differ in threads or model only have one name; each is a stage of its own.
      let name = row.name
      seen[name, default: 0] += 1
      let number = seen[name] ?? 1
      let stageName = number == 1 ? name : "\(name) #\(number)"
      let stage = row.repetitions(from: &clock, first: requests.count, stage: stageName)
      requests += stage
      run.stages.append(
        StageResult(name: stageName, concurrency: 1, requestsPerSecond: nil, summary: row.summary(stage.count)))
    }
    let seconds = Double(clock) / 1e9
    run.summary = RunSummary(completed: requests.count, errors: 0, durationSeconds: seconds)
    run.summary.outputTokensPerSecond = rows.first { ($0.n_gen ?? 0) > 0 && ($0.n_prompt ?? 0) == 0 }?.avg_ts
    run.summary.inputTokensPerSecond = rows.first { ($0.n_prompt ?? 0) > 0 && ($0.n_gen ?? 0) == 0 }?.avg_ts
    return RunArchive(run: run, requests: requests)
  }

  private func repetitions(from clock: inout Int64, first: Int, stage: String) -> [RequestRecord] {
    (samples_ns ?? []).filter { $0 > 0 && $0 < 1_000_000_000_000_000 }.enumerated().map { offset, span in
      var request = RequestRecord(index: first + offset, stage: stage, scheduled: clock, outcome: .completed)
      request.sent = clock
      clock &+= span
      request.lastToken = clock
      request.inputTokens = n_prompt
      request.outputTokens = n_gen
      return request
    }
  }

  private func summary(_ count: Int) -> RunSummary {
    var summary = RunSummary(completed: count, errors: 0, durationSeconds: (avg_ns ?? 0) * Double(count) / 1e9)
    if (n_gen ?? 0) > 0 { summary.outputTokensPerSecond = avg_ts } else { summary.inputTokensPerSecond = avg_ts }
    if (n_gen ?? 0) > 0, (n_prompt ?? 0) == 0, let avg_ts, avg_ts > 0 {
      summary.timePerOutputToken = Distribution(count: count)
      summary.timePerOutputToken.mean = 1 / avg_ts
    }
    return summary
  }

}

extension Run {
  /// Threads of the server, as the plan launched it or as they were told; nil where that is not known.
  fileprivate var threads: Int? {
    if let plan, let chosen = plan.chosen, plan.options.indices.contains(chosen),
      let threads = plan.options[chosen].launch?.threads
    {
      return threads
    }
    return settings["threads"].flatMap { Int($0) }
  }
}
