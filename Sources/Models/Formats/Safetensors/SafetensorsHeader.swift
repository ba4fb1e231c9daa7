/// The header of a safetensors file.
struct SafetensorsHeader: Sendable {
  struct Entry: Sendable, Hashable {
    var name: String
    var type: String
    /// In the file's order: the contiguous dimension last.
    var shape: [Int]
    /// The range inside the data, which the header says and which must fit the shape.
    var start: Int
    var end: Int
  }

  var entries: [Entry] = []
  var metadata: [String: String] = [:]
  var dataOffset: Int

  /// The longest header that the reference implementation takes.
  static let lengthLimit = 100_000_000

  /// Where the file must end at least.
  var fileEnd: Int { dataOffset + (entries.map(\.end).max() ?? 0) }

  /// Reads a header from the first bytes of a file; `incomplete` says how many are needed.
  init(parsing bytes: RawSpan) throws(ModelError) {
    guard bytes.byteCount >= 8 else { throw .incomplete(needed: 8, have: bytes.byteCount) }
    let length = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
    guard length <= UInt64(Self.lengthLimit) else {
      throw .malformed(format: "safetensors", offset: 0, cause: "a header of \(length) bytes")
    }
    dataOffset = 8 + Int(length)
    guard bytes.byteCount >= dataOffset else { throw .incomplete(needed: dataOffset, have: bytes.byteCount) }
    let header = bytes.extracting(8..<dataOffset)
    var scanner = JSONScanner()
    do throws(ModelError) {
      try scanner.take("{", header)
      var isFirst = true
      while let name = try scanner.nextKey(header, isFirst: &isFirst) {
        if name == "__metadata__" {
          let members = try scanner.value(header, depth: 1).object ?? [:]
          metadata = members.compactMapValues(\.string)
        } else {
          guard entries.count < 1 << 20 else { throw scanner.malformed("more than a million tensors") }
          entries.append(try Self.entry(name, &scanner, header))
        }
      }
      try scanner.end(header)
    } catch .incomplete {
      throw .malformed(format: "safetensors", offset: dataOffset, cause: "the header's JSON does not end")
    }
  }

  private static func entry(
    _ name: String, _ scanner: inout JSONScanner, _ bytes: RawSpan
  ) throws(ModelError) -> Entry {
    var entry = Entry(name: name, type: "", shape: [], start: 0, end: -1)
    var isFirst = true
    try scanner.take("{", bytes)
    while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
      switch key {
      case "dtype": entry.type = try scanner.string(bytes)
      case "shape": entry.shape = try counts(&scanner, bytes)
      case "data_offsets":
        let offsets = try counts(&scanner, bytes)
        guard offsets.count == 2 else { throw scanner.malformed("\(name) needs two offsets") }
        (entry.start, entry.end) = (offsets[0], offsets[1])
      default: _ = try scanner.value(bytes, depth: 2)
      }
    }
    guard entry.end >= entry.start, entry.end <= 1 << 60 else { throw scanner.malformed("\(name) has no place") }
    if let width = width(of: entry.type) {
      var bits = width
      for length in entry.shape {
        let (product, overflow) = bits.multipliedReportingOverflow(by: length)
        guard !overflow else { throw scanner.malformed("\(name) is too large") }
        bits = product
      }
      guard bits / 8 == entry.end - entry.start || (bits + 7) / 8 == entry.end - entry.start else {
        throw scanner.malformed("\(name) has \(entry.end - entry.start) bytes where its shape needs \(bits / 8)")
      }
    }
    return entry
  }

  private static func counts(_ scanner: inout JSONScanner, _ bytes: RawSpan) throws(ModelError) -> [Int] {
    var counts: [Int] = []
    var isFirst = true
    try scanner.take("[", bytes)
    while try scanner.nextElement(bytes, isFirst: &isFirst) {
      guard counts.count < 16 else { throw scanner.malformed("more than 16 dimensions") }
      counts.append(try scanner.count(bytes))
    }
    return counts
  }

  /// Bits of one element; nil for a type that is not known, whose bytes are then taken from the offsets alone.
  static func width(of type: String) -> Int? {
    switch type {
    case "F64", "I64", "U64", "C64": 64
    case "F32", "I32", "U32": 32
    case "F16", "BF16", "I16", "U16": 16
    case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
    case "F6_E2M3", "F6_E3M2": 6
    case "F4", "F4_E2M1": 4
    default: nil
    }
  }
}
