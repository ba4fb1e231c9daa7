import ArgumentParser
import Dispatch
import Foundation
import Platform
import Synchronization
import Units

/// Parses the command line, runs the command so that signals can end it in order, and turns errors into exit codes.
enum CommandLineProgram {
  static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
    signal(SIGPIPE, SIG_IGN)
    do {
      let command = try Plimsoll.parseAsRoot(arguments)
      let task = Task { try await Self.execute(command) }
      let watcher = InterruptWatcher { task.cancel() }
      defer { watcher.stop() }
      try await task.value
      Foundation.exit(0)
    } catch {
      Foundation.exit(report(error, asJSON: arguments.contains("--json")))
    }
  }

  private static func execute(_ command: any ParsableCommand) async throws {
    var command = command
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }

  /// Prints an error where a person or a program looks for it, and returns the exit code.
  static func report(_ error: any Error, asJSON: Bool) -> Int32 {
    if let explained = error as? any ExplainedError {
      print(explained.reason, outcome: explained.outcome, asJSON: asJSON)
      return explained.outcome.rawValue
    }
    if error is CancellationError {
      print(Reason("interrupted", "interrupted"), outcome: .interrupted, asJSON: asJSON)
      return FailureOutcome.interrupted.rawValue
    }
    let code = Plimsoll.exitCode(for: error)
    let message = Plimsoll.fullMessage(for: error)
    if code == .success {
      Terminal.result(message)
      return 0
    }
    if code == .validationFailure {
      if asJSON {
        print(Reason("wrong-usage", Plimsoll.message(for: error)), outcome: .usage, asJSON: true)
      } else {
        Terminal.note(message)
      }
      return FailureOutcome.usage.rawValue
    }
    if let exit = error as? ExitCode { return exit.rawValue }
    print(Reason("failed", "\(error)"), outcome: .failed, asJSON: asJSON)
    return FailureOutcome.failed.rawValue
  }

  private static func print(_ reason: Reason, outcome: FailureOutcome, asJSON: Bool) {
    if asJSON {
      let document = ErrorDocument(
        code: reason.code, message: reason.message, remedy: reason.remedy, exitCode: outcome.rawValue)
      Terminal.note(JSONOutput.line(document))
      return
    }
    // Text from a file or a server may hold anything: what goes to the terminal is one line without control characters.
    Terminal.note("plimsoll: \(printable(reason.message)) [\(reason.code)]")
    if let remedy = reason.remedy { Terminal.note("  \(printable(remedy))") }
  }
}

/// An error as `--json` prints it, on one line of standard error.
private struct ErrorDocument: Encodable {
  var schema = "plimsoll.error/1"
  var code: ReasonCode
  var message: String
  var remedy: String?
  var exitCode: Int32
}

/// Returns the text with control characters made visible, so that it cannot steer a terminal.
func printable(_ text: String) -> String {
  text.unicodeScalars.map { scalar in
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : String(scalar)
  }.joined()
}

/// Calls back at each SIGINT, SIGTERM or SIGHUP; the third ends the program at once.
private final class InterruptWatcher {
  private let sources: [any DispatchSourceSignal]

  init(_ onInterrupt: @escaping @Sendable () -> Void) {
    let count = SignalCount()
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if count.increment() > 2 { Foundation._exit(130) }
        onInterrupt()
      }
      source.activate()
      return source
    }
  }

  func stop() {
    for source in sources { source.cancel() }
  }
}

/// How often a signal came.
private final class SignalCount: Sendable {
  private let count = Mutex(0)

  func increment() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}
