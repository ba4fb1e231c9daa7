import Platform

/// Cuts a server-sent event stream into events, over any split of its bytes, and scans each.
///
/// Lines end in LF or CRLF. Comments and unknown fields are stepped over. An event that is spread over several
/// `data:` lines is joined. Bytes are copied only where a line or a value is cut by the end of a read.
struct EventStream {
  /// The longest line that is kept over reads; a longer one ends the stream as broken.
  static let lineLimit = 16 << 20

  /// The start of a line whose end has not come yet.
  private var carry: [UInt8] = []
  /// `data:` lines of an event whose JSON is not complete yet.
  private var partial: [UInt8] = []
  private var isErrorEvent = false
  private(set) var isDone = false
  private(set) var malformed = 0
  private(set) var isOverLimit = false
  /// Whole `data:` events seen, `[DONE]` included.
  private(set) var events = 0

  /// Takes the bytes of one read and calls the body with each event's fields and its text.
  mutating func consume(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard let base = bytes.baseAddress, !isOverLimit else { return }
    var start = 0
    while start < bytes.count {
      guard let found = memchr(base + start, 10, bytes.count - start) else { break }
      let end = base.distance(to: found.assumingMemoryBound(to: UInt8.self))
      if carry.isEmpty {
        line(UnsafeBufferPointer(start: base + start, count: end - start), body)
      } else {
        carry.append(contentsOf: UnsafeBufferPointer(start: base + start, count: end - start))
        var whole: [UInt8] = []
        swap(&whole, &carry)
        whole.withUnsafeBufferPointer { line($0, body) }
        whole.removeAll(keepingCapacity: whole.capacity < 65536)
        swap(&whole, &carry)
      }
      start = end + 1
    }
    guard start < bytes.count else { return }
    if carry.count + bytes.count - start > Self.lineLimit {
      isOverLimit = true
      carry = []
    } else {
      carry.append(contentsOf: UnsafeBufferPointer(start: base + start, count: bytes.count - start))
    }
  }

  /// Takes the end of the stream: a last line without its end still counts.
  mutating func finish(_ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void) {
    guard !carry.isEmpty else { return }
    let whole = carry
    carry = []
    whole.withUnsafeBufferPointer { line($0, body) }
    if !partial.isEmpty { malformed += 1 }
    partial = []
  }

  private mutating func line(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var count = bytes.count
    if count > 0, bytes[count - 1] == 13 { count -= 1 }
    guard count > 0, let base = bytes.baseAddress else {
      if !partial.isEmpty {
        malformed += 1
        partial = []
      }
      isErrorEvent = false
      return
    }
    guard count >= 5, memcmp(base, "data:", 5) == 0 else {
      if count >= 11, memcmp(base, "event:", 6) == 0 {
        isErrorEvent = Field.equal(bytes, count - 5, 5, "error")
      }
      return
    }
    var start = 5
    if start < count, bytes[start] == 32 { start += 1 }
    data(UnsafeBufferPointer(start: base + start, count: count - start), body)
  }

  private mutating func data(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    if Field.equal(bytes, 0, bytes.count, "[DONE]") {
      isDone = true
      events += 1
      return
    }
    guard partial.isEmpty else {
      partial.append(10)
      partial.append(contentsOf: bytes)
      let whole = partial
      whole.withUnsafeBufferPointer { deliver($0, body) }
      return
    }
    deliver(bytes, body)
  }

  private mutating func deliver(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var fields = EventScanner.scan(bytes)
    guard fields.isComplete else {
      if partial.isEmpty, bytes.count <= Self.lineLimit, bytes.first == UInt8(ascii: "{") {
        partial.append(contentsOf: bytes)
      } else if partial.count > Self.lineLimit {
        isOverLimit = true
      } else if partial.isEmpty {
        malformed += 1
      }
      return
    }
    partial = []
    events += 1
    if isErrorEvent { fields.hasError = true }
    body(fields, bytes)
  }
}
