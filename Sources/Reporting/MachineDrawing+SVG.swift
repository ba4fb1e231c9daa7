import Hardware
import Units

extension MachineDrawing {
  private enum Size {
    static let gap = 8
    static let head = 40
    static let width = 272
    static let columns = 4
    /// Widths of a letter that few words exceed in usual fonts: plain, and bold.
    static let letter = 7
    static let boldLetter = 8
  }

  /// A box with its place on the sheet.
  private struct Placed {
    var box: Box
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var children: [Placed] = []
  }

  /// The drawing as an SVG document of its own, readable in light and dark surroundings.
  public func svg() -> String {
    let placed = place(root, x: Size.gap, y: Size.gap)
    let width = max(placed.width + 2 * Size.gap, 480)
    let notes = linkLines.flatMap { wrapped($0, (width - 2 * Size.gap) / Size.letter) }
    let height = placed.height + 2 * Size.gap + notes.count * 18 + (notes.isEmpty ? 0 : Size.gap)
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" "
        + "font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">",
      "<title>\(escaped("Topology of \(root.title)"))</title>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
    ]
    draw(placed, into: &parts)
    for (index, note) in notes.enumerated() {
      let y = placed.height + 2 * Size.gap + 14 + index * 18
      parts.append("<text x=\"\(Size.gap)\" y=\"\(y)\" fill=\"#333333\">\(escaped(note))</text>")
    }
    parts.append("</svg>")
    return parts.joined(separator: "\n")
  }

  /// Breaks a line between words; lines after the first are indented.
  private func wrapped(_ text: String, _ room: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < room {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(lines.isEmpty ? String(word) : "\u{2003}\(word)")
      }
    }
    return lines
  }

  /// Leaves stand in rows of four; boxes with boxes in them take a row of their own each, or stand two abreast.
  private func place(_ box: Box, x: Int, y: Int) -> Placed {
    var placed = Placed(box: box, x: x, y: y, width: Size.width, height: Size.head)
    var top = y + Size.head
    var left = x + Size.gap
    var rowHeight = 0
    var column = 0
    for child in box.children {
      let columns = child.children.isEmpty ? Size.columns : 2
      if column >= columns {
        (left, top, rowHeight, column) = (x + Size.gap, top + rowHeight + Size.gap, 0, 0)
      }
      let inner = place(child, x: left, y: top)
      placed.children.append(inner)
      left += inner.width + Size.gap
      rowHeight = max(rowHeight, inner.height)
      placed.width = max(placed.width, left - x)
      column += 1
    }
    if !box.children.isEmpty { placed.height = top + rowHeight + Size.gap - y }
    return placed
  }

  private func draw(_ placed: Placed, into parts: inout [String]) {
    let fill: String
    switch placed.box.role {
    case .machine: fill = "#f6f7f9"
    case .node, .memory: fill = "#e3edf7"
    case .cores: fill = "#ffffff"
    case .cache: fill = "#f1ede3"
    case .accelerator: fill = "#dff0df"
    }
    parts.append(
      "<rect x=\"\(placed.x)\" y=\"\(placed.y)\" width=\"\(placed.width)\" height=\"\(placed.height)\" rx=\"4\" "
        + "fill=\"\(fill)\" stroke=\"#8a94a3\"/>")
    func text(_ content: String, _ y: Int, _ letter: Int, _ style: String) {
      guard !content.isEmpty else { return }
      let room = max(4, (placed.width - 16) / letter)
      let short = content.count > room ? String(content.prefix(room - 1)) + "\u{2026}" : content
      parts.append("<text x=\"\(placed.x + 8)\" y=\"\(placed.y + y)\" \(style)>\(escaped(short))</text>")
    }
    text(placed.box.title, 16, Size.boldLetter, "fill=\"#1b1f24\" font-weight=\"600\"")
    text(placed.box.detail, 32, Size.letter, "fill=\"#4a5361\"")
    for child in placed.children { draw(child, into: &parts) }
  }
}
