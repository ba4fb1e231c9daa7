public import Platform
public import Units

/// One figure of an engine's own offline benchmark.
public struct NativeResult: Hashable, Sendable, Codable {
  /// As llama-bench writes it: `pp512`, `tg128`, `tg128 @ d4096`.
  public var test: String
  public var promptTokens: Int
  public var generatedTokens: Int
  /// Tokens already in the context.
  public var depth: Int
  public var tokensPerSecond: Double
  public var deviation: Double?
  /// Seconds of each repetition.
  public var samples: [Double]
  public var build: String?

  /// The result as a stage, so that it goes into the same records as a served one.
  public var stage: StageResult {
    var summary = RunSummary(completed: samples.count, errors: 0, durationSeconds: samples.reduce(0, +))
    if generatedTokens > 0 {
      summary.outputTokensPerSecond = tokensPerSecond
      summary.timePerOutputToken = Distribution(samples: samples.map { $0 / Double(generatedTokens) })
    } else {
      summary.inputTokensPerSecond = tokensPerSecond
      summary.timeToFirstToken = Distribution(samples: samples)
    }
    return StageResult(name: "in process: \(test)", concurrency: 1, requestsPerSecond: nil, summary: summary)
  }
}

/// An engine's own benchmark, which runs the model in its process without a server.
public struct NativeBenchmark: Sendable {
  public enum Program: String, Hashable, Sendable, Codable, CaseIterable {
    case llamaBench = "llama-bench"
    case vllm
    case mlx = "mlx_lm"
  }

  /// What is run: lengths of prompts and answers, depths, repetitions.
  public struct Settings: Hashable, Sendable, Codable {
    public var prompts: [Int] = [512]
    public var answers: [Int] = [128]
    public var depths: [Int] = [0]
    public var repetitions = 5
    public var threads: Int?

    public init() {}
  }

  /// Why an engine's own benchmark gave nothing.
  public enum Failure: ExplainedError, Hashable, CustomStringConvertible {
    case missing(String)
    case failed(String, exitCode: Int, cause: String)
    case unreadable(String)

    public var description: String {
      switch self {
      case .missing(let program): "\(program) is not installed"
      case .failed(let program, let code, let cause): "\(program) ended with \(code): \(cause)"
      case .unreadable(let program): "the output of \(program) could not be read"
      }
    }

    public var reason: Reason {
      switch self {
      case .missing(let program):
        Reason(.noNativeBenchmark, description, remedy: "name it: --native-program /path/to/\(program)")
      case .failed: Reason(.nativeBenchmarkFailed, description)
      case .unreadable: Reason(.nativeOutputUnreadable, description)
      }
    }

    public var outcome: FailureOutcome { .engineFailed }
  }

  private let program: Program
  private let path: String
  private let runner: any CommandRunner

  public init(_ program: Program, path: String? = nil, runner: any CommandRunner = SystemCommandRunner()) {
    self.program = program
    self.path = path ?? (program == .mlx ? "mlx_lm.benchmark" : program.rawValue)
    self.runner = runner
  }

  /// Runs it on a model and returns what it measured, test by test.
  public func run(model: String, settings: Settings) async throws -> [NativeResult] {
    switch program {
    case .llamaBench: try Self.llamaBench(await output(Self.llamaBenchArguments(model, settings)), path)
    case .vllm: try await vllm(model, settings)
    case .mlx: try await mlx(model, settings)
    }
  }

  private func output(_ arguments: [String]) async throws -> String {
    guard let result = await runner.run(path, arguments, timeout: .seconds(3600)) else {
      throw Failure.missing(path)
    }
    guard result.exitCode == 0 else {
      let lines = result.errorOutput.split(separator: "\n")
      throw Failure.failed(path, exitCode: result.exitCode, cause: lines.last.map { String($0) } ?? "no message")
    }
    return result.output + "\n" + (program == .mlx ? result.errorOutput : "")
  }

  static func llamaBenchArguments(_ model: String, _ settings: Settings) -> [String] {
    func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
    var arguments = ["-m", model, "-o", "json", "-r", "\(settings.repetitions)"]
    arguments += ["-p", list(settings.prompts), "-n", list(settings.answers)]
    if settings.depths != [0] { arguments += ["-d", list(settings.depths)] }
    if let threads = settings.threads { arguments += ["-t", "\(threads)"] }
    return arguments
  }

  private struct LlamaBenchRow: Decodable {
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
  static func llamaBench(_ text: String, _ program: String) throws -> [NativeResult] {
    guard let start = text.firstIndex(of: "["), let end = text.lastIndex(of: "]"), start < end,
      let rows = try? JSONDecoder().decode([LlamaBenchRow].self, from: Data(text[start...end].utf8))
    else { throw Failure.unreadable(program) }
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

  private struct VLLMLatency: Decodable {
    var avg_latency: Double
    var latencies: [Double]
  }

  /// vLLM's `bench latency`: a batch of one, prompt and answer together.
  private func vllm(_ model: String, _ settings: Settings) async throws -> [NativeResult] {
    var results: [NativeResult] = []
    for prompt in settings.prompts {
      for answer in settings.answers {
        let file = "/tmp/plimsoll-vllm-\(MonotonicClock().now()).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        _ = try await output([
          "bench", "latency", "--model", model, "--batch-size", "1", "--input-len", "\(prompt)", "--output-len",
          "\(answer)", "--num-iters", "\(settings.repetitions)", "--num-iters-warmup", "1", "--output-json", file,
        ])
        guard let bytes = DiskTree().read(file, limit: 1 << 24),
          let found = try? JSONDecoder().decode(VLLMLatency.self, from: Data(bytes)), found.avg_latency > 0
        else { throw Failure.unreadable(path) }
        results.append(
          NativeResult(
            test: "pp\(prompt)+tg\(answer)", promptTokens: prompt, generatedTokens: answer, depth: 0,
            tokensPerSecond: Double(answer) / found.avg_latency, deviation: nil, samples: found.latencies, build: nil))
      }
    }
    return results
  }

  /// MLX's `benchmark`: lines such as `Averages: prompt_tps=812.3, generation_tps=95.1, peak_memory=1.2`.
  private func mlx(_ model: String, _ settings: Settings) async throws -> [NativeResult] {
    var results: [NativeResult] = []
    for prompt in settings.prompts {
      for answer in settings.answers {
        let text = try await output([
          "--model", model, "-p", "\(prompt)", "-g", "\(answer)", "-n", "\(settings.repetitions)",
        ])
        results += try Self.mlx(text, prompt: prompt, answer: answer, program: path)
      }
    }
    return results
  }

  static func mlx(_ text: String, prompt: Int, answer: Int, program: String) throws -> [NativeResult] {
    let line = text.split(separator: "\n").last { $0.contains("Averages:") } ?? ""
    func value(_ name: String) -> Double? {
      line.firstRange(of: name + "=").flatMap { Double(line[$0.upperBound...].prefix { $0.isNumber || $0 == "." }) }
    }
    guard let reading = value("prompt_tps"), let writing = value("generation_tps"), reading > 0, writing > 0 else {
      throw Failure.unreadable(program)
    }
    return [
      NativeResult(
        test: "pp\(prompt)", promptTokens: prompt, generatedTokens: 0, depth: 0, tokensPerSecond: reading,
        deviation: nil, samples: [Double(prompt) / reading], build: nil),
      NativeResult(
        test: "tg\(answer)", promptTokens: 0, generatedTokens: answer, depth: 0, tokensPerSecond: writing,
        deviation: nil, samples: [Double(answer) / writing], build: nil),
    ]
  }
}
