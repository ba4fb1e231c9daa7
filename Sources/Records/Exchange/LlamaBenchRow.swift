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
      ("avg_ns", Self.whole(avg_ns)), ("stddev_ns", Self.whole(stddev_ns)),
    ]
    let rates = [("avg_ts", avg_ts), ("stddev_ts", stddev_ts)]
    let cells =
      texts.map { ($0.0, Self.quoted($0.1)) } + counts.map { ($0.0, $0.1.map { "\($0)" } ?? "NULL") }
      + rates.map { ($0.0, $0.1.map { "\($0)" } ?? "NULL") }
    let names = cells.map(\.0).joined(separator: ", ")
    return "INSERT INTO llama_bench (\(names)) VALUES (\(cells.map(\.1).joined(separator: ", ")));\n"
  }

  /// Nanoseconds as a whole number; nil where they are none, as those of a file may be.
  private static func whole(_ value: Double?) -> Int? {
    value.flatMap { $0.isFinite && $0.magnitude < 9e18 ? Int($0) : nil }
  }

  private static func quoted(_ text: String?) -> String {
    guard let text else { return "NULL" }
    let safe = text.filter { $0 != "\0" }.split(separator: "'", omittingEmptySubsequences: false)
    return "'\(safe.joined(separator: "''"))'"
  }
}

extension LlamaBenchRow {
  /// Tests that are kept with a run as llama-bench had them.
  private static let mostKept = 1000

  /// `b6910 a1b2c3d`; nil where the row tells neither number nor commit.
  private var build: String? {
    let parts = [build_number.map { "b\($0)" }, build_commit].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// The row as the result of an engine's own benchmark.
  private var result: NativeResult {
    NativeResult(
      test: name, promptTokens: n_prompt ?? 0, generatedTokens: n_gen ?? 0, depth: n_depth ?? 0,
      tokensPerSecond: avg_ts ?? 0, deviation: stddev_ts.flatMap { 0...1e12 ~= $0 ? $0 : nil },
      samples: (samples_ns ?? []).filter { $0 > 0 }.map { Double($0) / 1e9 }, build: build)
  }

  /// Makes a run of llama-bench's tests, each a stage with its repetitions as requests.
  static func archive(_ rows: [LlamaBenchRow], id: String, startedAt: Double) -> RunArchive {
    let first = rows.first
    var run = Run(id: id, startedAt: startedAt, target: first?.model_filename ?? "llama-bench")
    run.status = .complete
    run.engine = "llama.cpp"
    run.engineBuild = first?.build
    run.settings = ["imported from": "llama-bench"]
    run.settings["model"] = first?.model_type
    run.settings["processor"] = first?.cpu_info
    run.settings["accelerator"] = first?.gpu_info
    run.settings["threads"] = first?.n_threads.map { "\($0)" }
    run.startedAt = rows.compactMap { FileDate.seconds($0.test_time) }.min() ?? startedAt
    run.modelAsked = first?.model_filename
    // What an export in this form, and a report beside served runs, need of it.
    if rows.count <= mostKept { run.settings["native"] = try? StoredJSON.text(rows.map(\.result)) }
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
