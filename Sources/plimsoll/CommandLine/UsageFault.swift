import ArgumentParser
import Units
import Workflows

/// What was wrong with a command line, in Plimsoll's words: what an option takes, the name that was meant, the help of the
/// very command.
struct UsageFault {
  /// What the parser says of it.
  let message: String
  let words: CommandWords
  /// The help that the parser names.
  let help: String?
  /// The names of all the command's options.
  let options: () -> [String]

  var reason: Reason {
    if let name = words.unknownSubcommand, message.lowercased().contains("unexpected argument") {
      return CommandWords.unknown(name.word, in: name.configuration, after: name.path).reason
    }
    if let found = message.firstMatch(of: /^Unknown option '([^']*)'/) { return unknownOption(String(found.1)) }
    if let found = message.firstMatch(of: /(?s)^The value '(.*)' is invalid for '(--[a-z0-9-]+)?([^']*)'(.*)$/),
      let option = found.2
    {
      return badValue(String(found.1), of: String(option), placeholder: String(found.3), String(found.4))
    }
    if let found = message.firstMatch(of: /^Missing expected argument '<([^>]*)>/) {
      let example = words.example.map { "such as \($0)" }
      return Reason(
        .wrongUsage, "the \(found.1.replacing("-", with: " ")) is missing",
        remedy: [example, "\(remedy) says more"].compactMap { $0 }.joined(separator: "; "))
    }
    return Reason(.wrongUsage, message, remedy: remedy)
  }

  /// Does work whose refusals the parser is to take for its own, as where it validates options.
  static func asParserError<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch let failure as Failure where failure.outcome == .usage {
      throw ValidationError([failure.reason.message, failure.reason.remedy].compactMap { $0 }.joined(separator: "; "))
    }
  }

  private var remedy: String {
    guard let help, help != "plimsoll --help" else { return words.help }
    return help.replacing(" bench server ", with: " bench ")
  }

  private func unknownOption(_ name: String) -> Reason {
    let near = nearestNames(to: name, in: options(), count: 1).first
    return Reason(
      .wrongUsage, "there is no option \(printable(name))",
      remedy: near.map { "did you mean \($0)? \(remedy) lists them all" } ?? "\(remedy) lists them all")
  }

  /// - Parameters:
  ///   - placeholder: ` <tokens>`, as the help has it.
  ///   - rest: what the parser adds: the values that there are, or why this one was refused.
  private func badValue(_ value: String, of option: String, placeholder: String, _ rest: String) -> Reason {
    // Few values stand in quotes, many each on a line of its own.
    let listed = rest.contains("Please provide") ? rest.matches(of: /'([^']*)'|\n +- (\S+)/) : []
    let values = listed.compactMap { ($0.1 ?? $0.2).map(String.init) }
    guard values.isEmpty else {
      let near = nearestNames(to: value, in: values, count: 1).first
      return Reason(
        .wrongUsage, "\(option) takes \(Self.choice(values)), not \"\(printable(value))\"",
        remedy: near.map { "did you mean \(option) \($0)?" } ?? remedy)
    }
    let form = words.types[option] ?? Self.form(of: placeholder)
    guard let form else {
      return Reason(.wrongUsage, "\(option) cannot be \"\(printable(value))\"\(rest)", remedy: remedy)
    }
    return Reason(.wrongUsage, "\(option) takes \(form), not \"\(printable(value))\"", remedy: remedy)
  }

  private static func choice(_ values: [String]) -> String {
    values.count < 2 ? values.joined() : "\(values.dropLast().joined(separator: ", ")) or \(values[values.count - 1])"
  }

  /// How a value is written, by its placeholder alone, where the option has another name than its property.
  private static func form(of placeholder: String) -> String? {
    switch placeholder.filter({ $0.isLetter }) {
    case "n": Int.form
    case "tokens": TokenCount.form
    case "time": LatencyTarget.form
    case "share": Share.form
    default: nil
    }
  }
}
