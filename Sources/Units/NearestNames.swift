/// Returns the names most like one that was misspelt, or that begin like it, the likest first: no more than a third of its
/// letters differ. What stands between words does not count.
public func nearestNames(to name: String, in names: some Sequence<String>, count: Int = 3) -> [String] {
  let wanted = letters(name)
  let allowed = max(1, wanted.count / 3)
  let likely = names.map { (name: $0, edits: edits(wanted, letters($0))) }.filter { $0.edits <= allowed }
  return likely.sorted { ($0.edits, $0.name.count, $0.name) < ($1.edits, $1.name.count, $1.name) }.prefix(count).map(
    \.name)
}

private func letters(_ name: String) -> [Character] { Array(name.plain.prefix(100)) }

extension String {
  /// A name in lower case, without what stands between its words.
  public var plain: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}

/// Levenshtein's distance of a word to the beginning of another that is nearest to it: letters put in, left out or
/// changed.
private func edits(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let changed = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row.min() ?? a.count
}
