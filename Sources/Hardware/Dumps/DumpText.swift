/// A dump as a text, with the forms of it that readers ask for.
struct DumpText {
  var path: String
  var bytes: [UInt8]
  var text: String
  var lines: [Substring]
  /// The root, where the text is XML.
  var xml: XMLElement?
  var json: JSONValue?

  /// The most bytes of one file that are read.
  static let limit = 64 << 20

  init(path: String, bytes: [UInt8]) throws(DumpError) {
    self.path = path
    self.bytes = bytes
    let decoded = Self.decode(bytes)
    // Escapes that colour a terminal are no part of the text, and carriage returns only end lines.
    text = Self.withoutQuoting(Self.withoutEscapes(decoded))
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = text.utf8.first {
      !($0 == 0x20 || (0x09...0x0d).contains($0) || $0 == 0xef || $0 == 0xbb || $0 == 0xbf)
    }
    if first == UInt8(ascii: "<") {
      do { xml = try XMLReader.read(Array(text.utf8)) } catch {
        throw .unreadable(path: path, cause: error.description)
      }
    } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      json = JSONValue.read(Array(text.utf8))
    }
  }

  /// Text that was copied out of a thread or a mail has a `>` before every line.
  private static func withoutQuoting(_ text: String) -> String {
    guard text.utf8.first == UInt8(ascii: ">") else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.allSatisfy({ $0.isEmpty || $0.hasPrefix(">") }) else { return text }
    return lines.map { line in line.hasPrefix("> ") ? line.dropFirst(2) : line.dropFirst() }.joined(separator: "\n")
  }

  /// Windows tools write UTF-16.
  private static func decode(_ bytes: [UInt8]) -> String {
    guard bytes.starts(with: [0xff, 0xfe]) else { return String(decoding: bytes, as: UTF8.self) }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    return String(decoding: units, as: UTF16.self)
  }

  private static func withoutEscapes(_ text: String) -> String {
    guard text.utf8.contains(0x1b) || text.utf8.contains(0x0d) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    var escaping = false
    for byte in text.utf8 {
      if escaping {
        // An escape ends with its first letter.
        if (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) { escaping = false }
      } else if byte == 0x1b {
        escaping = true
      } else if byte != 0x0d {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Reads one kind of dump; told from all others by its content.
protocol DumpReader: Sendable {
  /// The kind in a few words, for `inputs`.
  static var kind: String { get }
  /// Returns what the text tells, or nil where it is not of this kind.
  static func read(_ dump: DumpText) throws(DumpError) -> Findings?
}
