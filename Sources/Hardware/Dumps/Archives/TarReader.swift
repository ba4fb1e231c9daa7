/// Reads the entries of a tar archive in memory: old, POSIX and GNU forms.
enum TarReader {
  /// Returns the tree that the archive holds; entries after the first malformed header are left out.
  static func tree(_ bytes: [UInt8]) -> ArchiveTree {
    var tree = ArchiveTree(bytes)
    var offset = 0
    var longName: String?
    var longTarget: String?
    while offset + 512 <= bytes.count, tree.count < ArchiveTree.maximumEntries {
      let header = offset
      guard bytes[header] != 0, hasChecksum(bytes, header), let size = number(bytes, header + 124, 12), size >= 0,
        size <= bytes.count - header - 512
      else { break }
      let content = (header + 512)..<(header + 512 + size)
      offset = header + 512 + (size + 511) / 512 * 512
      switch bytes[header + 156] {
      case UInt8(ascii: "L"): longName = text(bytes, content)
      case UInt8(ascii: "K"): longTarget = text(bytes, content)
      case UInt8(ascii: "x"): (longName, longTarget) = extended(bytes, content)
      case UInt8(ascii: "g"): continue
      case let type:
        let name = longName ?? fullName(bytes, header)
        let target = longTarget ?? text(bytes, (header + 157)..<(header + 257))
        (longName, longTarget) = (nil, nil)
        add(&tree, type, name: name, target: target, content: content)
      }
    }
    return tree
  }

  /// True where the bytes begin like a tar archive.
  static func isTar(_ bytes: [UInt8]) -> Bool { bytes.count >= 512 && bytes[0] != 0 && hasChecksum(bytes, 0) }

  private static func add(_ tree: inout ArchiveTree, _ type: UInt8, name: String, target: String, content: Range<Int>) {
    switch type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): tree.addFile(name, content)
    case UInt8(ascii: "1"): tree.addLink(name, "/" + target)
    case UInt8(ascii: "2"): tree.addLink(name, target)
    case UInt8(ascii: "5"): tree.addFolder(name)
    // Devices, pipes and what later versions add have no place in a dump.
    default: break
    }
  }

  private static func hasChecksum(_ bytes: [UInt8], _ header: Int) -> Bool {
    guard let stated = number(bytes, header + 148, 8) else { return false }
    var sum = 0
    for index in 0..<512 { sum += (148..<156).contains(index) ? 32 : Int(bytes[header + index]) }
    return sum == stated
  }

  /// Numbers are octal text, or big-endian bytes where the first has its high bit set.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ length: Int) -> Int? {
    let field = bytes[offset..<(offset + length)]
    if bytes[offset] & 0x80 != 0 {
      guard field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
      return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == 32 }.prefix { $0 >= 48 && $0 < 56 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range.prefix(65536)].prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func fullName(_ bytes: [UInt8], _ header: Int) -> String {
    let name = text(bytes, header..<(header + 100))
    let isPOSIX = bytes[(header + 257)..<(header + 263)].elementsEqual("ustar\0".utf8)
    let prefix = isPOSIX ? text(bytes, (header + 345)..<(header + 500)) : ""
    return prefix.isEmpty ? name : "\(prefix)/\(name)"
  }

  /// Records of the POSIX extended header: length, key, value.
  private static func extended(_ bytes: [UInt8], _ range: Range<Int>) -> (name: String?, target: String?) {
    var name: String?
    var target: String?
    for line in String(decoding: bytes[range.prefix(1 << 20)], as: UTF8.self).split(separator: "\n") {
      guard let space = line.firstIndex(of: " "), let (key, value) = MachineText.pair(line[space...], separator: "=")
      else { continue }
      if key == "path" { name = value }
      if key == "linkpath" { target = value }
    }
    return (name, target)
  }
}
