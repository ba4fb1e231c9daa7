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
    var command: any ParsableCommand.Type = Plimsoll.self
    var path = ["plimsoll"]
    for word in words {
      let configuration = command.configuration
      // A command that means one of its own where none is named has arguments of that one.
      guard !word.hasPrefix("-"), !configuration.subcommands.isEmpty, configuration.defaultSubcommand == nil,
        word != "help"
      else { return }
      guard let next = configuration.subcommands.first(where: { $0._commandName == word }) else {
        throw Self.unknown(word, in: configuration, after: path)
      }
      command = next
      path.append(word)
    }
  }

  private static func unknown(_ word: String, in configuration: CommandConfiguration, after path: [String]) -> Failure {
    let names = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    let before = path.joined(separator: " ")
    let likely = nearestNames(to: word, in: names).map { "\(before) \($0)" }
    return Failure(
      .usage, .unknownCommand, "there is no command \(before) \(printable(word))",
      remedy: likely.isEmpty ? "\(before) --help lists the commands" : likely.joined(separator: ", or "))
  }
}
