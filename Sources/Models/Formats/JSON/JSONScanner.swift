/// Reads JSON from bytes, piece by piece or whole, with every index checked.
///
/// Safetensors headers of a trillion parameters are tens of megabytes of JSON: callers that know the form read it
/// member by member and build no tree.
struct JSONScanner {
  var offset = 0
  /// True where a key that appears twice ends the reading; else the last one counts, as in Python.
  var refusesRepeatedKeys = false

  private static let depthLimit = 64
  /// Values that may be built; the configurations of real models have some ten thousand.
  private var budget = 1 << 20

  private func byte(_ bytes: RawSpan) throws(ModelError) -> UInt8 {
    guard offset < bytes.byteCount else { throw .incomplete(needed: bytes.byteCount + 1, have: bytes.byteCount) }
    return bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// Returns the next byte that is no white space, without taking it.
  mutating func peek(_ bytes: RawSpan) throws(ModelError) -> UInt8 {
    while true {
      let next = try byte(bytes)
      guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 else { return next }
      offset += 1
    }
  }

  /// Takes the given byte after white space.
  mutating func take(_ expected: Unicode.Scalar, _ bytes: RawSpan) throws(ModelError) {
    let next = try peek(bytes)
    guard next == UInt8(ascii: expected) else { throw malformed("\(expected) expected") }
    offset += 1
  }

  /// Checks that only white space follows.
  mutating func end(_ bytes: RawSpan) throws(ModelError) {
    while offset < bytes.byteCount {
      let next = try byte(bytes)
      guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 || next == 0 else {
        throw malformed("text after the document")
      }
      offset += 1
    }
  }

  /// Steps to the next member of an object that was entered by taking its brace; nil at its end.
  mutating func nextKey(_ bytes: RawSpan, isFirst: inout Bool) throws(ModelError) -> String? {
    if try peek(bytes) == UInt8(ascii: "}") {
      offset += 1
      return nil
    }
    if !isFirst { try take(",", bytes) }
    isFirst = false
    let key = try string(bytes)
    try take(":", bytes)
    return key
  }

  /// Steps to the next element of an array that was entered by taking its bracket; false at its end.
  mutating func nextElement(_ bytes: RawSpan, isFirst: inout Bool) throws(ModelError) -> Bool {
    if try peek(bytes) == UInt8(ascii: "]") {
      offset += 1
      return false
    }
    if !isFirst { try take(",", bytes) }
    isFirst = false
    return true
  }

  /// Reads a text with its quotes.
  mutating func string(_ bytes: RawSpan) throws(ModelError) -> String {
    try take("\"", bytes)
    let start = offset
    while true {
      let next = try byte(bytes)
      if next == UInt8(ascii: "\"") { break }
      if next == UInt8(ascii: "\\") { return try escapedString(bytes, start: start) }
      offset += 1
    }
    let text = bytes.text(start, offset - start)
    offset += 1
    return text
  }

  private mutating func escapedString(_ bytes: RawSpan, start: Int) throws(ModelError) -> String {
    var units: [UInt8] = []
    for index in start..<offset { units.append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
    while true {
      let next = try byte(bytes)
      offset += 1
      if next == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
      guard next == UInt8(ascii: "\\") else {
        units.append(next)
        continue
      }
      let escape = try byte(bytes)
      offset += 1
      switch escape {
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "u"): units += Array(String(try escapedScalar(bytes)).utf8)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(escape)
      default: throw malformed("an unknown escape")
      }
    }
  }

  private mutating func escapedScalar(_ bytes: RawSpan) throws(ModelError) -> Character {
    let high = try hexadecimal(bytes)
    if (0xD800..<0xDC00).contains(high), offset + 1 < bytes.byteCount, try byte(bytes) == UInt8(ascii: "\\") {
      offset += 2
      let low = try hexadecimal(bytes)
      guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
      return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)).map { Character($0) } ?? "\u{FFFD}"
    }
    return Unicode.Scalar(high).map { Character($0) } ?? "\u{FFFD}"
  }

  private mutating func hexadecimal(_ bytes: RawSpan) throws(ModelError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit = Character(Unicode.Scalar(try byte(bytes))).hexDigitValue
      guard let digit else { throw malformed("an escape without digits") }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  /// Reads any value into memory.
  mutating func value(_ bytes: RawSpan, depth: Int) throws(ModelError) -> JSONValue {
    guard depth < Self.depthLimit else { throw malformed("more than \(Self.depthLimit) levels") }
    budget -= 1
    guard budget > 0 else { throw malformed("more values than a configuration has") }
    var isFirst = true
    switch try peek(bytes) {
    case UInt8(ascii: "{"):
      offset += 1
      var members: [String: JSONValue] = [:]
      while let key = try nextKey(bytes, isFirst: &isFirst) {
        let earlier = members.updateValue(try value(bytes, depth: depth + 1), forKey: key)
        guard earlier == nil || !refusesRepeatedKeys else {
          throw malformed("the key \(key.prefix(80)) appears twice")
        }
      }
      return .object(members)
    case UInt8(ascii: "["):
      offset += 1
      var elements: [JSONValue] = []
      while try nextElement(bytes, isFirst: &isFirst) { elements.append(try value(bytes, depth: depth + 1)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string(bytes))
    default: return try word(bytes)
    }
  }

  /// Reads a number or a word.
  private mutating func word(_ bytes: RawSpan) throws(ModelError) -> JSONValue {
    let start = offset
    while offset < bytes.byteCount {
      let next = try byte(bytes)
      let isPart =
        (0x30...0x39).contains(next) || (0x41...0x5A).contains(next) || (0x61...0x7A).contains(next) || next == 0x2B
        || next == 0x2D || next == 0x2E
      guard isPart, offset - start < 64 else { break }
      offset += 1
    }
    let text = bytes.text(start, offset - start)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    // Python writes these three, which JSON does not have.
    case "null", "NaN": return .null
    case "Infinity": return .number(.infinity)
    case "-Infinity": return .number(-.infinity)
    default:
      if let integer = Int(text) { return .integer(integer) }
      guard let number = Double(text) else { throw malformed("\(text) is not a value") }
      return .number(number)
    }
  }

  func malformed(_ cause: String) -> ModelError { .malformed(format: "JSON", offset: offset, cause: cause) }

  /// Reads a whole number that is not negative.
  mutating func count(_ bytes: RawSpan) throws(ModelError) -> Int {
    _ = try peek(bytes)
    let start = offset
    var total = 0
    while offset < bytes.byteCount {
      let digit = try byte(bytes)
      guard (0x30...0x39).contains(digit) else { break }
      let (tens, over) = total.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(Int(digit - 0x30))
      guard !over, !overflow else { throw malformed("a number over 2^63") }
      total = sum
      offset += 1
    }
    guard offset > start else { throw malformed("a whole number expected") }
    return total
  }
}
