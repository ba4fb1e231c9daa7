public import Platform
import Units

/// A table of text with columns as wide as their widest cell; rows that are too short are filled with empty cells.
public struct TextTable: Hashable, Sendable {
  public enum Alignment: Hashable, Sendable { case left, right }

  /// Columns of the terminal that tables are shown on; nil leaves them whole, as for a file or another program.
  ///
  /// The command line sets it once around a command, so that every table obeys it.
  @TaskLocal public static var terminalWidth: Int?

  let titles: [String]
  let alignments: [Alignment]
  /// Titles of the columns that are left out where there is no room, the least valuable first.
  let optional: [String]
  private(set) var rows: [[String]] = []
  /// Styles of cells, by column, one entry for each row.
  private var styles: [[Int: TextStyle]] = []

  /// Creates an empty table; a title that starts with `>` is a column of numbers, set to the right.
  ///
  /// - Parameter optional: Titles of columns that a narrow terminal can do without, the least valuable first.
  public init(_ titles: [String], optional: [String] = []) {
    self.titles = titles.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    alignments = titles.map { $0.hasPrefix(">") ? .right : .left }
    self.optional = optional
  }

  /// Adds a row; text from outside in it is made printable.
  ///
  /// - Parameter styles: what the colour of a cell means, by its column.
  public mutating func add(_ cells: [String], styles: [Int: TextStyle] = [:]) {
    rows.append(titles.indices.map { $0 < cells.count ? printable(cells[$0]) : "" })
    self.styles.append(styles)
  }

  /// The table for a terminal: two spaces between cells, no lines; as wide as the terminal at most.
  public func rendered() -> String {
    let fit = TableFit(self, width: Self.terminalWidth)
    let titleStyles = Dictionary(uniqueKeysWithValues: titles.indices.map { ($0, TextStyle.quiet) })
    let lines = rowLines(titles, titleStyles, fit) + zip(rows, styles).flatMap { rowLines($0, $1, fit) }
    guard !fit.leftOut.isEmpty else { return lines.joined(separator: "\n") }
    let note = Self.note(leftOut: fit.leftOut)
    let parts = TableFit.wrapped(note, to: Self.terminalWidth ?? note.count)
    return (lines + parts.map { TextStyle.quiet($0) }).joined(separator: "\n")
  }

  /// Says which columns had no room, the most valuable three by name.
  private static func note(leftOut titles: [String]) -> String {
    let named = titles.reversed().prefix(3)
    let rest = titles.count - named.count
    let words = named.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return "(a wider terminal also shows \(words))"
  }

  /// One row, over as many lines as its longest cell takes.
  private func rowLines(_ row: [String], _ styles: [Int: TextStyle], _ fit: TableFit) -> [String] {
    let cells = zip(fit.columns, fit.widths).map { column, width in
      TableFit.wrapped(row[column], to: width)
    }
    return (0..<max(1, cells.map(\.count).max() ?? 1)).map { line in
      let parts = cells.indices.map { line < cells[$0].count ? cells[$0][line] : "" }
      // Nothing stands behind the last word of a line.
      guard let last = parts.lastIndex(where: { !$0.isEmpty }) else { return "" }
      return parts.indices.prefix(last + 1).map { place -> String in
        let gap = String(repeating: " ", count: max(0, fit.widths[place] - parts[place].count))
        let cell = styles[fit.columns[place]].map { $0(parts[place]) } ?? parts[place]
        if alignments[fit.columns[place]] == .right { return gap + cell }
        return place == last ? cell : cell + gap
      }.joined(separator: "  ")
    }
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
