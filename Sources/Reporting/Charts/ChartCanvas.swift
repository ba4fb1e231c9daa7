import Units

/// The frame that all charts share: one width, a title and a description for readers who do not see it, the marks that
/// tell series apart without colour.
struct ChartCanvas {
  /// Units of the drawing's own; a telephone shows it at about three quarters, so that text stays above 10 px.
  static let width = 440.0
  static let rowHeight = 20.0
  /// Series beyond this many repeat their marks.
  static let styles = 6

  /// A word that makes the names inside this drawing different from those of others on the page.
  let id: String
  var drawing = SVG()
  /// How far down the drawing reaches.
  var bottom = 6.0

  init(id: String) { self.id = id }

  /// The whole element, with its title and description announced.
  func svg(title: String, summary: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(Self.width)) \(number(bottom + 6))" role="img" \
    aria-labelledby="\(id)-t \(id)-d" class="chart"><title id="\(id)-t">\(escaped(title))</title>\
    <desc id="\(id)-d">\(escaped(summary))</desc><defs>\(patterns)</defs>\(drawing.body)</svg>
    """
  }

  /// Fills by number: solid, then hatched in ways that print in black and white.
  func fill(_ index: Int) -> [(String, String)] {
    let style = index % Self.styles
    return style == 0 ? [("class", "f0 edge0")] : [("fill", "url(#\(id)-p\(style))"), ("class", "edge\(style)")]
  }

  private var patterns: String {
    let marks = [
      "", "<path d=\"M-2 2l4-4M0 8l8-8M6 10l4-4\" class=\"hatch\"/>",
      "<circle cx=\"4\" cy=\"4\" r=\"1.7\" class=\"dot\"/>",
      "<path d=\"M4 0v8\" class=\"hatch\"/>", "<path d=\"M0 4h8\" class=\"hatch\"/>",
      "<path d=\"M0 0l8 8M8 0l-8 8\" class=\"hatch\"/>",
    ]
    return (1..<Self.styles).map { style in
      "<pattern id=\"\(id)-p\(style)\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
        + "<rect width=\"8\" height=\"8\" class=\"f\(style)\"/>\(marks[style])</pattern>"
    }.joined()
  }

  /// A key of names, one on a row, each beside its mark.
  mutating func key(_ names: [String], asLines: Bool = false) {
    for (index, name) in names.enumerated() {
      if asLines {
        drawing.line(8, bottom + 9, 34, bottom + 9, style: "l l\(index % Self.styles)")
        marker(index, x: 21, y: bottom + 9)
      } else {
        drawing.rectangle(x: 8, y: bottom + 3, width: 18, height: 12, fill(index))
      }
      drawing.text(Self.shortened(name, to: 54), x: asLines ? 42 : 34, y: bottom + 14)
      bottom += Self.rowHeight
    }
    if !names.isEmpty { bottom += 4 }
  }

  /// A point's mark: its shape tells the series.
  mutating func marker(_ index: Int, x: Double, y: Double) {
    let style = index % Self.styles
    let shapes = [
      "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-4-4h8v8h-8z", "M0-5l5 9h-10z", "M0-5l5 5l-5 5l-5-5z",
      "M-4-4l8 8M4-4l-8 8", "M0-5v10M-5 0h10",
    ]
    drawing.raw(
      "<path transform=\"translate(\(number(x)) \(number(y)))\" d=\"\(shapes[style])\" class=\"m m\(style)\"/>")
  }

  static func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }

  /// Width of words at the charts' type size; generous, so that nothing runs out of the drawing.
  static func width(of text: String) -> Double { Double(text.count) * 7.4 }
}

/// A linear axis with round ticks from zero to at least a largest value.
struct Axis {
  let ticks: [Double]
  let upper: Double

  init(upTo largest: Double, count: Int = 5) {
    let top = largest > 0 && largest.isFinite ? largest : 1
    var step = 1.0
    while step * Double(count) < top { step *= 10 }
    while step * Double(count) >= top * 10 { step /= 10 }
    let factor = [0.1, 0.2, 0.25, 0.5, 1].first { step * $0 * Double(count) >= top } ?? 1
    step *= factor
    upper = step * (top / step).rounded(.up)
    let tickCount = Int((upper / step).rounded())
    ticks = (0...max(1, tickCount)).map { Double($0) * step }
  }

  /// The decimals that tell neighbouring ticks apart.
  func label(_ tick: Double) -> String {
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    // Long numbers run out of the drawing: 2,500,000 is 2.5M.
    for (size, letter) in [(1e6, "M"), (1e3, "k")] where upper >= 10 * size {
      let scaled = Axis(upTo: upper / size, count: ticks.count - 1)
      return tick == 0 ? "0" : scaled.label(tick / size) + letter
    }
    let powers = [1.0, 10, 100, 1000]
    let decimals = powers.firstIndex { power in (step * power - (step * power).rounded()).magnitude < 1e-6 } ?? 4
    return tick.formatted(decimals: decimals)
  }
}
