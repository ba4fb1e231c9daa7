/// Writes and reads JSON strings as bytes.
enum JSONText {
  private static let hex = Array("0123456789abcdef".utf8)

  /// Appends text as a JSON string with its quotes.
  static func append(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    let isDone: Void? = text.withContiguousStorageIfAvailable { append(runsOf: $0, to: &out) }
    if isDone == nil { Array(text).withUnsafeBufferPointer { append(runsOf: $0, to: &out) } }
    out.append(UInt8(ascii: "\""))
  }

  /// Appends runs of plain bytes at once: prompts are long, and escapes in them rare.
  private static func append(runsOf bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
    var start = 0
    for place in bytes.indices where isEscaped(bytes[place]) {
      out.append(contentsOf: bytes[start..<place])
      start = place + 1
      switch bytes[place] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), bytes[place]]
      case 10: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case let byte:
        out += Array("\\u00".utf8)
        out += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    out.append(contentsOf: bytes[start...])
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Returns the text of a JSON string that is given without its quotes.
  ///
  /// Broken escapes are kept as they stand; half a surrogate pair becomes the replacement character.
  static func unescaped(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    var units: [UInt16] = []
    var rest = bytes[...]
    func flush() {
      guard !units.isEmpty else { return }
      out += String(decoding: units, as: UTF16.self).utf8
      units = []
    }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
        flush()
        out.append(byte)
        continue
      }
      if kind == UInt8(ascii: "u"), rest.count >= 4,
        let unit = UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16)
      {
        rest = rest.dropFirst(4)
        units.append(unit)
        continue
      }
      flush()
      switch kind {
      case UInt8(ascii: "n"): out.append(10)
      case UInt8(ascii: "t"): out.append(9)
      case UInt8(ascii: "r"): out.append(13)
      case UInt8(ascii: "b"): out.append(8)
      case UInt8(ascii: "f"): out.append(12)
      default: out.append(kind)
      }
    }
    flush()
    return out
  }
}
