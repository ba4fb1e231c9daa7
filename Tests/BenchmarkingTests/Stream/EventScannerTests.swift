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
    (#"{"choices":[{"delta":{"reasoning_text":"hm"}}]}"#, true, false),
    (#"{"choices":[{"delta":{"thinking":"hm"}}]}"#, true, false),
    (#"{"choices":[{"delta":{"thought":"hm"}}]}"#, true, false),
    (#"{"choices":[{"delta":{"thinking_blocks":[{"type":"thinking","thinking":"hm"}]}}]}"#, true, false),
    (#"{"choices":[{"delta":{"thinking_blocks":[]}}]}"#, false, false),
    (#"{"choices":[{"delta":{"reasoning":{"summary":"hm"}}}]}"#, true, false),
    (#"{"choices":[{"delta":{"reasoning":{},"reasoning_tokens":0}}]}"#, false, false),
    (#"{"choices":[{"delta":{"content":null,"refusal":"no"}}]}"#, true, true),
    (#"{"choices":[{"delta":{"content":"a","refusal":null}}]}"#, true, true),
    (#"{"choices":[{"delta":{"audio":{"data":"AA=="}}}]}"#, true, true),
    (#"{"choices":[{"logprobs":{"content":[{"token":"a"}]},"delta":{"content":""}}]}"#, false, false),
    ("{\"choices\":[{\"delta\":\n{\"content\"\n\r\n:\n\"a\"}}]}", true, true),
    (#"{"x":[[[[[[[[[[[[[[[[[[[[["a"]]]]]]]]]]]]]]]]]]]]],"choices":[{"delta":{"content":"a"}}]}"#, true, true),
    (
      #"{"x":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}}}},"#
        + #""choices":[{"text":"a"}]}"#, true, true
    ),
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

  @Test(
    arguments: [
      (#"{"choices":[{"delta":{},"usage":{"prompt_tokens":12,"completion_tokens":34}}]}"#, 12, 34, nil),
      (#"{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":12,"completion_tokens":34}}}"#, 12, 34, nil),
      (#"{"usage":{"input_tokens":12,"output_tokens":34,"cache_read_input_tokens":5}}"#, 12, 34, 5),
      (#"{"usage":{"prompt_tokens":12,"prompt_cache_hit_tokens":5}}"#, 12, nil, 5),
      (#"{"usage":{"prompt_tokens":12,"cached_tokens":5}}"#, 12, nil, 5),
      (#"{"usage":{"completion_tokens":3,"other":{"completion_tokens":9}}}"#, nil, 3, nil),
    ] as [(String, Int?, Int?, Int?)])
  func findsCountsWhereverServersPutThem(text: String, input: Int?, output: Int?, cached: Int?) {
    let fields = scan(text)
    #expect(fields.inputTokens == input)
    #expect(fields.outputTokens == output)
    #expect(fields.cachedTokens == cached)
    #expect(!fields.hasError)
  }

  @Test(arguments: [
    (#"{"error":{"message":"out of memory"}}"#, "out of memory"), (#"{"error":"busy"}"#, "busy"),
    (#"{"object":"error","message":"loading"}"#, "loading"), (#"{"detail":"Not Found"}"#, "Not Found"),
    (#"{"code":500,"message":"died"}"#, "died"), (#"{"errors":[{"message":"died"}]}"#, "died"),
    (#"{"errors":["died"]}"#, "died"), (#"{"type":"error","error":{"type":"overloaded","message":"busy"}}"#, "busy"),
    (#"{"choices":[{"delta":{"content":""},"error":{"code":502,"message":"died"}}]}"#, "died"),
  ]) func findsErrors(text: String, message: String) {
    let fields = scan(text)
    #expect(fields.hasError)
    #expect(fields.errorRange.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } == message)
  }

  @Test(arguments: [
    #"{"error":null,"choices":[]}"#, #"{"error":{},"choices":[]}"#, #"{"error":[],"choices":[]}"#,
    #"{"error":{"message":null,"code":null},"choices":[]}"#, #"{"error":{"message":"","code":0}}"#,
    #"{"message":"with the answer","choices":[{"text":"a"}]}"#, #"{"choices":[{"text":"a"}],"detail":"x"}"#,
    #"{"message":""}"#, #"{"message":{"role":"assistant"}}"#, #"{"type":"ping"}"#,
  ]) func anErrorOfNothingIsNone(text: String) { #expect(!scan(text).hasError) }

  @Test(arguments: [
    #"{"error":{"code":500}}"#, #"{"error":true}"#, #"{"error":{"type":"overloaded"}}"#, #"{"error":-1}"#,
  ])
  func anErrorWithoutWordsIsOne(text: String) { #expect(scan(text).hasError) }

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
