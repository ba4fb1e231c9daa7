import Testing

@testable import Benchmarking

@Suite struct EventStreamTests {
  /// A stream with everything that is allowed, and the content chunks in it.
  private static let text = """
    : a comment\r\n\r\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\r\n\r\n\
    data:{"choices":[{"delta":{"content":"one"}}]}\n\nevent: message\ndata: {"choices":[{"delta":\n\
    data: {"content":"two"}}]}\n\nid: 4\nretry: 10\n\ndata: {"choices":[{"delta":{"content":"three"}}]}\n\n\
    data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3}}\n\ndata: [DONE]\n\n
    """

  /// Cuts the stream in pieces of one size and counts what comes out.
  @Test(arguments: [1, 2, 3, 5, 7, 16, 64, 10_000]) func readsAnySplit(size: Int) {
    var stream = EventStream()
    var chunks = 0
    var usage: Int?
    let bytes = Array(Self.text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer { piece in
        stream.consume(piece) { fields, _ in
          if fields.hasContent { chunks += 1 }
          if let count = fields.outputTokens { usage = count }
        }
      }
    }
    #expect(chunks == 3)
    #expect(usage == 3)
    #expect(stream.isDone)
    #expect(stream.malformed == 0)
    #expect(stream.events == 6)
  }

  @Test func anErrorEventIsAnError() {
    var stream = EventStream()
    var isError = false
    Array("event: error\ndata: {\"message\":\"no\"}\n\n".utf8).withUnsafeBufferPointer { bytes in
      stream.consume(bytes) { fields, _ in isError = fields.hasError }
    }
    #expect(isError)
  }

  @Test(arguments: [
    "event: error\ndata: it died\n\n", "error: {\"code\":500,\"message\":\"it died\"}\n\n",
    "event: error\ndata: {\"error\":\ndata: \"it died\"}\n\n", "event:error\ndata:it died",
  ]) func errorsOfEveryFormAreErrors(text: String) {
    var stream = EventStream()
    var errors: [String] = []
    func take(_ fields: EventFields, _ bytes: UnsafeBufferPointer<UInt8>) {
      guard fields.hasError else { return }
      errors.append(fields.errorRange.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "")
    }
    Array(text.utf8).withUnsafeBufferPointer { stream.consume($0, take) }
    stream.finish(take)
    #expect(errors == ["it died"])
  }

  @Test(arguments: ["data: [DONE]\n", "data:[DONE]\n", "data:  [DONE] \n", "data:\t[DONE]\t\r\n"])
  func theEndIsKnownWithBlanksAroundIt(text: String) {
    var stream = EventStream()
    Array(text.utf8).withUnsafeBufferPointer { stream.consume($0) { _, _ in } }
    #expect(stream.isDone)
  }

  @Test func aLineWithoutEndCountsAtTheEnd() {
    var stream = EventStream()
    var chunks = 0
    Array("data: {\"choices\":[{\"text\":\"a\"}]}".utf8).withUnsafeBufferPointer { bytes in
      stream.consume(bytes) { _, _ in chunks += 1 }
    }
    #expect(chunks == 0)
    stream.finish { fields, _ in chunks += fields.hasContent ? 1 : 0 }
    #expect(chunks == 1)
  }

  @Test func brokenEventsAreCountedAndPassed() {
    var stream = EventStream()
    var chunks = 0
    Array("data: {\"choices\":[\n\ndata: nonsense\n\ndata: {\"choices\":[{\"text\":\"a\"}]}\n\n".utf8)
      .withUnsafeBufferPointer { bytes in stream.consume(bytes) { fields, _ in chunks += fields.hasContent ? 1 : 0 } }
    #expect(chunks == 1)
    #expect(stream.malformed == 2)
  }

  @Test(arguments: [
    ("plain", "plain"), (#"a\"b\\c\n"#, "a\"b\\c\n"), (#"\u00e9\ud83d\ude00"#, "\u{e9}\u{1F600}"),
    (#"\ud83d"#, "\u{FFFD}"),
    (#"\u12"#, "u12"),
  ]) func unescapes(text: String, expected: String) {
    #expect(String(decoding: JSONText.unescaped(Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test func escapes() {
    var bytes: [UInt8] = []
    JSONText.append("a\"b\\c\n\u{1}é".utf8, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "\"a\\\"b\\\\c\\n\\u0001é\"")
  }
}
