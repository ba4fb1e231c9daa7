/// A reading position in a header; every read is checked against the bytes that are there.
struct GGUFCursor {
  var offset = 0
  let isBigEndian: Bool
  /// Elements of arrays that were kept so far.
  var kept = 0

  /// Fails with `incomplete` where fewer than `count` bytes are left.
  func need(_ count: UInt64, of bytes: RawSpan) throws(ModelError) {
    let left = UInt64(bytes.byteCount - offset)
    guard count <= left else {
      let (end, overflow) = UInt64(offset).addingReportingOverflow(count)
      guard !overflow, let needed = Int(exactly: end), needed <= GGUFLimit.headerBytes else {
        throw .malformed(format: "GGUF", offset: offset, cause: "a length of \(count) bytes")
      }
      throw .incomplete(needed: needed, have: bytes.byteCount)
    }
  }

  mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ bytes: RawSpan
  ) throws(ModelError) -> Value {
    try need(UInt64(MemoryLayout<Value>.size), of: bytes)
    // Sound: the bounds were checked above, and every bit pattern is a valid integer.
    let raw = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
    offset += MemoryLayout<Value>.size
    return isBigEndian ? Value(bigEndian: raw) : Value(littleEndian: raw)
  }

  /// Reads a length, which must leave room for that many elements of `unit` bytes in a file of sane size.
  mutating func readLength(_ bytes: RawSpan) throws(ModelError) -> Int {
    let start = offset
    let value = try read(UInt64.self, bytes)
    guard value <= UInt64(GGUFLimit.headerBytes) else {
      throw .malformed(format: "GGUF", offset: start, cause: "a length of \(value)")
    }
    return Int(value)
  }

  /// Moves on without looking at the bytes.
  mutating func skip(_ count: Int, _ bytes: RawSpan) throws(ModelError) {
    try need(UInt64(count), of: bytes)
    offset += count
  }

  /// Reads a length and that many bytes as text, repairing invalid UTF-8.
  mutating func readString(_ bytes: RawSpan, limit: Int) throws(ModelError) -> String {
    let start = offset
    let length = try readLength(bytes)
    guard length <= limit else {
      throw .malformed(format: "GGUF", offset: start, cause: "a text of \(length) bytes where \(limit) are allowed")
    }
    try need(UInt64(length), of: bytes)
    let text = bytes.text(offset, length)
    offset += length
    return text
  }
}

extension RawSpan {
  /// Returns a checked range of bytes as text, repairing invalid UTF-8.
  func text(_ offset: Int, _ length: Int) -> String {
    extracting(offset..<offset + length).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// What a header may hold at most; far above any real model, far below what would hurt.
enum GGUFLimit {
  /// The longest header: vocabularies of a million long tokens stay below 64 MiB.
  static let headerBytes = 1 << 30
  static let keys = 65_536
  static let tensors = 1 << 18
  static let keyLength = 65_535
  static let nameLength = 1024
  static let textLength = 16 << 20
  static let keptNumbers = 4096
  static let keptStrings = 64
  /// Over all arrays of a header together.
  static let keptElements = 1 << 20
  static let dimensions = 4
  /// No tensor is a pebibyte.
  static let tensorBytes = 1 << 50
}
