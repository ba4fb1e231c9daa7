/// How the highest load within the goals is looked for: doubling until they break, then halving the gap.
public struct GoalSearch: Hashable, Sendable, Codable {
  /// Requests in flight that are tried first and at most.
  public var start: Int
  public var most: Int
  /// The gap between held and broken, relative, at which the search ends.
  public var tolerance: Double

  public init(start: Int = 1, most: Int = 1024, tolerance: Double = 0.1) {
    self.start = max(1, start)
    self.most = max(1, most)
    self.tolerance = tolerance
  }

  /// Returns the next load to try from what was tried; nil when the search is over.
  public func next(after tried: [(load: Int, held: Bool)]) -> Int? {
    let held = tried.filter { $0.held }.map { $0.load }.max()
    let broken = tried.filter { !$0.held }.map { $0.load }.min()
    switch (held, broken) {
    case (nil, nil): return start
    case (nil, let broken?):
      // Not even the first held: go down to one.
      return broken > 1 ? max(1, broken / 2) : nil
    case (let held?, nil): return held < most ? min(most, held * 2) : nil
    case (let held?, let broken?):
      guard broken - held > max(1, Int(tolerance * Double(held))), broken > held else { return nil }
      return (held + broken) / 2
    }
  }
}
