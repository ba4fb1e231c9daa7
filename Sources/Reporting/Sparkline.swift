/// A few numbers as a row of bars: `▁▃▅█`.
public enum Sparkline {
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The latest values, a bar each, against the largest of them; empty for fewer than two.
  ///
  /// - Parameter width: the most bars.
  public static func rendered(_ values: [Double], width: Int) -> String {
    let shown = values.suffix(max(0, width)).map { $0.isFinite ? max(0, $0) : 0 }
    guard shown.count > 1, let most = shown.max() else { return "" }
    return String(shown.map { bars[most > 0 ? Int(($0 / most * Double(bars.count - 1)).rounded()) : 0] })
  }
}
