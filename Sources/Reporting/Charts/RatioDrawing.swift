import Foundation
import Units

extension RatioChart {
  private static let left = 16.0
  private static let room = ChartCanvas.width - 2 * left

  /// Draws each ratio as a mark on its interval, over the band of noise around 1; to the right is faster.
  func svg(id: String) -> String {
    var canvas = ChartCanvas(id: id)
    let scale = Scale(rows)
    key(&canvas)
    for row in rows {
      canvas.drawing.text(ChartCanvas.shortened(row.name, to: 40), x: 8, y: canvas.bottom + 14, style: "t b")
      canvas.drawing.text(
        "\(Self.words(row.estimate)) (\(Self.words(row.low)) to \(Self.words(row.high)))", x: ChartCanvas.width - 8,
        y: canvas.bottom + 14, anchor: "end")
      canvas.bottom += 20
      let middle = canvas.bottom + 8
      let noise = (scale.place(1 / (1 + row.floor)), scale.place(1 + row.floor))
      for tick in scale.ticks where tick != 1 {
        canvas.drawing.line(scale.place(tick), middle - 9, scale.place(tick), middle + 9, style: "faint")
      }
      canvas.drawing.rectangle(
        x: noise.0, y: middle - 7, width: noise.1 - noise.0, height: 14, [("class", "band")])
      canvas.drawing.line(scale.place(1), middle - 9, scale.place(1), middle + 9, style: "grid")
      canvas.drawing.line(scale.place(row.low), middle, scale.place(row.high), middle, style: "expected")
      canvas.marker(0, x: scale.place(row.estimate), y: middle)
      canvas.bottom += 22
    }
    for tick in scale.ticks {
      canvas.drawing.text(Self.words(tick), x: scale.place(tick), y: canvas.bottom + 14, anchor: "middle")
    }
    canvas.bottom += 20
    canvas.drawing.text("slower", x: 8, y: canvas.bottom + 14)
    canvas.drawing.text("faster", x: ChartCanvas.width - 8, y: canvas.bottom + 14, anchor: "end")
    canvas.bottom += 18
    return canvas.svg(title: title, summary: summary)
  }

  private func key(_ canvas: inout ChartCanvas) {
    let y = canvas.bottom
    canvas.drawing.rectangle(x: 8, y: y + 3, width: 22, height: 12, [("class", "band")])
    canvas.drawing.text("noise of equal runs", x: 36, y: y + 14)
    canvas.drawing.line(192, y + 9, 222, y + 9, style: "expected")
    canvas.marker(0, x: 207, y: y + 9)
    canvas.drawing.text("ratio with its 95% interval", x: 230, y: y + 14)
    canvas.bottom += 26
  }

  private static func words(_ ratio: Double) -> String { ratio.formatted(decimals: 2) }

  /// A logarithmic axis around 1, since half as fast is as far away as twice as fast.
  private struct Scale {
    let low: Double
    let high: Double
    let ticks: [Double]

    init(_ rows: [RatioChart.Row]) {
      var far = 1.05
      for row in rows {
        for end in [row.low, row.high, 1 + row.floor] where end > 0.01 && end < 100 { far = max(far, end, 1 / end) }
      }
      let steps: [Double] = [1.05, 1.1, 1.25, 1.5, 2, 4, 10, 100]
      let end = steps.first { $0 >= far } ?? 100
      (low, high) = (1 / end, end)
      ticks = [1 / end, 1, end]
    }

    func place(_ ratio: Double) -> Double {
      let kept = min(max(ratio, low), high)
      let share: Double = log(kept / low) / log(high / low)
      return RatioChart.left + share * RatioChart.room
    }
  }
}
