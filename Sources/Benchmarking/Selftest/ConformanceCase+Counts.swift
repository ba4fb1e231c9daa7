extension ConformanceCase {
  /// Where servers put their counts, and where they put none.
  static let counting: [ConformanceCase] = [
    ConformanceCase(
      name: "several tokens in a chunk",
      answer: { request in
        var script = StreamScript()
        script.head()
        // Chunks of 2, 4 and 2 tokens, each as late as its tokens: the pace of tokens is even.
        var passed = 0
        for count in [2, 4, 2] {
          passed += count
          script.moveTo(token: passed - 2)
          let usage = StreamScript.usage(request.serial, passed)
          script.send(StreamScript.content(" some words", usage: usage), chunks: 1)
        }
        script.end(usage: request.serial)
        return script.answer
      }, chunks: 3, isTokenWeighted: true),
    ConformanceCase(name: "usage on every chunk") { request in
      var script = StreamScript()
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.send(StreamScript.content(usage: StreamScript.usage(request.serial, token + 1)), chunks: 1)
      }
      script.end(usage: request.serial)
      return script.answer
    },
    ConformanceCase(name: "usage in the last content chunk") { request in
      var script = StreamScript()
      script.head()
      script.contents(0..<(StreamScript.tokens - 1))
      script.moveTo(token: StreamScript.tokens - 1)
      script.send(StreamScript.content(usage: StreamScript.usage(request.serial)), chunks: 1)
      script.send("[DONE]")
      script.close()
      return script.answer
    },
    ConformanceCase(
      name: "no usage",
      answer: { _ in
        var script = StreamScript()
        script.head()
        script.contents()
        script.end(usage: nil)
        return script.answer
      }, tokens: nil),
    ConformanceCase(
      name: "no usage and no [DONE]",
      answer: { _ in
        var script = StreamScript()
        script.head()
        script.contents()
        script.send(StreamScript.finish)
        script.close()
        return script.answer
      }, tokens: nil),
  ]

  /// What must be counted as a failure, with its cause.
  static let failures: [ConformanceCase] = [
    failing("an error in the stream", error: "cuda out of memory") { script in
      script.head()
      script.contents(0..<3)
      script.send("{\"error\":{\"code\":500,\"message\":\"cuda out of memory\",\"type\":\"server_error\"}}")
      script.send("[DONE]")
      script.close()
    },
    failing("a cut connection", chunks: 3) { script in
      script.head()
      script.contents(0..<3)
      script.isChunked = false
      script.close()
    },
    failing("a stream that ends early", chunks: 3, error: "cut") { script in
      script.head()
      script.contents(0..<3)
      script.close()
    },
    refusing("429 with Retry-After", error: "429: slow down") {
      .plain(
        status: "429 Too Many Requests", headers: "Retry-After: 1\r\n", body: "{\"error\":{\"message\":\"slow down\"}}")
    },
    refusing("503", error: "503") {
      .plain(status: "503 Service Unavailable", body: "{\"object\":\"error\",\"message\":\"loading model\"}")
    },
    refusing("200 with an error object", error: "no such model") {
      .plain(status: "200 OK", body: "{\"error\":{\"message\":\"no such model\"}}")
    },
    refusing("an answer without streaming", error: "without streaming") {
      .plain(status: "200 OK", body: "{\n \"choices\":[{\"message\":{\"content\":\"hello\"}}]}")
    },
  ]

  private static func failing(
    _ name: String, chunks: Int = 3, error: String? = nil, _ change: @escaping @Sendable (inout StreamScript) -> Void
  ) -> ConformanceCase {
    ConformanceCase(
      name: name,
      answer: { _ in
        var script = StreamScript()
        change(&script)
        return script.answer
      }, outcome: .failed, chunks: chunks, tokens: nil, error: error)
  }

  static func refusing(
    _ name: String, error: String, _ answer: @escaping @Sendable () -> MockAnswer
  ) -> ConformanceCase {
    ConformanceCase(name: name, answer: { _ in answer() }, outcome: .failed, chunks: 0, tokens: nil, error: error)
  }
}
