/// Which columns of a table are shown in a width, and how wide: columns that can be done without go first, then long texts
/// are broken over lines.
struct TableFit {
  /// Indices of the columns that are shown.
  private(set) var columns: [Int]
  /// Their widths.
  private(set) var widths: [Int]
  /// Titles of those that are not.
  private(set) var leftOut: [String] = []

  /// A column of text is not made narrower than this, or than its longest word, while others can be left out.
  private static let readable = 24
  /// The narrowest that a column of text becomes.
  private static let least = 10

  init(_ table: TextTable, width limit: Int?) {
    columns = Array(table.titles.indices)
    let all = [table.titles] + table.rows
    let natural = columns.map { column in all.map { $0[column].count }.max() ?? 0 }
    widths = natural
    guard let limit else { return }
    // A column that is empty in every row says nothing; one without a title is a mark before or after the rows.
    let isTight = Self.total(natural) > limit
    columns.removeAll { column in
      (isTight || !table.titles[column].isEmpty) && !table.rows.isEmpty && table.rows.allSatisfy { $0[column].isEmpty }
    }
    widths = columns.map { natural[$0] }
    guard isTight else { return }
    let words = natural.indices.map { column in
      all.flatMap { $0[column].split(separator: " ").map(\.count) }.max() ?? 0
    }
    let readable = natural.indices.map { column in
      table.alignments[column] == .left ? min(natural[column], max(words[column], Self.readable)) : natural[column]
    }
    for title in table.optional where Self.total(columns.map { readable[$0] }) > limit {
      guard let place = columns.firstIndex(where: { table.titles[$0] == title }) else { continue }
      columns.remove(at: place)
      leftOut.append(title)
    }
    widths = columns.map { natural[$0] }
    shrink(to: limit, floors: columns.map { readable[$0] })
    // Names are broken last: a word on two lines is hard to read and to copy.
    shrink(to: limit, floors: columns.map { table.alignments[$0] == .left ? words[$0] : natural[$0] })
    shrink(
      to: limit,
      floors: columns.map { table.alignments[$0] == .left ? min(natural[$0], Self.least) : natural[$0] })
  }

  /// Two spaces stand between columns.
  private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * max(0, widths.count - 1) }

  /// Takes from the widest column that is above its floor, until all have room or none is.
  private mutating func shrink(to limit: Int, floors: [Int]) {
    while Self.total(widths) > limit {
      let open = widths.indices.filter { widths[$0] > floors[$0] }
      guard let widest = open.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }

  /// What of a word that is longer than a line stands on the first: up to a hyphen or slash in its second half, where one is.
  private static func start(of word: Substring, _ width: Int) -> Substring {
    let start = word.prefix(width)
    guard let cut = start.lastIndex(where: { "-/_".contains($0) }) else { return start }
    let part = start[...cut]
    return part.count * 2 > width ? part : start
  }

  /// Breaks a text between words, and words that are longer than a line.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    guard width > 0, text.count > width else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      var word = word
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      while word.count > width {
        let start = start(of: word, width)
        lines.append(String(start))
        word = word.dropFirst(start.count)
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
