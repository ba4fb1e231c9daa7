import Platform

/// What is the same in one content event after another of an answer: everything around the text.
///
/// An event whose bytes before and after its text equal those of one that was scanned holds the same fields, so it need
/// not be scanned again: comparing memory is several times faster than reading JSON.
struct EventTemplate {
  private var head: [UInt8] = []
  /// From the quote that closes the text.
  private var tail: [UInt8] = []
  private var fields = EventFields()
  /// Events with more around their text are scanned each.
  private static let most = 4096

  mutating func forget() {
    head.removeAll(keepingCapacity: true)
    tail.removeAll(keepingCapacity: true)
  }

  /// Keeps an event that was scanned, where its only content is one text.
  mutating func learn(_ fields: EventFields, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let range = fields.contentRange, !fields.hasError, bytes.count - range.count <= Self.most else { return }
    self.fields = fields
    forget()
    head.append(contentsOf: bytes[..<range.lowerBound])
    tail.append(contentsOf: bytes[range.upperBound...])
  }

  @inline(__always)
  private func isEqual(_ kept: UnsafeRawBufferPointer, _ bytes: UnsafePointer<UInt8>) -> Bool {
    guard let start = kept.baseAddress else { return true }
    return memcmp(bytes, start, kept.count) == 0
  }

  /// Returns the fields of an event that differs from the one kept in its text alone; nil for any other.
  @inline(__always)
  func match(_ bytes: UnsafeBufferPointer<UInt8>) -> EventFields? {
    let (start, end) = (head.count, bytes.count - tail.count)
    guard start > 0, start < end, let base = bytes.baseAddress else { return nil }
    let isSame =
      head.withUnsafeBytes { isEqual($0, base) } && tail.withUnsafeBytes { isEqual($0, base + end) }
    guard isSame else { return nil }
    var place = start
    while place < end {
      // A quote that is not escaped ends the text before its end; an escape takes the byte behind it along.
      if bytes[place] == UInt8(ascii: "\"") { return nil }
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place == end else { return nil }
    var found = fields
    found.contentRange = start..<end
    return found
  }
}
