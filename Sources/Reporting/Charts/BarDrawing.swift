import Units

extension BarChart {
  /// Draws horizontal bars in groups, each bar with its figure at the end.
  func svg(id: String) -> String {
    var canvas = ChartCanvas(id: id)
    if series.count > 1 { canvas.key(series) }
    let largest = groups.flatMap(\.values).compactMap { $0 }.max() ?? 1
    let room = ChartCanvas.width - 8 - 92
    for group in groups {
      canvas.drawing.text(group.name, x: 8, y: canvas.bottom + 14, style: "t b")
      canvas.bottom += 18
      for (index, value) in group.values.enumerated() {
        let length = largest > 0 ? (value ?? 0) / largest * room : 0
        canvas.drawing.rectangle(x: 8, y: canvas.bottom + 1, width: length, height: 14, canvas.fill(index))
        let words = value.map { unit.text($0) } ?? "too few samples"
        canvas.drawing.text(words, x: 8 + length + 6, y: canvas.bottom + 13)
        canvas.bottom += 18
      }
      canvas.bottom += 6
    }
    return canvas.svg(title: title, summary: summary)
  }
}

extension StackChart {
  /// Draws one bar for each sum, its parts side by side, with the key below.
  func svg(id: String) -> String {
    var canvas = ChartCanvas(id: id)
    let largest = bars.map(\.total).max() ?? 1
    let room = ChartCanvas.width - 16
    for bar in bars {
      canvas.drawing.text(
        ChartCanvas.shortened("\(bar.name): \(unit.text(bar.total))", to: 56), x: 8, y: canvas.bottom + 14,
        style: "t b")
      canvas.bottom += 20
      var x = 8.0
      for part in bar.parts {
        let width = largest > 0 ? part.value / largest * room : 0
        let index = partNames.firstIndex(of: part.name) ?? 0
        canvas.drawing.rectangle(x: x, y: canvas.bottom, width: width, height: 22, canvas.fill(index))
        x += width
      }
      canvas.bottom += 32
    }
    canvas.key(partNames)
    return canvas.svg(title: title, summary: summary)
  }
}

extension BandChart {
  /// Draws each quantity in units of its prediction: the band as a bar, the prediction as a line at 100%, the
  /// measurement as a diamond.
  func svg(id: String) -> String {
    var canvas = ChartCanvas(id: id)
    let ratios = rows.flatMap { [$0.high / $0.expected, ($0.measured ?? 0) / $0.expected] }
    let axis = Axis(upTo: min(ratios.max() ?? 1, 10), count: 5)
    let (left, room) = (16.0, ChartCanvas.width - 44)
    func place(_ ratio: Double) -> Double { left + min(ratio, axis.upper) / axis.upper * room }
    key(&canvas)
    let top = canvas.bottom
    for row in rows {
      canvas.drawing.text(ChartCanvas.shortened(row.name, to: 56), x: 8, y: canvas.bottom + 14, style: "t b")
      let measured = row.measured.map { ", measured \(row.unit.text($0))" } ?? ""
      canvas.drawing.text("predicted \(row.unit.text(row.expected))\(measured)", x: 8, y: canvas.bottom + 31)
      canvas.bottom += 38
      let low = place(row.low / row.expected)
      canvas.drawing.line(left, canvas.bottom + 8, left + room, canvas.bottom + 8, style: "grid")
      canvas.drawing.rectangle(
        x: low, y: canvas.bottom + 1, width: max(3, place(row.high / row.expected) - low), height: 14,
        [("class", "band")])
      canvas.drawing.line(place(1), canvas.bottom - 1, place(1), canvas.bottom + 17, style: "expected")
      if let measured = row.measured {
        canvas.marker(3, x: place(measured / row.expected), y: canvas.bottom + 8)
      }
      canvas.bottom += 24
    }
    for tick in axis.ticks {
      canvas.drawing.line(place(tick), top, place(tick), canvas.bottom, style: "faint")
      canvas.drawing.text(ReportUnit.share.text(tick), x: place(tick), y: canvas.bottom + 14, anchor: "middle")
    }
    canvas.bottom += 18
    canvas.drawing.text("of the prediction", x: ChartCanvas.width - 8, y: canvas.bottom + 14, anchor: "end")
    canvas.bottom += 18
    return canvas.svg(title: title, summary: summary)
  }

  private func key(_ canvas: inout ChartCanvas) {
    let y = canvas.bottom
    canvas.drawing.rectangle(x: 8, y: y + 3, width: 22, height: 12, [("class", "band")])
    canvas.drawing.text("predicted band", x: 36, y: y + 14)
    canvas.drawing.line(164, y + 1, 164, y + 17, style: "expected")
    canvas.drawing.text("predicted", x: 172, y: y + 14)
    canvas.marker(3, x: 268, y: y + 9)
    canvas.drawing.text("measured", x: 280, y: y + 14)
    canvas.bottom += 26
  }
}
