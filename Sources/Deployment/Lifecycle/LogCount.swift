import Platform

/// Counts the lines of a log that hold certain words in order, in pieces of a MiB.
struct LogCount: Sendable {
  let words: [String]
  /// A longer log is not counted: it would take longer than `ps` may.
  private static let limit = 512 << 20

  /// Returns the number of lines; nil where the file can't be read or is too long.
  func count(in path: String) -> Int? {
    guard let size = fileSize(path), size <= Self.limit else { return nil }
    var lines = 0
    var offset = 0
    var rest: [UInt8] = []
    while offset < size {
      guard let bytes = readRange(path, from: offset, count: 1 << 20), !bytes.isEmpty else { break }
      offset += bytes.count
      rest += bytes
      let end = rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      // A line without an end is kept for the next piece, unless it is longer than any line of an engine.
      lines += matches(in: rest[..<end])
      rest.removeFirst(end)
      if rest.count > 1 << 20 { rest = [] }
    }
    return lines
  }

  private func matches(in bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { block in
      var found = 0
      var position = 0
      while position < block.count, let first = block.find(words[0], from: position) {
        let end = block.find("\n", from: first) ?? block.count
        var place = first
        let isWhole = words.dropFirst().allSatisfy { word in
          guard let next = block.find(word, from: place), next < end else { return false }
          place = next
          return true
        }
        if isWhole { found += 1 }
        position = end + 1
      }
      return found
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The offset of the next occurrence of a word, by the C library's search.
  fileprivate func find(_ word: String, from start: Int) -> Int? {
    guard start < count, let base = baseAddress else { return nil }
    let text = Array(word.utf8)
    var position = start
    while position + text.count <= count,
      let hit = memchr(base + position, Int32(text[0]), count - position - text.count + 1)
    {
      let offset = UnsafeRawPointer(hit) - base
      if memcmp(base + offset, text, text.count) == 0 { return offset }
      position = offset + 1
    }
    return nil
  }
}
