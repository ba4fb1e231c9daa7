import ArgumentParser
import Platform
import Reporting

/// The parser's help in Plimsoll's own look: the sentence first, plain headings, an option a line where it fits.
///
/// The parser lays out for a terminal that is wide enough for any line (`unwrapped`); lines are broken here.
struct HelpText {
  /// Columns that no help text reaches, so that the parser breaks no line.
  static let unwrapped = 100_000
  /// Columns of the names of options; longer ones have their text below.
  private static let widestLabel = 24

  /// The most options of a section that is set together with its neighbours where only the usual ones are shown.
  private static let fewRows = 5

  private let message: String
  /// The options that are shown, of all; nil for those that the parser shows.
  private let usual: Set<String>?
  private let hidden: Int

  /// - Parameters:
  ///   - message: what the parser has to say; text that is no help stays as it is.
  ///   - whole: the same help with the options that it leaves out; nil where it has them.
  init(_ message: String, whole: String? = nil) {
    usual = whole.flatMap { _ in UsualOptions.names(of: Self.command(in: message)) }
    self.message = usual == nil ? message : whole ?? message
    let shown = Self.rows(Self.sections(in: self.message, only: usual))
    hidden = whole.map { Self.rows(Self.sections(in: $0)) - shown } ?? 0
  }

  /// True where the message is help rather than a version or a script.
  var isHelp: Bool { message.hasPrefix("OVERVIEW: ") || message.hasPrefix("USAGE: ") }

  var rendered: String {
    guard isHelp else { return message }
    let width = min(TextTable.terminalWidth ?? 80, Prose.widest)
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    let start = lines.firstIndex { Self.heading($0) != nil } ?? lines.endIndex
    let sections = Self.sections(in: message, only: usual)
    let indent = Self.textColumn(of: sections.flatMap(\.rows).map { $0.label(isWhole: hidden == 0) })
    var parts = [Self.introduction(lines[..<start], width)]
    parts += sections.map { section in
      ([TextStyle.strong(section.title)] + section.rows.map { $0.rendered(width, indent, isWhole: hidden == 0) })
        .joined(separator: "\n")
    }
    let command = Self.command(in: message)
    if hidden > 0, let command {
      parts.append("\(hidden) more option\(hidden == 1 ? "" : "s"): \(command) --help-all")
    } else if sections.contains(where: \.isCommands), let command {
      parts.append("\(command) COMMAND --help explains a command.")
    }
    return parts.joined(separator: "\n\n")
  }

  /// The command that the help is of, from its usage: the words before the first in capitals, brackets or dashes.
  private static func command(in message: String) -> String? {
    guard let usage = message.split(separator: "\n").first(where: { $0.hasPrefix("USAGE: ") }) else { return nil }
    let words = usage.dropFirst("USAGE: ".count).split(separator: " ")
    return words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") }.joined(separator: " ")
  }

  private static func introduction(_ lines: ArraySlice<Substring>, _ width: Int) -> String {
    let text = lines.map { line in
      if line.hasPrefix("OVERVIEW: ") { return Prose.wrapped(String(line.dropFirst("OVERVIEW: ".count)), to: width) }
      if line.hasPrefix("USAGE: ") {
        let usage = line.dropFirst("USAGE: ".count).replacing("<subcommand>", with: "COMMAND")
        return Prose.wrapped("\(TextStyle.strong("Usage:")) \(usage)", to: width, indent: 7)
      }
      // Examples are pasted as they are.
      return line.hasPrefix("  ") ? String(line) : Prose.wrapped(String(line), to: width)
    }
    return text.joined(separator: "\n").trimmedEnd
  }

  private struct Section {
    var title: String
    var rows: [Row] = []
    var isCommands: Bool { title == "Commands" }
    var isArguments: Bool { title == "Arguments" }
  }

  /// The sections that have anything; of options only those that are named, small sections together.
  private static func sections(in message: String, only names: Set<String>? = nil) -> [Section] {
    let all = parsed(message).filter { !$0.rows.isEmpty }
    guard let names else { return all }
    var sections: [Section] = []
    for var section in all {
      if !section.isArguments { section.rows.removeAll { !names.contains($0.longName) } }
      guard !section.rows.isEmpty else { continue }
      if let last = sections.last, !last.isArguments, last.rows.count + section.rows.count <= fewRows {
        sections[sections.count - 1].title += ", \(section.title.lowercased())"
        sections[sections.count - 1].rows += section.rows
      } else {
        sections.append(section)
      }
    }
    return sections
  }

  private static func parsed(_ message: String) -> [Section] {
    var sections: [Section] = []
    for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
      if let title = heading(line) {
        sections.append(Section(title: title))
      } else if let last = sections.indices.last {
        if let row = Row(line, isPositional: sections[last].isArguments) {
          if !row.isOfEveryCommand { sections[last].rows.append(row) }
        } else if let row = sections[last].rows.indices.last, line.hasPrefix("    ") {
          sections[last].rows[row].text += String(line.drop { $0 == " " })
        }
      }
    }
    return sections
  }

  /// The long names of the options that the help has.
  var optionNames: [String] {
    Self.parsed(message).flatMap(\.rows)
      .flatMap { $0.names.matches(of: /--[a-z0-9-]+/).map { String($0.0) } }
  }

  private static func rows(_ sections: [Section]) -> Int { sections.reduce(0) { $0 + $1.rows.count } }

  private static func textColumn(of labels: [String]) -> Int {
    (labels.map(\.count).filter { $0 <= widestLabel }.max() ?? 0) + 4
  }

  /// `MEMORY:` as `Memory`, `FIND SUBCOMMANDS:` as `Find`; nil for any other line.
  private static func heading(_ line: Substring) -> String? {
    guard line.hasSuffix(":"), line.first?.isUppercase == true,
      line.dropLast().allSatisfy({ $0.isUppercase || $0 == " " })
    else { return nil }
    let words = line.dropLast().split(separator: " ")
    if words == ["SUBCOMMANDS"] { return "Commands" }
    let kept = words.last == "SUBCOMMANDS" ? words.dropLast() : words[...]
    let text = kept.joined(separator: " ").lowercased()
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The command whose help would explain an error: `plimsoll plan --help`; nil where the parser names none.
  static func hint(in message: String) -> String? {
    message.firstMatch(of: /See '([^']*)' for more/).map { String($0.1) }
  }
}

/// One option, argument or command of a help, and its text.
private struct Row {
  /// Columns that the parser gives to the names.
  private static let column = 26

  fileprivate private(set) var names: String
  var text: String
  private let isPositional: Bool

  /// A line with two blanks before the names; nil for any other.
  init?(_ line: Substring, isPositional: Bool) {
    guard line.hasPrefix("  "), line.dropFirst(2).first.map({ $0 != " " }) == true, !line.hasPrefix("  See '") else {
      return nil
    }
    // The parser puts texts in a column of their own, or on the next line where the names reach it.
    let (head, rest) = (line.prefix(Self.column), line.dropFirst(Self.column))
    let isLong = head.last != " " || (rest.hasPrefix("<") && !rest.contains(" "))
    names = String((isLong ? line : head).dropFirst(2).trimmingSuffix { $0 == " " })
    text = isLong ? "" : String(rest)
    self.isPositional = isPositional
  }

  /// The first long name: `--context`; the names as they are where there is none.
  var longName: String {
    let words = names.split { $0 == " " || $0 == "," }
    return words.first { $0.hasPrefix("--") }.map(String.init) ?? names
  }

  /// True for what every command has and no help needs to say.
  var isOfEveryCommand: Bool { ["--version", "-h, --help"].contains(names) }

  /// The names with the value; only the first long name where not all options are shown.
  func label(isWhole: Bool) -> String {
    if isPositional { return names.replacing(/[<>]/, with: "").uppercased() }
    guard !isWhole, names.hasPrefix("--"), let comma = names.firstIndex(of: ",") else { return names }
    let value = names.firstIndex(of: "<").map { " \(names[$0...])" } ?? ""
    return names[..<comma] + value
  }

  func rendered(_ width: Int, _ indent: Int, isWhole: Bool) -> String {
    let label = label(isWhole: isWhole)
    let start = "  \(TextStyle.strong(label))"
    let text = Self.withoutRepetition(text)
    let blanks = String(repeating: " ", count: indent)
    guard label.count + 4 <= indent else {
      return text.isEmpty ? start : start + "\n" + Prose.wrapped(blanks + text, to: width, indent: indent)
    }
    let padding = String(repeating: " ", count: indent - label.count - 3)
    return text.isEmpty ? start : Prose.wrapped(start + padding + " " + text, to: width, indent: indent)
  }

  /// A text without the list of values that the parser adds, where the text names them all; in words where it does not.
  private static func withoutRepetition(_ text: String) -> String {
    guard let found = text.firstMatch(of: /\ ?\(values: ([^;)]*)(?:; default: ([^)]*))?\)$/) else { return text }
    let before = String(text[..<found.range.lowerBound])
    let values = found.1.split(separator: ", ")
    let fallback = found.2.map { " (default: \($0))" } ?? ""
    guard !values.allSatisfy({ before.contains($0) }) else { return before + fallback }
    return String(before.trimmingSuffix { $0 == "." }) + ": " + values.joined(separator: ", ") + "." + fallback
  }
}

extension StringProtocol where SubSequence == Substring {
  fileprivate var trimmedEnd: String { String(trimmingSuffix { $0.isWhitespace }) }

  fileprivate func trimmingSuffix(while isGone: (Character) -> Bool) -> Substring {
    var rest = self[startIndex...]
    while let last = rest.last, isGone(last) { rest.removeLast() }
    return rest
  }
}
