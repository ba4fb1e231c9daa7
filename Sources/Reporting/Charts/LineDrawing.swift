extension LineChart {
  private static let height = 210.0
  private static let left = 58.0

  /// Draws lines from zero on both axes, each series with its own dash and mark.
  func svg(id: String) -> String {
    var canvas = ChartCanvas(id: id)
    let points = series.flatMap(\.points)
    let (xScale, xName) = xUnit.axis(upTo: points.map(\.x).max() ?? 1)
    let (yScale, yName) = yUnit.axis(upTo: points.map(\.y).max() ?? 1)
    let xAxis = Axis(upTo: (points.map(\.x).max() ?? 1) * xScale, count: 6)
    let yAxis = Axis(upTo: (points.map(\.y).max() ?? 1) * yScale, count: 5)
    if series.count > 1 { canvas.key(series.map(\.name), asLines: true) }
    canvas.drawing.text(Self.title(yTitle, yName), x: 8, y: canvas.bottom + 14, style: "t b")
    canvas.bottom += 26
    let top = canvas.bottom
    let room = ChartCanvas.width - Self.left - 22
    func place(_ point: Point) -> (x: Double, y: Double) {
      (
        Self.left + point.x * xScale / xAxis.upper * room,
        top + Self.height - point.y * yScale / yAxis.upper * Self.height
      )
    }
    frame(&canvas, xAxis, yAxis, top: top, room: room)
    for (index, line) in series.enumerated() {
      draw(line.points.map { (place($0), $0.label) }, index, &canvas, top: top)
    }
    canvas.bottom = top + Self.height + 22
    canvas.drawing.text(
      Self.title(xTitle, xName), x: ChartCanvas.width - 8, y: canvas.bottom + 14, anchor: "end", style: "t b")
    canvas.bottom += 18
    return canvas.svg(title: title, summary: summary)
  }

  private static func title(_ words: String, _ unit: String) -> String {
    unit == ReportUnit.count.rawValue ? words : "\(words) (\(unit))"
  }

  private func frame(_ canvas: inout ChartCanvas, _ xAxis: Axis, _ yAxis: Axis, top: Double, room: Double) {
    for tick in yAxis.ticks {
      let y = top + Self.height - tick / yAxis.upper * Self.height
      canvas.drawing.line(Self.left, y, Self.left + room, y, style: tick == 0 ? "grid" : "faint")
      canvas.drawing.text(yAxis.label(tick), x: Self.left - 6, y: y + 5, anchor: "end")
    }
    for tick in xAxis.ticks {
      let x = Self.left + tick / xAxis.upper * room
      canvas.drawing.line(x, top + Self.height, x, top + Self.height + 4, style: "grid")
      canvas.drawing.text(xAxis.label(tick), x: x, y: top + Self.height + 18, anchor: "middle")
    }
  }

  private func draw(
    _ places: [(at: (x: Double, y: Double), label: String?)], _ index: Int, _ canvas: inout ChartCanvas, top: Double
  ) {
    let path = places.enumerated().map { offset, place in
      "\(offset == 0 ? "M" : "L")\(number(place.at.x)) \(number(place.at.y))"
    }.joined()
    canvas.drawing.raw("<path d=\"\(path)\" class=\"l l\(index % ChartCanvas.styles)\"/>")
    // A dense line gets its mark in three places, enough to tell it from others without colour.
    let step = isDense ? max(1, places.count / 3) : 1
    for offset in stride(from: isDense ? step / 2 : 0, to: places.count, by: step) {
      canvas.marker(index, x: places[offset].at.x, y: places[offset].at.y)
    }
    guard !isDense else { return }
    // A label that would stand on another is left out: the table has them all.
    var end = -Double.infinity
    for place in places {
      guard let label = place.label else { continue }
      let half = ChartCanvas.width(of: label) / 2
      guard place.at.x - half > end, place.at.x - half >= 0, place.at.x + half <= ChartCanvas.width else { continue }
      end = place.at.x + half + 4
      // Above the point, below it where the top of the drawing is near; series take turns so that labels keep apart.
      let above = place.at.y > top + 20 && index.isMultiple(of: 2)
      canvas.drawing.text(label, x: place.at.x, y: place.at.y + (above ? -9 : 19), anchor: "middle")
    }
  }
}

extension ReportChart {
  /// The chart as one SVG element.
  func svg(id: String) -> String {
    switch self {
    case .bars(let chart): chart.svg(id: id)
    case .stack(let chart): chart.svg(id: id)
    case .bands(let chart): chart.svg(id: id)
    case .ratios(let chart): chart.svg(id: id)
    case .lines(let chart): chart.svg(id: id)
    }
  }
}
