/// Reads a pickle's opcodes as data. Nothing is imported, called or built; what would be is described.
///
/// Depth and count of values are limited, so that a hostile file of a few bytes cannot grow or nest without end.
struct PickleReader {
  /// A value with the depth of its nesting, which frees of deep values would recurse by.
  private struct Slot {
    var value: PickleValue
    var depth: Int
  }

  private var stack: [Slot] = []
  private var marks: [Int] = []
  private var memo: [Int: Slot] = [:]
  private var offset = 0
  private var budget = 1 << 20
  private var copies = 32 << 20
  /// Names that loading would import, each once.
  private(set) var globals: Set<String> = []

  private static let depthLimit = 64
  private static let lengthLimit = 64 << 20

  /// Reads to the stop opcode and returns the value on top.
  mutating func read(_ bytes: RawSpan) throws(ModelError) -> PickleValue {
    guard bytes.byteCount <= Self.lengthLimit else { throw malformed("a pickle of \(bytes.byteCount) bytes") }
    while true {
      let opcode = try byte(bytes)
      if opcode == UInt8(ascii: ".") { return try pop().value }
      if try readPlain(opcode, bytes) { continue }
      if try readText(opcode, bytes) { continue }
      if try readContainer(opcode) { continue }
      try readOther(opcode, bytes)
    }
  }

  private func malformed(_ cause: String) -> ModelError { .malformed(format: "pickle", offset: offset, cause: cause) }

  private mutating func byte(_ bytes: RawSpan) throws(ModelError) -> UInt8 {
    guard offset < bytes.byteCount else { throw malformed("it ends without a stop") }
    defer { offset += 1 }
    return bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  private mutating func number(_ count: Int, _ bytes: RawSpan) throws(ModelError) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(try byte(bytes)) << UInt64(8 * index) }
    return value
  }

  private mutating func take(_ length: UInt64, _ bytes: RawSpan) throws(ModelError) -> Range<Int> {
    guard length <= UInt64(bytes.byteCount - offset) else { throw malformed("a length of \(length)") }
    defer { offset += Int(length) }
    return offset..<offset + Int(length)
  }

  private mutating func line(_ bytes: RawSpan) throws(ModelError) -> String {
    let start = offset
    while try byte(bytes) != 0x0A {}
    return bytes.text(start, offset - start - 1)
  }

  private mutating func push(_ value: PickleValue, depth: Int = 0) throws(ModelError) {
    budget -= 1
    guard budget > 0 else { throw malformed("more values than a checkpoint has") }
    guard depth < Self.depthLimit else { throw malformed("more than \(Self.depthLimit) levels") }
    stack.append(Slot(value: value, depth: depth))
  }

  private mutating func pop() throws(ModelError) -> Slot {
    guard stack.count > (marks.last ?? 0), let slot = stack.popLast() else { throw malformed("a value is missing") }
    return slot
  }

  /// Takes everything above the last mark.
  private mutating func popToMark() throws(ModelError) -> [Slot] {
    guard let mark = marks.popLast() else { throw malformed("a mark is missing") }
    let slots = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return slots
  }

  private func depth(_ slots: [Slot]) -> Int { 1 + (slots.map(\.depth).max() ?? 0) }

  /// Numbers, truths and nothing.
  private mutating func readPlain(_ opcode: UInt8, _ bytes: RawSpan) throws(ModelError) -> Bool {
    switch opcode {
    case UInt8(ascii: "N"): try push(.none)
    case 0x88, 0x89: try push(.bool(opcode == 0x88))
    case UInt8(ascii: "K"): try push(.integer(Int(try byte(bytes))))
    case UInt8(ascii: "M"): try push(.integer(Int(try number(2, bytes))))
    case UInt8(ascii: "J"):
      try push(.integer(Int(Int32(truncatingIfNeeded: try number(4, bytes)))))
    case 0x8A:
      let length = Int(try byte(bytes))
      guard length <= 8 else { throw malformed("a number of \(length) bytes") }
      let raw = try number(length, bytes)
      let shift = UInt64(64 - 8 * length)
      try push(.integer(length == 0 ? 0 : Int(Int64(bitPattern: raw << shift) >> Int64(shift))))
    case UInt8(ascii: "G"): try push(.number(Double(bitPattern: try number(8, bytes).byteSwapped)))
    case UInt8(ascii: "I"):
      let text = try line(bytes)
      try push(text == "01" ? .bool(true) : text == "00" ? .bool(false) : .integer(Int(text) ?? 0))
    default: return false
    }
    return true
  }

  /// Texts, bytes and names.
  private mutating func readText(_ opcode: UInt8, _ bytes: RawSpan) throws(ModelError) -> Bool {
    switch opcode {
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try pushText(try take(try number(4, bytes), bytes), bytes)
    case 0x8C, UInt8(ascii: "U"): try pushText(try take(UInt64(try byte(bytes)), bytes), bytes)
    case 0x8D: try pushText(try take(try number(8, bytes), bytes), bytes)
    case UInt8(ascii: "B"): try push(.bytes(try take(try number(4, bytes), bytes).count))
    case UInt8(ascii: "C"): try push(.bytes(try take(UInt64(try byte(bytes)), bytes).count))
    case 0x8E: try push(.bytes(try take(try number(8, bytes), bytes).count))
    case UInt8(ascii: "c"):
      let module = try line(bytes)
      try pushGlobal("\(module).\(try line(bytes))")
    case 0x93:
      let name = try pop().value.text ?? "?"
      try pushGlobal("\(try pop().value.text ?? "?").\(name)")
    default: return false
    }
    return true
  }

  private mutating func pushText(_ range: Range<Int>, _ bytes: RawSpan) throws(ModelError) {
    try push(.text(bytes.text(range.lowerBound, range.count)))
  }

  private mutating func pushGlobal(_ name: String) throws(ModelError) {
    if globals.count < 1000 { globals.insert(String(name.prefix(200))) }
    try push(.global(name))
  }

  /// Tuples, lists and dictionaries.
  private mutating func readContainer(_ opcode: UInt8) throws(ModelError) -> Bool {
    switch opcode {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), 0x8F: try push(.list([]))
    case UInt8(ascii: "}"): try push(.dictionary([]))
    case UInt8(ascii: "t"), UInt8(ascii: "l"), 0x91:
      let slots = try popToMark()
      try push(.list(slots.map(\.value)), depth: depth(slots))
    case UInt8(ascii: "d"):
      let slots = try popToMark()
      try push(.dictionary(slots.map(\.value)), depth: depth(slots))
    case 0x85, 0x86, 0x87:
      var slots: [Slot] = []
      for _ in 0...(opcode - 0x85) { slots.insert(try pop(), at: 0) }
      try push(.list(slots.map(\.value)), depth: depth(slots))
    case UInt8(ascii: "a"), UInt8(ascii: "e"), 0x90:
      try append(opcode == UInt8(ascii: "a") ? [try pop()] : try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try append([try pop(), value])
    case UInt8(ascii: "u"): try append(try popToMark())
    default: return false
    }
    return true
  }

  /// Adds to the container on top.
  private mutating func append(_ slots: [Slot]) throws(ModelError) {
    var target = try pop()
    let added = slots.map(\.value)
    // Growing copies what is there, so growth in many small steps is paid for by length.
    func grown(_ values: [PickleValue]) throws(ModelError) -> [PickleValue] {
      copies -= values.count
      guard copies > 0 else { throw malformed("a container that grows in too many steps") }
      return values + added
    }
    switch target.value {
    case .list(let values): target.value = .list(try grown(values))
    case .dictionary(let values): target.value = .dictionary(try grown(values))
    // An ordered dictionary is the call of a class; its members are kept in place of its arguments.
    case .call(let function, .list(let arguments)):
      target.value = .call(function: function, arguments: .list(try grown(arguments)))
    default: break
    }
    try push(target.value, depth: max(target.depth, depth(slots)))
  }

  /// Calls, references and framing.
  private mutating func readOther(_ opcode: UInt8, _ bytes: RawSpan) throws(ModelError) {
    switch opcode {
    case 0x80: _ = try byte(bytes)
    case 0x95: _ = try number(8, bytes)
    case UInt8(ascii: "q"): try remember(Int(try byte(bytes)))
    case UInt8(ascii: "r"): try remember(Int(try number(4, bytes)))
    case 0x94: try remember(memo.count)
    case UInt8(ascii: "h"): try recall(Int(try byte(bytes)))
    case UInt8(ascii: "j"): try recall(Int(try number(4, bytes)))
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"):
      let top = try pop()
      stack.append(top)
      try push(top.value, depth: top.depth)
    case UInt8(ascii: "Q"):
      let slot = try pop()
      try push(.persistent(slot.value), depth: slot.depth + 1)
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      let function = try pop()
      try push(
        .call(function: function.value, arguments: arguments.value), depth: 1 + max(arguments.depth, function.depth))
    case UInt8(ascii: "b"): _ = try pop()
    default: throw malformed("the opcode \(opcode) is not one that checkpoints use")
    }
  }

  private mutating func remember(_ index: Int) throws(ModelError) {
    guard let top = stack.last, memo.count < 1 << 20 else { throw malformed("nothing to remember") }
    memo[index] = top
  }

  private mutating func recall(_ index: Int) throws(ModelError) {
    guard let slot = memo[index] else { throw malformed("nothing was remembered as \(index)") }
    try push(slot.value, depth: slot.depth)
  }
}
