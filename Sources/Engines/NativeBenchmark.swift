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

  public init(
    test: String, promptTokens: Int, generatedTokens: Int, depth: Int = 0, tokensPerSecond: Double,
    deviation: Double? = nil, samples: [Double] = [], build: String? = nil
  ) {
    self.test = test
    self.promptTokens = promptTokens
    self.generatedTokens = generatedTokens
    self.depth = depth
    self.tokensPerSecond = tokensPerSecond
    self.deviation = deviation
    self.samples = samples
    self.build = build
  }
}

/// The benchmark program that an engine brings: how it is called, and how its output is read.
public protocol NativeProgram: Sendable {
  /// The program as it is looked for.
  var name: String { get }
  /// Runs it through `run`, which returns the program's output and then its errors, and reads what it measured.
  func results(
    of model: String, settings: NativeBenchmark.Settings, run: ([String]) async throws -> CommandResult
  ) async throws -> [NativeResult]
}

/// An engine's own benchmark, which runs the model in its process without a server.
public struct NativeBenchmark: Sendable {
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
    /// Somebody else may change what would run.
    case unsafe(String, String)
    case failed(String, exitCode: Int, cause: String)
    case unreadable(String)

    public var description: String {
      switch self {
      case .missing(let program): "\(program) is not installed"
      case .unsafe(let program, let doubt): "\(program) is not started: \(printable(doubt))"
      case .failed(let program, let code, let cause): "\(program) ended with \(code): \(cause)"
      case .unreadable(let program): "the output of \(program) could not be read"
      }
    }

    public var reason: Reason {
      switch self {
      case .missing(let program):
        Reason(.noNativeBenchmark, description, remedy: "name it: --native-program /path/to/\(program)")
      case .unsafe: Reason(.unsafeProgram, description, remedy: "keep engines where only you and root may write")
      case .failed: Reason(.nativeBenchmarkFailed, description)
      case .unreadable: Reason(.nativeOutputUnreadable, description)
      }
    }

    public var outcome: FailureOutcome { .engineFailed }
  }

  private let program: any NativeProgram
  private let path: String
  private let runner: any CommandRunner

  /// - Parameter path: nil looks for the program by its name.
  public init(_ program: any NativeProgram, path: String? = nil, runner: any CommandRunner = SystemCommandRunner()) {
    self.program = program
    self.path = path ?? program.name
    self.runner = runner
  }

  /// Runs it on a model and returns what it measured, test by test.
  public func run(model: String, settings: Settings) async throws -> [NativeResult] {
    try await program.results(of: model, settings: settings) { try await output($0) }
  }

  private func output(_ arguments: [String]) async throws -> CommandResult {
    if path.hasPrefix("/"), let doubt = PathTrust.doubt(about: path) { throw Failure.unsafe(path, doubt) }
    guard let result = await runner.run(path, arguments, timeout: .seconds(3600)) else {
      throw Failure.missing(path)
    }
    guard result.exitCode == 0 else {
      let lines = result.errorOutput.split(separator: "\n")
      throw Failure.failed(path, exitCode: result.exitCode, cause: lines.last.map { String($0) } ?? "no message")
    }
    return result
  }
}
