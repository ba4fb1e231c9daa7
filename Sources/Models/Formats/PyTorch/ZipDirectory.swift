/// The central directory of a zip archive: names, sizes and places, without unpacking anything.
struct ZipDirectory: Sendable {
  struct Entry: Sendable, Hashable {
    var name: String
    var method: UInt16
    var storedSize: Int
    var size: Int
    /// Where the entry's own header stands, which its data follow.
    var headerOffset: Int
  }

  var entries: [Entry] = []

  private static let entryLimit = 1 << 20

  init(parsing bytes: RawSpan) throws(ModelError) {
    let end = try Self.findEnd(bytes)
    var count = UInt64(try Self.read(UInt16.self, bytes, at: end + 10))
    var offset = UInt64(try Self.read(UInt32.self, bytes, at: end + 16))
    // Archives over 4 GiB have a second end record, named by a locator right in front of the first.
    if end >= 20, try Self.read(UInt32.self, bytes, at: end - 20) == 0x0706_4b50 {
      let place = Int(clamping: try Self.read(UInt64.self, bytes, at: end - 12))
      guard try Self.read(UInt32.self, bytes, at: place) == 0x0606_4b50 else { throw Self.broken(end) }
      count = try Self.read(UInt64.self, bytes, at: place + 32)
      offset = try Self.read(UInt64.self, bytes, at: place + 48)
    }
    guard count <= UInt64(Self.entryLimit) else { throw Self.broken(end) }
    var position = Int(clamping: offset)
    for _ in 0..<count { entries.append(try Self.entry(bytes, at: &position)) }
  }

  /// Returns where an entry's data lie, for entries that are stored as they are.
  func data(of entry: Entry, in bytes: RawSpan) throws(ModelError) -> Range<Int> {
    guard entry.method == 0 else {
      throw .unsupported(format: "PyTorch", cause: "\(entry.name) is compressed, which torch.save never does")
    }
    let at = entry.headerOffset
    let name = Int(try Self.read(UInt16.self, bytes, at: at + 26))
    let extra = Int(try Self.read(UInt16.self, bytes, at: at + 28))
    let start = at + 30 + name + extra
    guard entry.size >= 0, start <= bytes.byteCount, entry.size <= bytes.byteCount - start else {
      throw .incomplete(needed: start, have: bytes.byteCount)
    }
    return start..<start + entry.size
  }

  private static func broken(_ offset: Int) -> ModelError {
    .malformed(format: "zip", offset: offset, cause: "the directory is inconsistent")
  }

  private static func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ bytes: RawSpan, at offset: Int
  ) throws(ModelError) -> Value {
    guard offset >= 0, offset <= bytes.byteCount - MemoryLayout<Value>.size else { throw broken(offset) }
    return Value(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// Looks backwards for the end record, which a comment of up to 64 KiB may follow.
  private static func findEnd(_ bytes: RawSpan) throws(ModelError) -> Int {
    var offset = bytes.byteCount - 22
    let least = max(0, offset - 65_535)
    while offset >= least {
      if try read(UInt32.self, bytes, at: offset) == 0x0605_4b50 { return offset }
      offset -= 1
    }
    throw .malformed(format: "zip", offset: bytes.byteCount, cause: "there is no directory at its end")
  }

  private static func entry(_ bytes: RawSpan, at position: inout Int) throws(ModelError) -> Entry {
    guard try read(UInt32.self, bytes, at: position) == 0x0201_4b50 else { throw broken(position) }
    let nameLength = Int(try read(UInt16.self, bytes, at: position + 28))
    let extraLength = Int(try read(UInt16.self, bytes, at: position + 30))
    let commentLength = Int(try read(UInt16.self, bytes, at: position + 32))
    var sizes = [
      UInt64(try read(UInt32.self, bytes, at: position + 24)), UInt64(try read(UInt32.self, bytes, at: position + 20)),
      UInt64(try read(UInt32.self, bytes, at: position + 42)),
    ]
    let nameStart = position + 46
    guard nameLength + extraLength <= bytes.byteCount - nameStart else { throw broken(position) }
    try widen(&sizes, bytes, from: nameStart + nameLength, length: extraLength)
    let values = sizes.map { Int(clamping: $0) }
    defer { position = nameStart + nameLength + extraLength + commentLength }
    return Entry(
      name: bytes.text(nameStart, nameLength), method: try read(UInt16.self, bytes, at: position + 10),
      storedSize: values[1], size: values[0], headerOffset: values[2])
  }

  /// Replaces 32-bit fields that are full by those of the extra field for large archives.
  private static func widen(
    _ sizes: inout [UInt64], _ bytes: RawSpan, from start: Int, length: Int
  ) throws(ModelError) {
    var at = start
    while at + 4 <= start + length {
      let kind = try read(UInt16.self, bytes, at: at)
      let size = Int(try read(UInt16.self, bytes, at: at + 2))
      if kind == 1 {
        var field = at + 4
        for index in sizes.indices where sizes[index] == 0xffff_ffff && field + 8 <= at + 4 + size {
          sizes[index] = try read(UInt64.self, bytes, at: field)
          field += 8
        }
      }
      at += 4 + size
    }
  }
}
