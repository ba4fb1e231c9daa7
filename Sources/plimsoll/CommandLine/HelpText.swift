import Foundation
import Platform
import Reporting

/// The parser's help in Plimsoll's own look: the sentence first, plain headings, prose wrapped at words.
struct HelpText {
  private let message: String

  /// - Parameter message: what the parser has to say; text that is no help stays as it is.
  init(_ message: String) { self.message = message }

  /// True where the message is help rather than a version or a script.
  var isHelp: Bool { message.hasPrefix("OVERVIEW: ") || message.hasPrefix("USAGE: ") }

  var rendered: String {
    guard isHelp else { return message }
    return message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("OVERVIEW: ") { return String(line.dropFirst("OVERVIEW: ".count)) }
      if line.hasPrefix("USAGE: ") { return "\(TextStyle.strong("Usage:")) \(line.dropFirst("USAGE: ".count))" }
      if let heading = Self.heading(line) { return TextStyle.strong(heading) }
      return String(line)
    }.joined(separator: "\n")
  }

  /// `MEMORY:` as `Memory`, `FIND SUBCOMMANDS:` as `Find`; nil for any other line.
  private static func heading(_ line: Substring) -> String? {
    guard line.hasSuffix(":"), line.first?.isUppercase == true,
      line.dropLast().allSatisfy({ $0.isUppercase || $0 == " " })
    else { return nil }
    let words = line.dropLast().split(separator: " ")
    let kept = words.count > 1 && words.last == "SUBCOMMANDS" ? words.dropLast() : words[...]
    let text = kept.joined(separator: " ").lowercased()
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The command whose help would explain an error: `plimsoll plan --help`; nil where the parser names none.
  static func hint(in message: String) -> String? {
    guard let start = message.range(of: "See '"),
      let end = message.range(of: "' for more", range: start.upperBound..<message.endIndex)
    else { return nil }
    return String(message[start.upperBound..<end.lowerBound])
  }
}
