/// One way in which servers stream, with what a client must make of it.
struct ConformanceCase: Sendable {
  var name: String
  var answer: @Sendable (MockRequest) -> MockAnswer
  var outcome = RequestRecord.Outcome.completed
  /// Content chunks that must be counted.
  var chunks = StreamScript.tokens
  /// Output tokens of record; nil where the server tells none.
  var tokens: Int? = StreamScript.tokens
  /// Tokens of it that were counted and not streamed.
  var hidden: Int?
  /// True where every token gap must be the pace, though chunks hold several tokens.
  var isTokenWeighted = false
  /// Words that the error must hold.
  var error: String?
  /// True where what came in the same read as the last chunk may be counted too.
  var allowsMoreChunks = false
}

/// Makes the usual stream: first content after 30 ms, one chunk every 5 ms, a finish chunk, usage, `[DONE]`.
struct StreamScript: Sendable {
  static let tokens = 8
  static let firstDelay: Int64 = 30_000_000
  static let pace: Int64 = 5_000_000

  var lineEnd = "\n"
  var prefix = "data: "
  var extraLine = ""
  var isChunked = true
  private(set) var steps: [MockAnswer.Step] = []
  private var time: Int64 = 0

  init() {}

  /// Adds bytes as they are, in a chunk of the transfer coding of their own.
  mutating func raw(_ text: String, chunks: Int = 0, isReasoning: Bool = false) {
    let bytes = Array(text.utf8)
    let wrapped = isChunked ? MockAnswer.chunk(bytes) : bytes
    steps.append(.init(delay: time, bytes: wrapped, chunks: chunks, isReasoning: isReasoning))
  }

  /// Adds bytes to the stream without a chunk around them.
  mutating func bytes(_ bytes: [UInt8], chunks: Int = 0) {
    steps.append(.init(delay: time, bytes: bytes, chunks: chunks))
  }

  func event(_ json: String) -> String { extraLine + prefix + json + lineEnd + lineEnd }

  mutating func send(_ json: String, chunks: Int = 0, isReasoning: Bool = false) {
    raw(event(json), chunks: chunks, isReasoning: isReasoning)
  }

  static func delta(_ member: String, usage: String = "") -> String {
    """
    {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"mock",\
    "choices":[{"index":0,"delta":{\(member)},"logprobs":null,"finish_reason":null}]\(usage)}
    """
  }

  static func content(_ text: String = " word", usage: String = "") -> String {
    delta("\"content\":\"\(text)\"", usage: usage)
  }

  static func usage(_ serial: Int, _ tokens: Int = tokens) -> String {
    """
    ,"usage":{"prompt_tokens":\(serial),"completion_tokens":\(tokens),"total_tokens":\(serial + tokens),\
    "prompt_tokens_details":{"cached_tokens":0}}
    """
  }

  /// Moves to the moment of a content chunk, counted from 0.
  mutating func moveTo(token: Int) { time = Self.firstDelay + Int64(token) * Self.pace }

  mutating func wait(milliseconds: Int64) { time += milliseconds * 1_000_000 }

  mutating func head() {
    let text =
      isChunked
      ? MockAnswer.head
      : Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8)
    steps.append(.init(delay: time, bytes: text))
  }

  mutating func contents(_ tokens: Range<Int> = 0..<tokens) {
    for token in tokens {
      moveTo(token: token)
      send(Self.content())
      steps[steps.count - 1].chunks = 1
    }
  }

  static let finish = """
    {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
    """

  mutating func end(usage serial: Int?) {
    send(Self.finish)
    if let serial { send("{\"object\":\"chat.completion.chunk\",\"choices\":[]\(Self.usage(serial))}") }
    send("[DONE]")
    close()
  }

  mutating func close() {
    if isChunked {
      steps.append(.init(delay: time, bytes: MockAnswer.tail))
    } else {
      steps.append(.init(delay: time, bytes: [], closes: true))
    }
  }

  var answer: MockAnswer { MockAnswer(steps: steps) }
}
