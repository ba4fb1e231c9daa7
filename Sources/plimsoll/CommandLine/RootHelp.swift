import ArgumentParser
import Platform
import Reporting

/// The help of the whole program on one screen: every command by its group.
struct RootHelp {
  /// Commands that share a line, with what they do together.
  private static let together: [(names: [String], words: String)] = [
    (["plan", "fit"], "Show each quantization on a machine; name the best one."),
    (["deploy", "chat"], "Start a model as a server, here or elsewhere; chat."),
    (["ps", "logs", "stop", "restart"], "List servers, read logs, stop or restart."),
    (["runs", "report"], "List, show and export measured runs; report on them."),
  ]

  private static let exitCodes = """
    Exit codes: 0 done; 1 failed; 2 wrong usage; 3 does not fit or no engine can; 4 input refused; 5 the engine failed; \
    6 a result is invalid or a threshold was missed; 130 interrupted.
    """

  /// True where the words ask for it: `--help`, `-h`, `help`, or the same with all.
  static func isMeant(by words: [String]) -> Bool {
    !words.isEmpty && words.allSatisfy { ["--help", "-h", "help", "--help-all", "--help-hidden"].contains($0) }
  }

  static func rendered(showsAll: Bool) -> String {
    let configuration = Plimsoll.configuration
    var lines = [configuration.abstract, "\(TextStyle.strong("Usage:")) plimsoll COMMAND [OPTIONS]", ""]
    let rows = configuration.groupedSubcommands.flatMap(rows(of:))
    let group = (rows.map(\.group.count).max() ?? 0) + 2
    let names = (rows.filter { !$0.isJoint }.map(\.name.count).max() ?? 0) + 2
    for row in rows {
      let head = TextStyle.strong(row.group) + blanks(group - row.group.count)
      lines.append(head + row.name + blanks(max(2, names - row.name.count)) + row.words)
    }
    lines += ["", Prose.wrapped("plimsoll COMMAND --help explains a command; --help-all adds its rare options.")]
    if showsAll { lines += ["", Prose.wrapped(exitCodes)] }
    return lines.joined(separator: "\n")
  }

  private struct Row {
    var group: String
    var name: String
    var words: String
    var isJoint = false
  }

  private static func rows(of group: CommandGroup) -> [Row] {
    var rows: [Row] = []
    for command in group.subcommands {
      let name = command._commandName
      let joint = together.first { $0.names.contains(name) }
      if let joint, joint.names.first != name { continue }
      rows.append(
        Row(
          group: rows.isEmpty ? group.name : "", name: joint?.names.joined(separator: ", ") ?? name,
          words: joint?.words ?? command.configuration.abstract, isJoint: joint.map { $0.names.count > 2 } ?? false))
    }
    return rows
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
