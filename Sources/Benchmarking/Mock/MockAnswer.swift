/// What the built-in server answers to one request: bytes, each at its time.
struct MockAnswer: Sendable {
  /// Bytes that are sent together.
  struct Step: Sendable {
    /// Nanoseconds after the request was whole.
    var delay: Int64
    var bytes: [UInt8]
    /// Content chunks in it, as a client should count them.
    var chunks = 0
    /// True where its content is reasoning.
    var isReasoning = false
    /// True where the connection is closed after it.
    var closes = false
  }

  var steps: [Step]

  /// The head of a chunked event stream.
  static let head = Array(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
  /// The end of a chunked body.
  static let tail = Array("0\r\n\r\n".utf8)

  /// Wraps bytes as one chunk of a chunked body.
  static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10]
  }

  /// Writes a whole answer that is no stream.
  static func plain(status: String, headers: String = "", body: String) -> MockAnswer {
    let text =
      "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    return MockAnswer(steps: [Step(delay: 0, bytes: Array(text.utf8))])
  }
}

/// What the built-in server read of a request.
struct MockRequest: Sendable {
  /// Counts all requests of the server, from 1.
  var serial: Int
  var model: String
  var maximumTokens: Int
  /// The length of a request that does not say by the older name how long its answer may be.
  static let unlimited = 16
  /// True where it asks for the list of models rather than for an answer.
  var isListing = false
}

/// What the built-in server did for one request, in nanoseconds of the monotonic clock: the truth.
struct MockTruth: Sendable {
  var serial: Int
  var received: Int64
  /// When each content chunk was handed to the kernel.
  var chunkTimes: [Int64] = []
  var firstOutput: Int64?
}
