extension GGUFHeader {
  /// Reads one value with its type in front.
  static func value(_ cursor: inout GGUFCursor, _ bytes: RawSpan) throws(ModelError) -> GGUFValue {
    let at = cursor.offset
    let type = try cursor.read(UInt32.self, bytes)
    switch type {
    case 8: return .string(try cursor.readString(bytes, limit: GGUFLimit.textLength))
    case 9: return .array(try array(&cursor, bytes, depth: 0))
    case 7: return .bool(try cursor.read(UInt8.self, bytes) != 0)
    case 6, 12: return .number(try scalar(type, &cursor, bytes))
    case 10:
      let value = try cursor.read(UInt64.self, bytes)
      return Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
    case 11: return .integer(Int(try cursor.read(Int64.self, bytes)))
    default:
      guard width(of: type) != nil else {
        throw .malformed(format: "GGUF", offset: at, cause: "a value of the unknown type \(type)")
      }
      return .integer(Int(try scalar(type, &cursor, bytes)))
    }
  }

  /// Bytes of one scalar; nil for texts, arrays and unknown types.
  private static func width(of type: UInt32) -> Int? {
    switch type {
    case 0, 1, 7: 1
    case 2, 3: 2
    case 4, 5, 6: 4
    case 10, 11, 12: 8
    default: nil
    }
  }

  private static func scalar(_ type: UInt32, _ cursor: inout GGUFCursor, _ bytes: RawSpan) throws(ModelError) -> Double
  {
    switch type {
    case 0: Double(try cursor.read(UInt8.self, bytes))
    case 1: Double(try cursor.read(Int8.self, bytes))
    case 2: Double(try cursor.read(UInt16.self, bytes))
    case 3: Double(try cursor.read(Int16.self, bytes))
    case 4: Double(try cursor.read(UInt32.self, bytes))
    case 5: Double(try cursor.read(Int32.self, bytes))
    case 6: Double(Float(bitPattern: try cursor.read(UInt32.self, bytes)))
    case 7: try cursor.read(UInt8.self, bytes) != 0 ? 1 : 0
    case 10: Double(try cursor.read(UInt64.self, bytes))
    case 11: Double(try cursor.read(Int64.self, bytes))
    case 12: Double(bitPattern: try cursor.read(UInt64.self, bytes))
    default: throw .malformed(format: "GGUF", offset: cursor.offset, cause: "a value of the unknown type \(type)")
    }
  }

  private static func array(
    _ cursor: inout GGUFCursor, _ bytes: RawSpan, depth: Int
  ) throws(ModelError) -> GGUFArray {
    let at = cursor.offset
    let type = try cursor.read(UInt32.self, bytes)
    let count = try cursor.readLength(bytes)
    var array = GGUFArray(count: count, offset: cursor.offset, byteCount: 0)
    if let width = width(of: type) {
      let (length, overflow) = count.multipliedReportingOverflow(by: width)
      guard !overflow else { throw .malformed(format: "GGUF", offset: at, cause: "an array of \(count)") }
      if count <= GGUFLimit.keptNumbers, cursor.kept + count <= GGUFLimit.keptElements {
        cursor.kept += count
        var numbers: [Double] = []
        for _ in 0..<count { numbers.append(try scalar(type, &cursor, bytes)) }
        array.numbers = numbers
      } else {
        try cursor.skip(length, bytes)
      }
    } else if type == 8, count <= GGUFLimit.keptStrings {
      var strings: [String] = []
      for _ in 0..<count { strings.append(try cursor.readString(bytes, limit: GGUFLimit.textLength)) }
      array.strings = strings
    } else if type == 8 {
      try skipStrings(&cursor, bytes, count: count)
    } else if type == 9, depth < 2 {
      for _ in 0..<count { _ = try self.array(&cursor, bytes, depth: depth + 1) }
    } else {
      throw .malformed(format: "GGUF", offset: at, cause: "an array of the unknown type \(type)")
    }
    array.byteCount = cursor.offset - array.offset
    return array
  }

  /// Steps over texts without copying them; the loop that a vocabulary of 150,000 tokens spends its time in.
  private static func skipStrings(_ cursor: inout GGUFCursor, _ bytes: RawSpan, count: Int) throws(ModelError) {
    for _ in 0..<count {
      let length = try cursor.read(UInt64.self, bytes)
      try cursor.need(length, of: bytes)
      cursor.offset += Int(length)
    }
  }
}
