/// Checks names that come from a server or a file before they become paths.
enum HubName {
  /// True for a relative path without any way out: no `..`, no empty or absolute parts, no NUL, backslash or control
  /// character, no drive letter, and no part that a file system could not hold.
  static func isSafePath(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count <= 1024 else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isSafePart)
  }

  private static func isSafePart(_ part: Substring) -> Bool {
    !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
      && part.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\\" && !(0x7F...0x9F).contains($0.value) }
      && !(part.utf8.count == 2 && part.hasSuffix(":"))
  }

  /// True for `org/name` or the old `name`, in the Hub's own alphabet.
  static func isRepository(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        (1...96).contains(part.utf8.count) && part.utf8.allSatisfy(isNameByte) && part.first != "." && part.first != "-"
          && !part.contains("..") && !part.contains("--")
      }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || byte == 0x2d || byte == 0x2e || byte == 0x5f
  }

  /// True for the 40 hexadecimal digits of a commit or a git object.
  static func isCommit(_ text: String) -> Bool { text.utf8.count == 40 && isHexadecimal(text) }

  /// True for an etag that may become a file's name: a SHA-1 or SHA-256 in lower case.
  static func isEtag(_ text: String) -> Bool { [40, 64].contains(text.utf8.count) && isHexadecimal(text) }

  private static func isHexadecimal(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Strips what HTTP puts around an etag.
  static func etag(_ header: String) -> String {
    let bare = header.hasPrefix("W/") ? header.dropFirst(2) : header[...]
    return String(bare.filter { $0 != "\"" })
  }

  /// Reads one part of an address, with its percent signs; nil where they are no text.
  static func decoded(_ part: Substring) -> String? {
    var out: [UInt8] = []
    var rest = part.utf8
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        out.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      out.append(high << 4 | low)
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// Percent-encodes a path or revision for an address; slashes stay where asked.
  static func encoded(_ text: String, keepingSlashes: Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      let isPlain = isNameByte(byte) || byte == 0x7e || (keepingSlashes && byte == 0x2f)
      if isPlain { out.append(byte) } else { out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
