import Platform

/// Sentences for a terminal.
public enum Prose {
  /// The widest that prose is set: longer lines are hard to read.
  public static let widest = 100

  /// Breaks a text between words, so that no line is wider than the terminal, or than `widest`.
  ///
  /// - Parameters:
  ///   - width: columns; nil leaves the text whole, as for a file or another program.
  ///   - indent: blanks before each line but the first.
  public static func wrapped(
    _ text: String, to width: Int? = TextTable.terminalWidth, indent: Int = 0
  ) -> String {
    guard let width else { return text }
    let limit = max(20, min(width, widest))
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line(String($0), limit, indent) }.joined(separator: "\n")
  }

  private static func line(_ text: String, _ limit: Int, _ indent: Int) -> String {
    let start = text.prefix { $0 == " " }
    var lines: [String] = []
    var line = String(start)
    var isEmpty = true
    // Blanks between columns stay as they are; those where a line breaks are gone.
    var gap = 0
    for word in text.dropFirst(start.count).split(separator: " ", omittingEmptySubsequences: false) {
      guard !word.isEmpty else {
        gap += 1
        continue
      }
      // What must be pasted as one, such as a path, is never broken.
      if !isEmpty, shown(line) + 1 + gap + shown(String(word)) > limit {
        lines.append(line)
        line = String(repeating: " ", count: max(indent, start.count))
        isEmpty = true
      }
      line += (isEmpty ? "" : String(repeating: " ", count: 1 + gap)) + word
      isEmpty = false
      gap = 0
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// Columns of a text, its styles left out.
  private static func shown(_ text: String) -> Int {
    guard text.contains("\u{1B}") else { return text.count }
    var count = 0
    var isSequence = false
    for character in text {
      if character == "\u{1B}" { isSequence = true }
      if !isSequence { count += 1 }
      if isSequence, character == "m" { isSequence = false }
    }
    return count
  }
}
