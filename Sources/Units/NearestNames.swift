/// Returns the names most like one that was misspelt, or that begin like it, the likest first: no more than a third of its
/// letters differ. What stands between words does not count.
///
/// Of names whose beginnings are equally near, the one that is nearest as a whole comes first.
public func nearestNames(to name: String, in names: some Sequence<String>, count: Int = 3) -> [String] {
  let wanted = letters(name)
  let allowed = max(1, wanted.count / 3)
  let likely = names.map { (name: $0, edits: Edits(wanted, letters($0))) }.filter { $0.edits.ofBeginning <= allowed }
  return likely.sorted {
    ($0.edits.ofBeginning, $0.edits.ofWhole, $0.name.count, $0.name)
      < ($1.edits.ofBeginning, $1.edits.ofWhole, $1.name.count, $1.name)
  }.prefix(count).map(\.name)
}

private func letters(_ name: String) -> [Character] { Array(name.plain.prefix(100)) }

extension String {
  /// A name in lower case, without what stands between its words.
  public var plain: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}

/// How far a word is from another: letters put in, left out, changed, or swapped with their neighbor (optimal string
/// alignment).
private struct Edits {
  /// The distance to the beginning of the other word that is nearest.
  var ofBeginning: Int
  var ofWhole: Int

  init(_ a: [Character], _ b: [Character]) {
    var (earlier, row) = ([Int](), Array(0...b.count))
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var least = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, earlier[j - 1] + 1) }
        next.append(least)
      }
      (earlier, row) = (row, next)
    }
    ofBeginning = row.min() ?? a.count
    ofWhole = row.last ?? a.count
  }
}
