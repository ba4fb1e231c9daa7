import Subprocess
import SystemPackage

/// What a finished command left behind.
public struct CommandResult: Hashable, Sendable {
  /// The exit code; 128 plus the signal's number where a signal ended it.
  public var exitCode: Int
  public var output: String
  public var errorOutput: String

  /// What a program leaves that was ended by force.
  static let killed = 128 + 9

  public init(exitCode: Int, output: String, errorOutput: String = "") {
    self.exitCode = exitCode
    self.output = output
    self.errorOutput = errorOutput
  }
}

/// Runs short programs; tests hand in recorded answers instead.
public protocol CommandRunner: Sendable {
  /// Runs a program found on PATH (or by its path) to its end, with output limited to 16 MiB.
  ///
  /// Returns nil where the program is not there or does not end within the time allowed. Its input is empty.
  func run(_ program: String, _ arguments: [String], timeout: Duration) async -> CommandResult?

  /// Returns a runner whose programs have these variables too.
  func with(_ environment: [String: String]) -> any CommandRunner
}

extension CommandRunner {
  public func with(_ environment: [String: String]) -> any CommandRunner { self }

  public func run(_ program: String, _ arguments: [String] = []) async -> CommandResult? {
    await run(program, arguments, timeout: .seconds(10))
  }
}

/// Runs the machine's own programs, in the C locale.
public struct SystemCommandRunner: CommandRunner {
  private var environment: [String: String] = [:]

  public init() {}

  public func with(_ environment: [String: String]) -> any CommandRunner {
    var copy = self
    copy.environment.merge(environment) { _, new in new }
    return copy
  }

  public func run(_ program: String, _ arguments: [String], timeout: Duration) async -> CommandResult? {
    let (start, started) = AsyncStream.makeStream(of: Never.self)
    return await withTaskGroup(of: CommandResult?.self) { group in
      group.addTask { await execute(program, arguments) { started.finish() } }
      group.addTask {
        for await _ in start {}
        try? await Task.sleep(for: timeout)
        return nil
      }
      // Time up ends what still runs and nothing else: a program that ended in time is judged by its end, however late
      // a busy machine lets this task look.
      if let result = await group.next() ?? nil {
        group.cancelAll()
        return result
      }
      group.cancelAll()
      guard let late = await group.next() ?? nil, late.exitCode != CommandResult.killed else { return nil }
      return late
    }
  }

  private func execute(
    _ program: String, _ arguments: [String], started: @Sendable () -> Void
  ) async -> CommandResult? {
    let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
    let limit = 16 << 20
    var variables: [Environment.Key: String?] = ["LC_ALL": "C"]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    guard
      let done = try? await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: .inherit.updating(variables), input: .none,
        output: .bytes(limit: limit), error: .bytes(limit: limit), body: { _ in started() })
    else { return nil }
    let code: Int
    switch done.terminationStatus {
    case .exited(let status): code = Int(status)
    case .signaled(let signal): code = 128 + Int(signal)
    }
    return CommandResult(
      exitCode: code, output: String(decoding: done.standardOutput, as: UTF8.self),
      errorOutput: String(decoding: done.standardError, as: UTF8.self))
  }
}

/// Answers from a table, for tests; a command that is not in it counts as not installed.
public struct RecordedCommands: CommandRunner {
  private let answers: [String: CommandResult]

  /// Creates a runner from whole command lines, words joined by one space.
  public init(_ answers: [String: CommandResult]) {
    self.answers = answers
  }

  public func run(_ program: String, _ arguments: [String], timeout: Duration) async -> CommandResult? {
    answers[([program] + arguments).joined(separator: " ")]
  }
}
