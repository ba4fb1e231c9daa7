/// Writes the bodies of requests.
struct RequestComposer: Sendable {
  private let target: BenchmarkTarget
  private let head: [UInt8]
  private let fixedOutputLength: Bool
  private let setsLength: Bool
  /// The member that limits the answer's length, up to its number.
  private let limit: StaticString

  /// Members that the user gives replace ours of the same name.
  init(target: BenchmarkTarget, settings: BenchmarkSettings) {
    self.target = target
    let given = target.extraBody
    fixedOutputLength = settings.fixedOutputLength && given["ignore_eos"] == nil
    setsLength = given["max_tokens"] == nil && given["max_completion_tokens"] == nil
    limit = target.outputLimit == .maxTokens ? ",\"max_tokens\":" : ",\"max_completion_tokens\":"
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    func add(_ name: String, _ value: some Sequence<UInt8>) {
      guard given[name] == nil else { return }
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(name.utf8, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      bytes += value
    }
    var model: [UInt8] = []
    JSONText.append(target.model.utf8, to: &model)
    add("model", model)
    add("stream", "true".utf8)
    let options = settings.countsPerChunk ? ",\"continuous_usage_stats\":true" : ""
    add("stream_options", "{\"include_usage\":true\(options)}".utf8)
    if settings.countsPerChunk { add("timings_per_token", "true".utf8) }
    if let temperature = settings.temperature { add("temperature", "\(temperature)".utf8) }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(name.utf8, to: &bytes)
      bytes += Array(":\(value)".utf8)
    }
    head = bytes
  }

  /// Returns the body of one turn, with the turns and real answers before it as history.
  func body(of conversation: Conversation, turn: Int, answers: [String]) -> [UInt8] {
    var bytes = head
    let text = conversation.turns[turn].text
    bytes.reserveCapacity(bytes.count + text.utf8.count + 256)
    if let length = conversation.turns[turn].outputTokens, setsLength {
      bytes.append(limit)
      bytes.append(decimal: length)
      if fixedOutputLength {
        bytes.append(",\"ignore_eos\":true,\"min_tokens\":")
        bytes.append(decimal: length)
      }
    }
    switch target.api {
    case .chat:
      bytes.append(",\"messages\":[")
      if let system = conversation.system { message("system", system, to: &bytes, isLast: false) }
      for past in 0..<turn {
        message("user", conversation.turns[past].text, to: &bytes, isLast: false)
        message("assistant", past < answers.count ? answers[past] : "", to: &bytes, isLast: false)
      }
      message("user", text, to: &bytes, isLast: true)
      bytes.append("]}")
    case .completions:
      bytes.append(",\"prompt\":")
      var prompt = conversation.system.map { $0 + "\n" } ?? ""
      for past in 0..<turn {
        prompt += conversation.turns[past].text + "\n" + (past < answers.count ? answers[past] : "") + "\n"
      }
      JSONText.append((prompt + text).utf8, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    return bytes
  }

  private func message(_ role: StaticString, _ text: String, to bytes: inout [UInt8], isLast: Bool) {
    bytes.append("{\"role\":\"")
    bytes.append(role)
    bytes.append("\",\"content\":")
    JSONText.append(text.utf8, to: &bytes)
    bytes.append(isLast ? "}" : "},")
  }
}

extension [UInt8] {
  /// Appends text without making a string or an array of it.
  fileprivate mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a number in decimal digits.
  fileprivate mutating func append(decimal number: Int) { append(contentsOf: "\(number)".utf8) }
}
