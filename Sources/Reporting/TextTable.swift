/// A table of text with columns as wide as their widest cell; rows that are too short are filled with empty cells.
public struct TextTable: Hashable, Sendable {
  public enum Alignment: Hashable, Sendable { case left, right }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// Creates an empty table; a title that starts with `>` is a column of numbers, set to the right.
  public init(_ titles: [String]) {
    self.titles = titles.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    alignments = titles.map { $0.hasPrefix(">") ? .right : .left }
  }

  public mutating func add(_ cells: [String]) {
    rows.append(titles.indices.map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The table for a terminal: cells parted by two spaces, no lines.
  public func rendered() -> String {
    let widths = titles.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      var text = cells.indices.map { column -> String in
        let gap = String(repeating: " ", count: widths[column] - cells[column].count)
        return alignments[column] == .right ? gap + cells[column] : cells[column] + gap
      }.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }
    return ([titles] + rows).map(line).joined(separator: "\n")
  }

  /// The table in Markdown; a bar inside a cell is escaped.
  public func markdown() -> String {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
        .joined(separator: " | ") + " |"
    }
    let rule = "| " + alignments.map { $0 == .right ? "---:" : "---" }.joined(separator: " | ") + " |"
    return ([line(titles), rule] + rows.map(line)).joined(separator: "\n")
  }
}
