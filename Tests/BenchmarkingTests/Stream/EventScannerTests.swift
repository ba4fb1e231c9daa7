import Testing

@testable import Benchmarking

@Suite struct EventScannerTests {
  private func scan(_ text: String) -> EventFields {
    Array(text.utf8).withUnsafeBufferPointer { EventScanner.scan($0) }
  }

  @Test(arguments: [
    (#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#, true, true),
    (#"{"choices":[{"index":0,"delta":{"content":""}}]}"#, false, false),
    (#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}"#, false, false),
    (#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#, true, false),
    (#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#, true, true),
    (#"{"choices":[{"delta":{"tool_calls":[]}}]}"#, false, false),
    (#"{"choices":[{"text":"a"}]}"#, true, true),
    (#"{ "choices" : [ { "delta" : { "content" : "a" } } ] }"#, true, true),
    (#"{"choices":[],"content":"a"}"#, false, false),
    (#"{"id":"\"choices\":[{\"text\":\"a\"}]"}"#, false, false),
  ]) func findsContent(text: String, hasContent: Bool, hasOutput: Bool) {
    let fields = scan(text)
    #expect(fields.hasContent == hasContent)
    #expect(fields.hasOutput == hasOutput)
    #expect(fields.isComplete)
  }

  @Test func findsCounts() {
    let fields = scan(
      #"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":34,"prompt_tokens_details":{"cached_tokens":5}},"#
        + #""timings":{"prompt_n":7,"prompt_ms":12.5,"predicted_n":34,"predicted_ms":680.25,"cache_n":5}}"#)
    #expect(fields.inputTokens == 12)
    #expect(fields.outputTokens == 34)
    #expect(fields.cachedTokens == 5)
    #expect(fields.timings.inputSeconds == 0.0125)
    #expect(fields.timings.outputSeconds == 0.68025)
    #expect(fields.timings.cachedTokens == 5)
  }

  @Test(arguments: [
    (#"{"error":{"message":"out of memory"}}"#, "out of memory"), (#"{"error":"busy"}"#, "busy"),
    (#"{"object":"error","message":"loading"}"#, "loading"),
  ]) func findsErrors(text: String, message: String) {
    let fields = scan(text)
    #expect(fields.hasError)
    #expect(fields.errorRange.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } == message)
  }

  @Test func anErrorOfNullIsNone() { #expect(!scan(#"{"error":null,"choices":[]}"#).hasError) }

  @Test(arguments: ["", "{", "{\"", "{\"choices\":[{\"delta\":{\"content\":\"a", "]]]]", "{\"a\":\"\\", "nul", "-"])
  func takesBrokenText(text: String) { #expect(!scan(text).isComplete) }

  @Test func takesAnyBytes() {
    let seed = Array(
      #"{"choices":[{"index":0,"delta":{"content":"a\"b","tool_calls":[{}]},"finish_reason":null}],"usage":{"x":1.5e3}}"#
        .utf8)
    var random = RandomSource(seed: 7)
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0..<(1 + random.next() % 6) {
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(Int(random.next() % 20))
      _ = bytes.withUnsafeBufferPointer { EventScanner.scan($0) }
    }
  }

  @Test func takesDeepNesting() {
    let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(scan(text).isComplete)
    #expect(!scan(text).hasContent)
  }
}
