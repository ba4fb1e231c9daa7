import ArgumentParser
import Deployment
import Dispatch
import Foundation
import Platform
import Reporting
import Synchronization
import Units
import Workflows

/// Parses the command line, runs the command so that signals can end it in order, and turns errors into exit codes.
enum CommandLineProgram {
  static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
    signal(SIGPIPE, SIG_IGN)
    readNamesAsUTF8()
    let terminal = Terminal(environment: ProcessInfo.processInfo.environment)
    let code = await TextStyle.$isOn.withValue(terminal.hasColor) {
      await TextTable.$terminalWidth.withValue(terminal.resultWidth) { await exitCode(of: arguments) }
    }
    Foundation.exit(code)
  }

  private static func exitCode(of arguments: [String]) async -> Int32 {
    if RootHelp.isMeant(by: arguments) {
      Terminal.result(
        RootHelp.rendered(showsAll: arguments.contains { $0.hasSuffix("-all") || $0.hasSuffix("-hidden") }))
    } else if let code = await failure(of: arguments) {
      return code
    }
    guard let cause = Terminal.outputFailure else { return 0 }
    let reason = Reason(
      .outputNotWritten, "the output could not be written: \(cause)", remedy: "check the disk it goes to")
    return failed(reason, outcome: .failed, asJSON: arguments.contains("--json"), arguments: arguments)
  }

  /// Runs what the arguments say; returns the exit code of what failed, nil where nothing did.
  private static func failure(of arguments: [String]) async -> Int32? {
    do {
      try ShippedData.require()
      let command = try Plimsoll.parseAsRoot(try CommandWords(arguments).known())
      // Signals are watched before the command begins, so that none meets a command that has something to end.
      let watcher = InterruptWatcher()
      defer { watcher.stop() }
      let task = Task { try await Self.execute(command) }
      watcher.onInterrupt { task.cancel() }
      try await task.value
    } catch {
      let code = report(error, asJSON: arguments.contains("--json"), arguments: arguments)
      if code != 0 { return code }
    }
    return nil
  }

  private static func execute(_ command: any ParsableCommand) async throws {
    var command = command
    // What the user wrote there counts for every command, so that none passes over what it does not understand.
    _ = try EngineConfiguration(Workspace.ofCommand().folders)
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }

  /// Prints an error where a person or a program looks for it, and returns the exit code.
  static func report(_ error: any Error, asJSON: Bool, arguments: [String] = []) -> Int32 {
    if let explained = error as? any ExplainedError {
      return failed(explained.reason, outcome: explained.outcome, asJSON: asJSON, arguments: arguments)
    }
    if error is CancellationError {
      print(Reason(.interrupted, "interrupted"), outcome: .interrupted, asJSON: asJSON)
      return FailureOutcome.interrupted.rawValue
    }
    let code = Plimsoll.exitCode(for: error)
    let message = Plimsoll.fullMessage(for: error, columns: HelpText.unwrapped)
    if code == .success {
      let help = HelpText(message, whole: HelpText(message).isHelp ? wholeHelp(arguments) : nil)
      // A script for a shell is printed as it is.
      help.isHelp ? Terminal.result(help.rendered) : Terminal.document(message)
      return 0
    }
    if code == .validationFailure {
      let words = CommandWords(arguments)
      let fault = UsageFault(message: Plimsoll.message(for: error), words: words, help: HelpText.hint(in: message)) {
        HelpText(help(words.wholeHelp) ?? "").optionNames
      }
      return failed(fault.reason, outcome: .usage, asJSON: asJSON, arguments: arguments)
    }
    if let exit = error as? ExitCode { return exit.rawValue }
    return failed(Reason(.failed, "\(error)"), outcome: .failed, asJSON: asJSON, arguments: arguments)
  }

  /// Prints why a command failed, keeps it for a report, and returns the exit code.
  private static func failed(_ reason: Reason, outcome: FailureOutcome, asJSON: Bool, arguments: [String]) -> Int32 {
    var reason = reason
    if reason.remedy?.isEmpty ?? true {
      // Where nothing better is known, the command's help has the forms of its input.
      reason.remedy = [.usage, .refusedInput].contains(outcome) ? CommandWords(arguments).help : nil
    }
    if outcome != .interrupted { Workspace.ofCommand().keepFailure(reason, exitCode: outcome.rawValue, of: arguments) }
    print(reason, outcome: outcome, asJSON: asJSON)
    return outcome.rawValue
  }

  /// The help that the arguments ask for with every option; nil where they ask for that, or for no help.
  private static func wholeHelp(_ arguments: [String]) -> String? {
    let words = arguments.map { ["--help", "-h"].contains($0) ? "--help-hidden" : $0 }
    return words == arguments ? nil : help(words)
  }

  /// The help that words ask for; nil where they ask for none.
  private static func help(_ words: [String]) -> String? {
    do {
      // What is parsed is the parser's own command for help, which throws its text.
      var help = try Plimsoll.parseAsRoot(words)
      try help.run()
      return nil
    } catch { return Plimsoll.fullMessage(for: error, columns: HelpText.unwrapped) }
  }

  private static func print(_ reason: Reason, outcome: FailureOutcome, asJSON: Bool) {
    if asJSON {
      let document = ErrorDocument(
        code: reason.code, message: reason.message, remedy: reason.remedy, exitCode: outcome.rawValue)
      Terminal.note(JSONOutput.line(document))
      return
    }
    // Text from a file or a server may hold anything: what goes to the terminal is one line without control characters.
    let width = Terminal(environment: ProcessInfo.processInfo.environment).noteWidth
    let sentence = "plimsoll: \(printable(reason.message)) \(TextStyle.quiet("[\(reason.code)]"))"
    Terminal.note(Prose.wrapped(sentence, to: width, indent: 2))
    if let remedy = reason.remedy { Terminal.note(Prose.wrapped("  \(printable(remedy))", to: width, indent: 4)) }
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

/// Watches for SIGINT, SIGTERM and SIGHUP from its creation on; the third ends the program at once.
private final class InterruptWatcher {
  private let sources: [any DispatchSourceSignal]
  private let interrupts = Interrupts()

  /// Returns when the signals are really watched.
  init() {
    let registered = DispatchGroup()
    sources = [SIGINT, SIGTERM, SIGHUP].map { [interrupts] number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      registered.enter()
      source.setRegistrationHandler { registered.leave() }
      source.setEventHandler { interrupts.add() }
      source.activate()
      return source
    }
    registered.wait()
  }

  /// Calls `action` at each signal, and at once where one came before.
  func onInterrupt(_ action: @escaping @Sendable () -> Void) { interrupts.act(action) }

  func stop() {
    for source in sources { source.cancel() }
  }
}

/// The signals that came, and what to do at each.
private final class Interrupts: Sendable {
  private let state = Mutex((count: 0, action: (@Sendable () -> Void)?.none))

  func add() {
    if InterruptClaim.handle() { return }
    let (count, action) = state.withLock {
      $0.count += 1
      return $0
    }
    if count > 2 { Foundation._exit(130) }
    action?()
  }

  func act(_ action: @escaping @Sendable () -> Void) {
    let came = state.withLock {
      $0.action = action
      return $0.count > 0
    }
    if came { action() }
  }
}
