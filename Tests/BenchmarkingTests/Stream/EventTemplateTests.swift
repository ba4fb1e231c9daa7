import Testing

@testable import Benchmarking

/// Events that are compared with one before must be read as if each were scanned.
@Suite struct EventTemplateTests {
  private func scanned(_ text: String) -> EventFields {
    Array(text.utf8).withUnsafeBufferPointer { EventScanner.scan($0) }
  }

  private func streamed(_ events: [String]) -> [EventFields] {
    var stream = EventStream()
    var found: [EventFields] = []
    let text = events.map { "data: \($0)\n\n" }.joined()
    Array(text.utf8).withUnsafeBufferPointer { bytes in stream.consume(bytes) { fields, _ in found.append(fields) } }
    return found
  }

  private func event(_ text: String, _ tail: String = "", id: String = "a") -> String {
    "{\"id\":\"\(id)\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\(text)\"},\"finish_reason\":null}]\(tail)}"
  }

  @Test func eventsThatDifferInTextAreReadAsIfScanned() {
    let usage = ",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3}"
    let events = [
      event("one"), event("two"), event(""), event("a \\\"quoted\\\" word"), event("back\\\\"), event("x\\\\\\\""),
      event("x\\\\\\\\"), event("three", usage), event("four", usage), event("five", id: "b"), event("six"),
      event("\",\"finish_reason\":\"stop"), "{\"error\":\"no\"}", event("seven"), event("}"), event("\u{1F600}é"),
    ]
    #expect(streamed(events) == events.map(scanned))
  }

  /// Texts whose bytes look like the end of the event, in all orders.
  @Test func noTextIsTakenForTheEndOfItsEvent() {
    let pieces = ["a", "\\\"", "\\\\", "\"", "\"}", "}]}", "\\u0041", ""]
    var random = RandomSource(seed: 7)
    for _ in 0..<300 {
      let events = (0..<6).map { _ in
        event((0..<3).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined())
      }
      // What is no JSON is skipped or joined by the stream; of the rest each is as the scanner reads it alone.
      let whole = events.filter { scanned($0).isComplete }
      #expect(streamed(whole) == whole.map(scanned))
    }
  }

  @Test(arguments: [
    ("{\"error\":null}", false), ("{\"error\":\"\"}", false), ("{\"error\":{}}", false), ("{\"error\":false}", false),
    ("{\"error\":0}", false), ("{\"error\":\"no\"}", true), ("{\"error\":{\"message\":\"no\"}}", true),
    ("{\"error\":true}", true), ("{\"error\":500}", true), ("{\"object\":\"error\",\"message\":\"no\"}", true),
  ])
  func errorsAreThoseThatSaySomething(text: String, isError: Bool) {
    #expect(scanned(text).hasError == isError)
  }

  @Test(arguments: [
    ("{\"content\":[]}", false, false), ("{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}", true, true),
    ("{\"content\":[{\"type\":\"text\",\"text\":\"\"}]}", false, false),
    ("{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"a\"}]}]}", true, false),
    ("{\"reasoning\":null,\"reasoning_details\":[{\"text\":\"a\"}]}", true, false),
    ("{\"content\":\"a\",\"reasoning_details\":[]}", true, true),
    ("{\"function_call\":{\"arguments\":\"\"}}", true, true),
    ("{\"function_call\":{}}", false, false), ("{\"tool_calls\":[]}", false, false),
  ])
  func contentIsToldFromReasoning(delta: String, hasContent: Bool, hasOutput: Bool) {
    let fields = scanned("{\"choices\":[{\"delta\":\(delta)}]}")
    #expect(fields.hasContent == hasContent)
    #expect(fields.hasOutput == hasOutput)
  }

  @Test(arguments: [1, 2, 3, 7, 1000], ["\n", "\r\n", "\r"])
  func everyLineEndAndMarkIsReadInAnySplit(size: Int, end: String) {
    let lines = ["\u{FEFF}data: \(event("one"))", "", ": note", "data: \(event("two"))", "", "data: [DONE]", ""]
    let bytes = Array((lines.joined(separator: end) + end + "data: \(event("ghost"))\(end)\(end)").utf8)
    var stream = EventStream()
    var chunks = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer { piece in
        stream.consume(piece) { fields, _ in chunks += fields.hasContent ? 1 : 0 }
      }
    }
    stream.finish { fields, _ in chunks += fields.hasContent ? 1 : 0 }
    #expect(chunks == 2)
    #expect(stream.isDone)
    #expect(stream.malformed == 0)
  }

  /// 20,000 lines of one event: read once at its end, as scanning after each line would take minutes.
  @Test func anEventOverManyLinesIsReadOnce() {
    var text = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"more\":[0\n"
    for _ in 0..<20_000 { text += "data: ,1111111111111111111111\n" }
    text += "data: ]}\n\n"
    var stream = EventStream()
    var chunks = 0
    Array(text.utf8).withUnsafeBufferPointer { stream.consume($0) { fields, _ in chunks += fields.hasContent ? 1 : 0 } }
    #expect(chunks == 1)
    #expect(stream.events == 1)
  }
}
