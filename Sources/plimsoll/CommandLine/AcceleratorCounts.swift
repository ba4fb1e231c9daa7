import ArgumentParser

/// Numbers of accelerators in one box: `1,2,4` or `1-8`.
struct AcceleratorCounts: ExpressibleByArgument, Hashable {
  var counts: [Int]

  init?(argument: String) {
    var counts: Set<Int> = []
    for part in argument.split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 1, last >= first, last <= 64 else {
        return nil
      }
      counts.formUnion(first...last)
    }
    guard !counts.isEmpty else { return nil }
    self.counts = counts.sorted()
  }
}
