/// Lines of comma-separated values (RFC 4180), each as its cells.
struct CSVCells: IteratorProtocol {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  mutating func next() -> [String]? {
    guard !rest.isEmpty else { return nil }
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    while let byte = rest.popFirst() {
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          cell.append(byte)
        } else if rest.first == UInt8(ascii: "\"") {
          cell.append(byte)
          rest = rest.dropFirst()
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isQuoted = true
      case UInt8(ascii: ","):
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      case 10:
        cells.append(String(decoding: cell, as: UTF8.self))
        return cells
      case 13: break
      default: cell.append(byte)
      }
    }
    cells.append(String(decoding: cell, as: UTF8.self))
    return cells
  }
}
