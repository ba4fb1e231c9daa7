import Platform

/// llama.cpp's `llama-bench`.
struct LlamaBench: NativeProgram {
  let name = "llama-bench"

  func results(
    of model: String, settings: NativeBenchmark.Settings, run: ([String]) async throws -> CommandResult
  ) async throws -> [NativeResult] {
    try Self.results(in: try await run(Self.arguments(model, settings)).output)
  }

  static func arguments(_ model: String, _ settings: NativeBenchmark.Settings) -> [String] {
    func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
    var arguments = ["-m", model, "-o", "json", "-r", "\(settings.repetitions)"]
    arguments += ["-p", list(settings.prompts), "-n", list(settings.answers)]
    if settings.depths != [0] { arguments += ["-d", list(settings.depths)] }
    if let threads = settings.threads { arguments += ["-t", "\(threads)"] }
    return arguments
  }

  private struct Row: Decodable {
    var n_prompt: Int
    var n_gen: Int
    var n_depth: Int?
    var avg_ts: Double
    var stddev_ts: Double?
    var samples_ns: [Double]?
    var build_commit: String?
    var build_number: Int?
  }

  /// Reads llama-bench's JSON.
  static func results(in text: String) throws -> [NativeResult] {
    guard let start = text.firstIndex(of: "["), let end = text.lastIndex(of: "]"), start < end,
      let rows = try? JSONDecoder().decode([Row].self, from: Data(text[start...end].utf8))
    else { throw NativeBenchmark.Failure.unreadable("llama-bench") }
    return rows.map { row in
      let depth = row.n_depth ?? 0
      let test =
        (row.n_gen == 0
          ? "pp\(row.n_prompt)" : row.n_prompt == 0 ? "tg\(row.n_gen)" : "pp\(row.n_prompt)+tg\(row.n_gen)")
      return NativeResult(
        test: test + (depth > 0 ? " @ d\(depth)" : ""), promptTokens: row.n_prompt, generatedTokens: row.n_gen,
        depth: depth, tokensPerSecond: row.avg_ts, deviation: row.stddev_ts,
        samples: (row.samples_ns ?? []).map { $0 / 1e9 },
        build: row.build_number.map { "b\($0) (\(row.build_commit ?? "?"))" })
    }
  }
}
