/// One part of a model that is split over several files: `BASE-00001-of-00003`.
package struct SplitName: Hashable {
  package var base: Substring
  package var index: Int
  package var count: Int

  /// Reads a name without its extension.
  package init?(_ stem: Substring) {
    let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of", parts[parts.count - 1].count == 5,
      parts[parts.count - 3].count == 5, let count = Int(parts[parts.count - 1]),
      let index = Int(parts[parts.count - 3]), index >= 1, index <= count
    else { return nil }
    base = parts.dropLast(3).joined(separator: "-")[...]
    self.index = index
    self.count = count
  }

  /// The paths of the parts that are not among those of one model.
  package static func missing(from paths: [String], count: Int) -> [String] {
    guard let first = paths.first, let dot = first.lastIndex(of: "."), let split = SplitName(first[..<dot]) else {
      return []
    }
    func padded(_ number: Int) -> String {
      String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
    }
    // Numbering is a stranger's word: nobody reads a list of more.
    return (1...min(count, 10_000)).lazy.map { "\(split.base)-\(padded($0))-of-\(padded(count))\(first[dot...])" }
      .filter { !paths.contains($0) }
  }
}
