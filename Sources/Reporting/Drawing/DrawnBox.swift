/// A part of a drawing with a place and a size: lines of text, squares for cores, boxes inside.
struct DrawnBox {
  enum Fill: String {
    case sheet = "#f6f7f9"
    case memory = "#dbe8f6"
    case processor = "#ffffff"
    case switched = "#eceff3"
    case accelerator = "#d9efd9"
    case network = "#f7ead2"
  }

  /// One square for a core, of one of a few colours: the kinds, strongest first.
  static let coreColors = ["#4a7fb5", "#9dbfdf", "#c9dcee", "#e2ecf5"]
  static let pad = 8.0
  static let gap = 8.0
  private static let coreSize = 9.0
  private static let title = DrawnText(size: 12, isBold: true)
  private static let plain = DrawnText(size: 11)

  var fill: Fill
  var title: String
  var details: [String]
  /// The kind of each core, as a place among `coreColors`.
  var cores: [Int] = []
  var children: [DrawnBox] = []
  /// Boxes side by side at most; those inside share the width equally.
  var columns = 1

  init(_ fill: Fill, _ title: String, _ details: [String?] = []) {
    self.fill = fill
    self.title = title
    self.details = details.compactMap { $0 }.filter { !$0.isEmpty }
  }

  /// True for a row of boxes without a frame around them.
  private var isBare = false

  /// Boxes beside each other, without a frame.
  init(beside children: [DrawnBox], columns: Int) {
    self.init(.sheet, "")
    self.children = children
    self.columns = columns
    isBare = true
  }

  /// The height that it needs at a width.
  func height(_ width: Double) -> Double {
    var ignored = SVG()
    return draw(&ignored, x: 0, y: 0, width: width)
  }

  /// Draws it and returns its height.
  ///
  /// - Parameter least: a height to fill, so that neighbours end alike.
  @discardableResult
  func draw(_ svg: inout SVG, x: Double, y: Double, width: Double, least: Double = 0) -> Double {
    if isBare { return drawChildren(&svg, x: x - Self.pad, y: y, room: width) - Self.gap - y }
    let room = width - 2 * Self.pad
    var inside = SVG()
    var bottom = y + 4
    for line in Self.title.lines(title, room: room) {
      bottom += 15
      inside.text(line, x: x + Self.pad, y: bottom, style: "h")
    }
    for line in details.flatMap({ Self.plain.lines($0, room: room) }) {
      bottom += 14
      inside.text(line, x: x + Self.pad, y: bottom, style: "d")
    }
    bottom += 7
    bottom = drawCores(&inside, x: x, y: bottom, room: room)
    bottom = drawChildren(&inside, x: x, y: bottom, room: room)
    let height = max(least, bottom - y)
    svg.rectangle(
      x: x, y: y, width: width, height: height, [("rx", "4"), ("fill", fill.rawValue), ("stroke", "#8a94a3")])
    svg.raw(inside.body)
    return height
  }

  private func drawCores(_ svg: inout SVG, x: Double, y: Double, room: Double) -> Double {
    guard !cores.isEmpty else { return y }
    let step = Self.coreSize + 2
    let columns = max(1, Int(room / step))
    for (index, kind) in cores.enumerated() {
      svg.rectangle(
        x: x + Self.pad + Double(index % columns) * step, y: y + Double(index / columns) * step, width: Self.coreSize,
        height: Self.coreSize, [("fill", Self.coreColors[min(kind, Self.coreColors.count - 1)])])
    }
    return y + Double((cores.count + columns - 1) / columns) * step + 6
  }

  private func drawChildren(_ svg: inout SVG, x: Double, y: Double, room: Double) -> Double {
    var bottom = y
    for start in stride(from: 0, to: children.count, by: max(1, columns)) {
      let row = children[start..<min(start + max(1, columns), children.count)]
      // A last row that is not full keeps the others' width, unless it is the only one.
      let count = Double(children.count <= columns ? row.count : columns)
      let each = (room - Self.gap * (count - 1)) / count
      let tallest = row.map { $0.height(each) }.max() ?? 0
      for (place, child) in row.enumerated() {
        child.draw(
          &svg, x: x + Self.pad + Double(place) * (each + Self.gap), y: bottom, width: each, least: tallest)
      }
      bottom += tallest + Self.gap
    }
    return bottom
  }
}
