/// Reads the entries of a zip archive in memory.
enum ZipReader {
  /// Returns the tree that the archive holds, by its central directory; each member is held against its checksum.
  ///
  /// - Parameter limit: the most bytes of content, all members together.
  /// - Throws: `ArchiveRefusal`, before anything is unpacked where the directory itself states too much.
  static func tree(_ bytes: [UInt8], limit: Int) throws(ArchiveRefusal) -> ArchiveTree {
    func number(_ offset: Int, _ count: Int) -> Int {
      guard offset >= 0, offset + count <= bytes.count else { return 0 }
      return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    // The end record is 22 bytes and a comment of at most 65535.
    let first = max(0, bytes.count - 22 - 65535)
    guard bytes.count >= 22,
      let end = stride(from: bytes.count - 22, through: first, by: -1).first(where: { number($0, 4) == 0x0605_4b50 })
    else { throw .damaged }
    var tree = ArchiveTree(bytes)
    var offset = number(end + 16, 4)
    var left = Inflate.most(of: bytes.count, limit: limit)
    for _ in 0..<number(end + 10, 2) {
      guard number(offset, 4) == 0x0201_4b50, offset + 46 <= bytes.count else { break }
      let nameLength = number(offset + 28, 2)
      guard offset + 46 + nameLength <= bytes.count else { break }
      let name = String(decoding: bytes[(offset + 46)..<(offset + 46 + nameLength)], as: UTF8.self)
      let place = number(offset + 42, 4)
      let packed = number(offset + 20, 4)
      let start = place + 30 + number(place + 26, 2) + number(place + 28, 2)
      let mode = number(offset + 38, 4) >> 16
      if name.hasSuffix("/") {
        tree.addFolder(name)
      } else if start + packed <= bytes.count {
        let method = number(offset + 10, 2)
        let data = bytes[start..<(start + packed)]
        let size = number(offset + 24, 4)
        guard size <= left else { throw .tooLarge }
        guard method == 0 || method == 8 else { throw .damaged }
        let content = method == 0 ? Array(data) : try Inflate.inflate(data, limit: size)
        guard content.count == size, Inflate.checksum(content) == UInt32(number(offset + 16, 4)) else { throw .damaged }
        left -= size
        // A symbolic link is a file whose content is its target.
        if mode & 0o170000 == 0o120000 {
          tree.addLink(name, String(decoding: content.prefix(4096), as: UTF8.self))
        } else {
          tree.addFile(name, content: content)
        }
      }
      offset += 46 + nameLength + number(offset + 30, 2) + number(offset + 32, 2)
    }
    return tree
  }
}
