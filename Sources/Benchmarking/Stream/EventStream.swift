import Platform

/// Cuts a server-sent event stream into events, over any split of its bytes, and scans each.
///
/// Lines end in LF, CRLF or CR, and a byte order mark before the first is skipped, as the standard has it. Comments and
/// unknown fields are stepped over. An event that is spread over several `data:` lines is joined and read once, at the
/// empty line that ends it. `[DONE]` ends the stream: what follows is not looked at. Bytes are copied only where a line
/// or a value is cut by the end of a read.
struct EventStream {
  /// The longest line or joined event that is kept over reads; a longer one ends the stream as broken.
  static let lineLimit = 16 << 20

  private enum LineEnd { case unknown, lineFeed, carriageReturn }

  /// The start of a line whose end has not come yet.
  private var carry: [UInt8] = []
  /// `data:` lines of an event whose JSON is not complete yet.
  private var partial: [UInt8] = []
  private var template = EventTemplate()
  private var lineEnd = LineEnd.unknown
  private var isErrorEvent = false
  private(set) var isDone = false
  private(set) var malformed = 0
  /// The beginning of the last `data:` that was no JSON: words of a server that failed, most often.
  private(set) var strayText: [UInt8] = []
  private(set) var isOverLimit = false
  /// Whole `data:` events seen, `[DONE]` included.
  private(set) var events = 0

  /// Readies it for another stream; buffers are kept where they are small.
  mutating func reset() {
    carry.removeAll(keepingCapacity: carry.capacity < 65536)
    partial.removeAll(keepingCapacity: partial.capacity < 65536)
    template.forget()
    strayText.removeAll(keepingCapacity: true)
    lineEnd = .unknown
    (isErrorEvent, isDone, isOverLimit) = (false, false, false)
    (malformed, events) = (0, 0)
  }

  /// True where it has seen no byte of an event.
  var isUntouched: Bool { events == 0 && malformed == 0 && carry.isEmpty && partial.isEmpty && !isOverLimit }

  /// Takes the bytes of one read and calls the body with each event's fields and its text.
  @inline(__always)
  mutating func consume(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard let base = bytes.baseAddress, !isOverLimit, !isDone else { return }
    if lineEnd == .unknown, isHeldLine(before: bytes) {
      carry.removeLast()
      carriedLine(body)
    }
    let mark: Int32 = lineEnd == .carriageReturn ? 13 : 10
    var start = 0
    while start < bytes.count, !isDone {
      guard let found = memchr(base + start, mark, bytes.count - start) else { break }
      let end = base.distance(to: found.assumingMemoryBound(to: UInt8.self))
      if carry.isEmpty {
        line(UnsafeBufferPointer(start: base + start, count: end - start), body)
      } else {
        carry.append(contentsOf: UnsafeBufferPointer(start: base + start, count: end - start))
        carriedLine(body)
      }
      start = end + 1
    }
    guard start < bytes.count, !isDone else { return }
    if carry.count + bytes.count - start > Self.lineLimit {
      isOverLimit = true
      carry = []
    } else {
      carry.append(contentsOf: UnsafeBufferPointer(start: base + start, count: bytes.count - start))
    }
  }

  /// Takes the end of the stream: a last line without its end still counts.
  mutating func finish(_ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void) {
    guard !isDone else { return }
    if !carry.isEmpty { carriedLine(body) }
    joined(body)
  }

  /// Learns from the first line how lines end: in CR alone where one comes before any LF and no LF follows it.
  ///
  /// Returns true where the CR was the last byte of the read before, so that a whole line is carried.
  private mutating func isHeldLine(before bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if carry.last == 13 {
      lineEnd = bytes.first == 10 ? .lineFeed : .carriageReturn
      return lineEnd == .carriageReturn
    }
    for place in bytes.indices {
      if bytes[place] == 10 {
        lineEnd = .lineFeed
        return false
      }
      if bytes[place] == 13, place + 1 < bytes.count {
        lineEnd = bytes[place + 1] == 10 ? .lineFeed : .carriageReturn
        return false
      }
    }
    return false
  }

  private mutating func carriedLine(_ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void) {
    var whole: [UInt8] = []
    swap(&whole, &carry)
    whole.withUnsafeBufferPointer { line($0, body) }
    whole.removeAll(keepingCapacity: whole.capacity < 65536)
    swap(&whole, &carry)
  }

  private mutating func line(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var bytes = bytes
    if events == 0, bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      bytes = UnsafeBufferPointer(rebasing: bytes.dropFirst(3))
    }
    var count = bytes.count
    if count > 0, bytes[count - 1] == 13 { count -= 1 }
    guard count > 0, let base = bytes.baseAddress else {
      joined(body)
      isErrorEvent = false
      return
    }
    var start = 5
    if count < 5 || memcmp(base, "data:", 5) != 0 {
      if count >= 11, memcmp(base, "event:", 6) == 0 {
        isErrorEvent = Field.equal(bytes, count - 5, 5, "error")
      }
      // llama.cpp's servers sent errors in a field of their own for years.
      guard count > 6, memcmp(base, "error:", 6) == 0 else { return }
      isErrorEvent = true
      start = 6
    }
    if start < count, bytes[start] == 32 { start += 1 }
    data(UnsafeBufferPointer(start: base + start, count: count - start), body)
  }

  private mutating func data(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    if let fields = template.match(bytes), partial.isEmpty, !isErrorEvent {
      events += 1
      body(fields, bytes)
      return
    }
    if Self.isEnd(bytes) {
      isDone = true
      events += 1
      return
    }
    guard partial.isEmpty else {
      partial.append(10)
      partial.append(contentsOf: bytes)
      if partial.count > Self.lineLimit { isOverLimit = true }
      return
    }
    let fields = EventScanner.scan(bytes)
    if fields.isComplete {
      template.learn(fields, bytes)
      deliver(fields, bytes, body)
    } else if bytes.first == UInt8(ascii: "{") {
      partial.append(contentsOf: bytes)
    } else {
      takeStray(bytes, body)
    }
  }

  /// Tells whether an event is `[DONE]`, with or without blanks around it.
  private static func isEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count >= 6, bytes.count <= 64 else { return false }
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
    while start < end, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
    return Field.equal(bytes, start, end - start, "[DONE]")
  }

  /// Takes an event that is no JSON: of an event named `error` it is the error's text.
  private mutating func takeStray(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard !isErrorEvent else {
      var fields = EventFields()
      if !bytes.isEmpty { fields.errorRange = 0..<bytes.count }
      return deliver(fields, bytes, body)
    }
    malformed += 1
    // An event that was cut is no text of its own.
    guard let first = bytes.first, first != UInt8(ascii: "{") else { return }
    strayText.removeAll(keepingCapacity: true)
    strayText.append(contentsOf: bytes.prefix(ErrorText.limit))
  }

  /// Reads the event whose lines were collected, where there are any.
  private mutating func joined(_ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void) {
    guard !partial.isEmpty else { return }
    var whole: [UInt8] = []
    swap(&whole, &partial)
    whole.withUnsafeBufferPointer { bytes in
      let fields = EventScanner.scan(bytes)
      if fields.isComplete { deliver(fields, bytes, body) } else { takeStray(bytes, body) }
    }
  }

  private mutating func deliver(
    _ fields: EventFields, _ bytes: UnsafeBufferPointer<UInt8>,
    _ body: (EventFields, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var fields = fields
    events += 1
    if isErrorEvent { fields.hasError = true }
    body(fields, bytes)
  }
}
