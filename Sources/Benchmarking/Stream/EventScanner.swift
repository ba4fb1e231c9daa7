/// Finds the few fields that matter in a streamed chat or completions event, in one pass and without allocating.
///
/// It is no validator: of broken JSON it reports what it could read. Every access is inside the buffer given
/// (`index < bytes.count` is checked before each read), so bytes from a stranger can do no harm.
struct EventScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0
  /// The kinds of the open containers, four bits each, the innermost lowest.
  private var nodes: UInt64 = 0
  /// Which of the open containers are arrays, one bit each, the innermost lowest.
  private var arrays: UInt64 = 0
  private var depth = 0
  /// Containers that are open beyond the sixteenth: they are only counted, nothing in them is looked at.
  private var tooDeep = 0
  private var field = Field.other
  /// True where the event has choices: a message beside them is no refusal.
  private var hasChoices = false
  private var fields = EventFields()

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Returns what the event holds.
  static func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> EventFields {
    var scanner = EventScanner(bytes)
    scanner.run()
    var fields = scanner.fields
    // An event of nothing but words says why there is no more: `{"code": 500, "message": "..."}`.
    if fields.errorRange != nil, !scanner.hasChoices, fields.inputTokens == nil, fields.outputTokens == nil {
      fields.hasError = true
    }
    return fields
  }

  private mutating func run() {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""): string()
      case UInt8(ascii: "{"): open(isArray: false)
      case UInt8(ascii: "["): open(isArray: true)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        index += 1
        guard depth > 0 else { return }
        if tooDeep > 0 {
          tooDeep -= 1
          continue
        }
        depth -= 1
        nodes >>= 4
        arrays >>= 1
        field = .other
        if depth == 0 {
          fields.isComplete = true
          return
        }
      case UInt8(ascii: ","):
        index += 1
        if arrays & 1 == 0, tooDeep == 0 { field = .other }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): number()
      case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
        if isErrorsValue, bytes[index] == UInt8(ascii: "t") { fields.hasError = true }
        index += 1
        while index < bytes.count, case UInt8(ascii: "a")...UInt8(ascii: "z") = bytes[index] { index += 1 }
      default: index += 1
      }
    }
  }

  private static let mostDepth = 16

  private var node: Node {
    tooDeep > 0 ? .other : Node(rawValue: UInt8(truncatingIfNeeded: nodes & 15)) ?? .other
  }

  /// True where what comes is an error, or a member of one: all but nothing makes it one.
  private var isErrorsValue: Bool { tooDeep == 0 && (field == .error || node == .error) }

  private mutating func open(isArray: Bool) {
    index += 1
    guard depth < Self.mostDepth else {
      tooDeep += 1
      return
    }
    let child: Node
    if node == .error { fields.hasError = true }
    if depth == 0 {
      child = isArray ? .other : .root
    } else if arrays & 1 == 1 {
      child = node.element
    } else {
      child = field == .content && !isArray ? .contentPart : field.container
      if field == .thinking { markContent(isOutput: false) }
    }
    if depth > 0, arrays & 1 == 1 {
      if node == .toolCalls { markContent(isOutput: true) }
      if node == .reasoningDetails { markContent(isOutput: false) }
    }
    nodes = nodes << 4 | UInt64(child.rawValue)
    arrays = arrays << 1 | (isArray ? 1 : 0)
    depth += 1
    field = .other
  }

  private mutating func markContent(isOutput: Bool) {
    fields.hasContent = true
    if isOutput { fields.hasOutput = true }
  }

  private mutating func string() {
    let start = index + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else {
      index = bytes.count
      return
    }
    index = end + 1
    let place = node
    guard tooDeep == 0, place != .other, depth > 0 else { return }
    if arrays & 1 == 1 {
      if place == .error { take(start..<end, as: .error) }
      return
    }
    if field == .other, isKey() {
      // What these hold is said by their having a member at all: an empty object says nothing.
      if place == .functionCall { markContent(isOutput: true) }
      if place == .reasoningDetails { markContent(isOutput: false) }
      field = Field.named(bytes, start, end - start, in: place)
      if field == .choices { hasChoices = true }
      return
    }
    if place == .error, start < end { fields.hasError = true }
    take(start..<end, as: field)
  }

  /// Tells whether a colon follows, and steps over it.
  private mutating func isKey() -> Bool {
    var next = index
    // Where an event is spread over lines, a line's end stands between them.
    while next < bytes.count, case let byte = bytes[next], byte == 32 || byte == 9 || byte == 10 || byte == 13 {
      next += 1
    }
    guard next < bytes.count, bytes[next] == UInt8(ascii: ":") else { return false }
    index = next + 1
    return true
  }

  private mutating func take(_ range: Range<Int>, as field: Field) {
    switch field {
    case .content, .text, .partText:
      guard !range.isEmpty else { break }
      markContent(isOutput: true)
      fields.contentRange = range
    case .reasoning where !range.isEmpty, .thinking where !range.isEmpty: markContent(isOutput: false)
    case .wholeContent: fields.hasMessage = fields.hasMessage || !range.isEmpty
    case .finishReason: fields.finishRange = range
    case .error where !range.isEmpty:
      fields.hasError = true
      fields.errorRange = range
    case .message where !range.isEmpty: if fields.errorRange == nil { fields.errorRange = range }
    case .object: if Field.equal(bytes, range.lowerBound, range.count, "error") { fields.hasError = true }
    default: break
    }
    self.field = .other
  }

  private mutating func number() {
    var whole = 0
    var fraction = 0.0
    var scale = 1.0
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    while index < bytes.count, case let digit = bytes[index], digit >= 48, digit <= 57 {
      if whole < 1 << 56 { whole = whole * 10 + Int(digit - 48) }
      index += 1
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      while index < bytes.count, case let digit = bytes[index], digit >= 48, digit <= 57 {
        scale /= 10
        fraction += Double(digit - 48) * scale
        index += 1
      }
    }
    // An exponent in a count or a time of these servers does not occur; its digits are stepped over.
    while index < bytes.count, case let byte = bytes[index], byte | 32 == 101 || byte == 43 || byte == 45 { index += 1 }
    guard tooDeep == 0, arrays & 1 == 0 else { return }
    if isErrorsValue, whole != 0 || fraction != 0 { fields.hasError = true }
    if !isNegative, field != .other { store(whole, Double(whole) + fraction) }
    field = .other
  }

  /// No answer has more tokens; a greater count is a fault or a trap, and sums of it would overflow.
  private static let mostTokens = 1 << 32

  private mutating func store(_ whole: Int, _ value: Double) {
    guard whole <= Self.mostTokens else { return }
    switch field {
    case .promptTokens: fields.inputTokens = whole
    case .completionTokens: fields.outputTokens = whole
    case .reasoningTokens: fields.reasoningTokens = whole
    case .cachedTokens: fields.cachedTokens = whole
    case .promptCount: fields.timings.inputTokens = whole
    case .promptTime: fields.timings.inputSeconds = value / 1000
    case .predictedCount: fields.timings.outputTokens = whole
    case .predictedTime: fields.timings.outputSeconds = value / 1000
    case .cacheCount: fields.timings.cachedTokens = whole
    default: return
    }
    if field.isTiming { fields.hasTimings = true }
  }
}
