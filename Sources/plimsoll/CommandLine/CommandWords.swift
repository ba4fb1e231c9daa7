import ArgumentParser
import Units
import Workflows

/// The words of a command line before they are parsed.
struct CommandWords {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// The words as the parser takes them.
  ///
  /// `--help-all` is the parser's `--help-hidden`: every option, the rare ones too.
  ///
  /// - Throws: `Failure` for a command that there is not, with the nearest ones.
  func known() throws -> [String] {
    try check()
    let end = words.firstIndex(of: "--") ?? words.endIndex
    return words[..<end].map { $0 == "--help-all" ? "--help-hidden" : $0 } + words[end...]
  }

  private func check() throws {
    let (command, path, rest) = resolved
    let configuration = command.configuration
    // A command that means one of its own where none is named has arguments of that one.
    guard let word = rest.first, !word.hasPrefix("-"), word != "help", !configuration.subcommands.isEmpty,
      configuration.defaultSubcommand == nil
    else { return }
    throw Self.unknown(word, in: configuration, after: path)
  }

  /// The command that the words name, its own words, and what stands behind them.
  private var resolved: (command: any ParsableCommand.Type, path: [String], rest: ArraySlice<String>) {
    var command: any ParsableCommand.Type = Plimsoll.self
    var path = ["plimsoll"]
    for (index, word) in words.enumerated() {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else {
        return (command, path, words[index...])
      }
      command = next
      path.append(word)
    }
    return (command, path, [])
  }

  /// The help of the command that the words name: `plimsoll plan --help`.
  var help: String { (resolved.path + ["--help"]).joined(separator: " ") }

  /// The first example of that help.
  var example: String? {
    let lines = resolved.command.configuration.discussion.split(separator: "\n").map { $0.drop { $0 == " " } }
    return lines.first { $0.hasPrefix("plimsoll ") }.map(String.init)
  }

  /// The same words asking for that help, with the options that it usually leaves out.
  var wholeHelp: [String] { resolved.path.dropFirst() + ["--help-hidden"] }

  /// The types of the options of the command that the words name.
  var types: OptionTypes {
    let command = resolved.command
    return OptionTypes(of: command.configuration.defaultSubcommand ?? command)
  }

  /// The word where a command's own command was to stand and none of that name is, though another one is meant where none is
  /// named.
  var unknownSubcommand: (word: String, configuration: CommandConfiguration, path: [String])? {
    let (command, path, rest) = resolved
    guard let usual = command.configuration.defaultSubcommand, let word = rest.first, !word.hasPrefix("-"),
      !OptionTypes.requiresArgument(usual)
    else { return nil }
    return (word, command.configuration, path)
  }

  static func unknown(_ word: String, in configuration: CommandConfiguration, after path: [String]) -> Failure {
    let names = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    let before = path.joined(separator: " ")
    let likely = nearestNames(to: word, in: names).map { "\(before) \($0)" }
    return Failure(
      .usage, .unknownCommand, "there is no command \(before) \(printable(word))",
      remedy: likely.isEmpty ? "\(before) --help lists the commands" : likely.joined(separator: ", or "))
  }
}
