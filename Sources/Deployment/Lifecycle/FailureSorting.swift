import Engines
import Platform
import Units

/// Sorts a server's end into a stable reason, with the engine's own words.
struct FailureSorting: Sendable {
  let engine: any Engine

  /// Makes the reason for a server that ended.
  ///
  /// - Parameters:
  ///   - log: the end of what it wrote.
  ///   - exitCode: 128 plus the signal where one ended it; nil where it is not known.
  func reason(log: String, exitCode: Int?) -> Reason {
    let lines = log.split(whereSeparator: \.isNewline).map { Self.cleaned($0) }
      .filter { !$0.isEmpty && !isChatter($0) }
    let lowered = lines.map { $0.lowercased() }
    for pattern in engine.operation.failures {
      let words = pattern.words.map { $0.lowercased() }
      if let index = lowered.lastIndex(where: { line in words.allSatisfy { line.contains($0) } }) {
        return Reason(pattern.code, "\(engine.kind.rawValue) failed: \(lines[index])", remedy: pattern.remedy)
      }
    }
    // The last error that is one: what comes after it is the end of the other processes.
    let telling = lines.last { $0.contains("Error: ") && !$0.contains("Engine core initialization failed") }
    return Self.byExit(exitCode, engine: engine.kind.rawValue, lastWords: telling ?? lines.last)
  }

  /// Makes the reason for the end of a deployment's server.
  ///
  /// Of one that had answered, the log tells why only where it says so in its last lines: the last of them alone is
  /// whatever it did for its last request.
  ///
  /// - Parameter exitCode: nil where this process is not its parent: the kernel's counter then tells as far as it can.
  func reason(of deployment: Deployment, exitCode: Int?) -> Reason {
    let isShort = deployment.suspectedExit != nil
    guard deployment.readySeconds != nil else {
      let found = reason(log: tail(of: deployment.log), exitCode: exitCode ?? deployment.suspectedExit)
      // Where the kernel counts what it kills and counted none, somebody else did.
      guard exitCode == 137, found.message.contains("want of memory"), deployment.memoryKills != nil, !isShort else {
        return found
      }
      return Reason(
        .engineEnded, "\(engine.kind.rawValue) was killed (signal 9) while it loaded, and not for want of memory",
        remedy: "start it again, and find out what kills processes here, such as a time limit")
    }
    let last = tail(of: deployment.log, bytes: 16384).split(whereSeparator: \.isNewline).suffix(30)
    let told = reason(log: last.joined(separator: "\n"), exitCode: nil)
    if told.code == .outOfMemoryAtLoad { return Reason(.outOfMemory, told.message, remedy: told.remedy) }
    if told.code != .engineCrashed { return told }
    return Self.byExit(whileServing: exitCode, isShort: isShort, engine: engine.kind.rawValue, name: deployment.name)
  }

  private static func byExit(whileServing code: Int?, isShort: Bool, engine: String, name: String) -> Reason {
    let again = "plimsoll restart \(name), or deploy it with --restart on-failure"
    return switch code {
    case nil where isShort, 137 where isShort:
      Reason(
        .outOfMemory, "\(engine) ended while it served, and the kernel killed for want of memory since its start",
        remedy: "plan with a smaller model, context or number of slots; dmesg shows the kernel's reason")
    case nil:
      Reason(.engineEnded, "\(engine) stopped unexpectedly, with no error in its log and no exit code", remedy: again)
    case .some(let code) where code > 128:
      Reason(.engineEnded, "\(engine) was ended by signal \(code - 128) while it served", remedy: again)
    case .some(let code):
      Reason(.engineEnded, "\(engine) ended with exit code \(code) while it served", remedy: again)
    }
  }

  /// True for a line that the engine itself marks as no failure; its level stands near the beginning.
  private func isChatter(_ line: String) -> Bool {
    let beginning = " " + line.prefix(60)
    return engine.operation.chatter.contains { beginning.contains($0) }
  }

  private static let crashRemedy =
    "read the end of its log; if it happens again, take another build of the engine: plimsoll engines"

  private static func byExit(_ code: Int?, engine: String, lastWords: String?) -> Reason {
    let words = lastWords.map { ": \($0)" } ?? " without a word"
    return switch code {
    case 137:
      Reason(
        .outOfMemoryAtLoad, "\(engine) was killed, most likely by the kernel for want of memory\(words)",
        remedy: "plan with a smaller model, context or number of slots; dmesg shows the kernel's reason")
    case 132:
      Reason(
        .missingInstruction, "\(engine) used an instruction that this processor lacks\(words)",
        remedy: "this build was made for another processor: plimsoll engines install \(engine)")
    case 126, 127:
      Reason(.engineNotFound, "\(engine) could not be started\(words)", remedy: "plimsoll engines")
    case .some(let code) where code > 128:
      Reason(.engineCrashed, "\(engine) was ended by signal \(code - 128)\(words)", remedy: crashRemedy)
    case .some(let code):
      Reason(.engineCrashed, "\(engine) ended with exit code \(code)\(words)", remedy: crashRemedy)
    case nil: Reason(.engineCrashed, "\(engine) is no longer running\(words)", remedy: crashRemedy)
    }
  }

  /// Takes the time stamp and the level off a line of llama.cpp, and control characters off any.
  static func cleaned(_ line: some StringProtocol) -> String {
    var text = String(
      String.UnicodeScalarView(line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    let fields = text.split(separator: " ", maxSplits: 2)
    if fields.count == 3, fields[0].allSatisfy({ $0.isNumber || $0 == "." }), fields[1].count == 1 {
      text = String(fields[2])
    }
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text.prefix(300))
  }
}

/// Returns the last bytes of a file as text, from the beginning of a line.
func tail(of path: String, bytes: Int = 65536) -> String {
  guard let size = fileSize(path), size > 0, let content = readRange(path, from: max(0, size - bytes), count: bytes)
  else { return "" }
  let text = String(decoding: content, as: UTF8.self)
  guard size > bytes, let newline = text.firstIndex(where: \.isNewline) else { return text }
  return String(text[newline...].dropFirst())
}
