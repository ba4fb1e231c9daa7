/// One element of an XML document.
struct XMLElement {
  var name: String
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  /// The text directly inside, joined.
  var text = ""

  subscript(attribute: String) -> String? { attributes[attribute] }

  /// The first child of that name.
  func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The text of a child, trimmed; nil where it is missing or means "not known".
  func value(_ path: String...) -> String? {
    var element: XMLElement? = self
    for name in path { element = element?.child(name) }
    return MachineText.known(element?.text)
  }
}

/// Why a text is no XML that can be read.
struct XMLError: Error, Hashable, CustomStringConvertible {
  var offset: Int
  var cause: String

  var description: String { "not readable as XML at byte \(offset): \(cause)" }
}

/// Reads XML into a tree, for files from strangers.
///
/// A document type is skipped and its entities are not defined, nothing is fetched, and depth and number of elements are
/// bounded. Namespaces are part of the names.
struct XMLReader {
  private static let maximumDepth = 256
  private static let maximumElements = 1_000_000

  private let bytes: [UInt8]
  private var offset = 0
  private var count = 0

  /// Returns the root element.
  ///
  /// - Throws: `XMLError`.
  static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
    var reader = XMLReader(bytes: bytes)
    return try reader.document()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func document() throws(XMLError) -> XMLElement {
    var open: [XMLElement] = []
    while offset < bytes.count {
      guard bytes[offset] == UInt8(ascii: "<") else {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "<") { offset += 1 }
        if !open.isEmpty { open[open.count - 1].text += Self.unescaped(bytes[start..<offset]) }
        continue
      }
      if try skipsMarkup(&open) { continue }
      if starts("</") {
        try endTag()
        guard let done = open.popLast() else { throw error("an end without a beginning") }
        if open.isEmpty { return done }
        open[open.count - 1].children.append(done)
        continue
      }
      let (element, isEmpty) = try startTag()
      if !isEmpty {
        open.append(element)
        guard open.count <= Self.maximumDepth else { throw error("nested too deeply") }
      } else if open.isEmpty {
        return element
      } else {
        open[open.count - 1].children.append(element)
      }
    }
    throw error("the end of the file inside the document")
  }

  /// Skips comments, instructions and the document type; keeps a CDATA section as text.
  private mutating func skipsMarkup(_ open: inout [XMLElement]) throws(XMLError) -> Bool {
    if starts("<!--") {
      try skip(past: "-->")
    } else if starts("<![CDATA[") {
      let start = offset + 9
      try skip(past: "]]>")
      if !open.isEmpty, offset - 3 >= start {
        open[open.count - 1].text += String(decoding: bytes[start..<(offset - 3)], as: UTF8.self)
      }
    } else if starts("<?") {
      try skip(past: "?>")
    } else if starts("<!") {
      try skipDocumentType()
    } else {
      return false
    }
    return true
  }

  private mutating func skipDocumentType() throws(XMLError) {
    var depth = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: "<") || byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "]") { depth -= 1 }
      if depth == 0 { return }
    }
    throw error("a document type without an end")
  }

  private mutating func startTag() throws(XMLError) -> (XMLElement, isEmpty: Bool) {
    offset += 1
    count += 1
    guard count <= Self.maximumElements else { throw error("too many elements") }
    var element = XMLElement(name: try name())
    while true {
      skipSpace()
      guard offset < bytes.count else { throw error("the end of the file inside a tag") }
      if starts("/>") {
        offset += 2
        return (element, true)
      }
      if bytes[offset] == UInt8(ascii: ">") {
        offset += 1
        return (element, false)
      }
      let key = try name()
      skipSpace()
      guard starts("=") else { throw error("an attribute without a value") }
      offset += 1
      skipSpace()
      element.attributes[key] = try quoted()
      guard element.attributes.count <= 1024 else { throw error("too many attributes") }
    }
  }

  private mutating func endTag() throws(XMLError) {
    offset += 2
    _ = try name()
    skipSpace()
    guard starts(">") else { throw error("an end tag that does not end") }
    offset += 1
  }

  private mutating func name() throws(XMLError) -> String {
    let start = offset
    while offset < bytes.count, Self.isNameByte(bytes[offset]) { offset += 1 }
    guard offset > start, offset - start <= 256 else { throw error("a name was expected") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func quoted() throws(XMLError) -> String {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") || bytes[offset] == UInt8(ascii: "'") else {
      throw error("a value without quotes")
    }
    let quote = bytes[offset]
    offset += 1
    let start = offset
    while offset < bytes.count, bytes[offset] != quote { offset += 1 }
    guard offset < bytes.count else { throw error("a value without an end") }
    offset += 1
    return Self.unescaped(bytes[start..<(offset - 1)])
  }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[offset]) { offset += 1 }
  }

  private mutating func skip(past end: StaticString) throws(XMLError) {
    while offset < bytes.count {
      if starts(end) {
        offset += end.utf8CodeUnitCount
        return
      }
      offset += 1
    }
    throw error("a comment or section without an end")
  }

  private func starts(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard offset + length <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[offset..<(offset + length)]) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (0x30...0x3a).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private func error(_ cause: String) -> XMLError { XMLError(offset: offset, cause: cause) }

  /// Replaces the five named entities and character numbers; anything else stays as it is.
  private static func unescaped(_ slice: ArraySlice<UInt8>) -> String {
    let text = String(decoding: slice, as: UTF8.self)
    guard text.contains("&") else { return text }
    var result = ""
    var rest = Substring(text)
    let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      rest = rest[start...]
      guard let end = rest.prefix(12).firstIndex(of: ";") else {
        result.append("&")
        rest.removeFirst()
        continue
      }
      let entity = String(rest[rest.index(after: start)..<end])
      let scalar = entity.hasPrefix("#x") ? UInt32(entity.dropFirst(2), radix: 16) : UInt32(entity.dropFirst(1))
      if let character = named[entity] {
        result += character
      } else if entity.hasPrefix("#"), let scalar, let unicode = Unicode.Scalar(scalar) {
        result.unicodeScalars.append(unicode)
      } else {
        result += rest[start...end]
      }
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
