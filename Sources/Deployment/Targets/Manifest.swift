/// A document in YAML, keys in the order in which they were given.
indirect enum Manifest: Hashable, Sendable {
  case map([Entry])
  case list([Manifest])
  case text(String)
  case number(Int)
  case flag(Bool)

  struct Entry: Hashable, Sendable {
    var key: String
    var value: Manifest
  }

  /// Writes the document; text is quoted wherever YAML could take it for something else.
  func yaml() -> String { lines().joined(separator: "\n") + "\n" }

  private func lines() -> [String] {
    switch self {
    case .map(let entries) where !entries.isEmpty:
      return entries.flatMap { entry -> [String] in
        let key = Self.scalar(entry.key)
        if let inline = entry.value.inline { return ["\(key): \(inline)"] }
        if case .list = entry.value { return ["\(key):"] + entry.value.lines() }
        return ["\(key):"] + entry.value.lines().map { "  \($0)" }
      }
    case .list(let items) where !items.isEmpty:
      return items.flatMap { item -> [String] in
        if let inline = item.inline { return ["- \(inline)"] }
        let inner = item.lines()
        return ["- \(inner[0])"] + inner.dropFirst().map { "  \($0)" }
      }
    default: return [inline ?? "null"]
    }
  }

  private var inline: String? {
    switch self {
    case .text(let text): Self.scalar(text)
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .map(let entries): entries.isEmpty ? "{}" : nil
    case .list(let items): items.isEmpty ? "[]" : nil
    }
  }

  private static func scalar(_ text: String) -> String {
    let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    let first = text.unicodeScalars.first
    let isPlain =
      first.map { ("a"..."z").contains($0) || ("A"..."Z").contains($0) || $0 == "/" } ?? false
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || "-_./@".utf8.contains($0)
      }
    if isPlain, !words.contains(text.lowercased()) { return text }
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        "\\x" + hexadecimalByte(UInt8(scalar.value))
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

private func hexadecimalByte(_ byte: UInt8) -> String {
  let digits = Array("0123456789abcdef")
  return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
}

extension Manifest: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
  init(dictionaryLiteral elements: (String, Manifest)...) {
    self = .map(elements.map { Entry(key: $0.0, value: $0.1) })
  }
  init(arrayLiteral elements: Manifest...) { self = .list(elements) }
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .flag(value) }

  init(_ pairs: [(String, Manifest)]) { self = .map(pairs.map { Entry(key: $0.0, value: $0.1) }) }
  init(texts: [String]) { self = .list(texts.map { .text($0) }) }
}
