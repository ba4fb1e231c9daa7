extension ConformanceCase {
  /// Every way of streaming that some server has, each of which some client gets wrong.
  static let all: [ConformanceCase] =
    framing + content + counting + oddities + counts + failures + refusals

  /// Makes a case out of a script that begins with the head of the answer.
  static func make(
    _ name: String, _ change: @escaping @Sendable (inout StreamScript, MockRequest) -> Void
  ) -> ConformanceCase {
    ConformanceCase(name: name) { request in
      var script = StreamScript()
      change(&script, request)
      return script.answer
    }
  }

  private static func plain(_ name: String, _ set: @escaping @Sendable (inout StreamScript) -> Void) -> ConformanceCase
  {
    make(name) { script, request in
      set(&script)
      script.head()
      script.contents()
      script.end(usage: request.serial)
    }
  }

  private static let framing: [ConformanceCase] = [
    plain("plain") { _ in },
    make("early role chunk") { script, request in
      script.head()
      script.send(StreamScript.delta("\"role\":\"assistant\",\"content\":\"\""))
      script.contents()
      script.end(usage: request.serial)
    },
    make("empty chunks") { script, request in
      script.head()
      for _ in 0..<5 {
        script.send(StreamScript.content(""))
        script.wait(milliseconds: 4)
      }
      script.send(StreamScript.delta("\"content\":null,\"reasoning_content\":null,\"tool_calls\":[]"))
      script.contents()
      script.end(usage: request.serial)
    },
    make("comments") { script, request in
      script.head()
      for _ in 0..<5 {
        script.raw(": keepalive 1/5\n\n")
        script.wait(milliseconds: 4)
      }
      script.contents()
      script.end(usage: request.serial)
    },
    plain("lines end in CRLF") { $0.lineEnd = "\r\n" },
    plain("no space after data:") { $0.prefix = "data:" },
    plain("event: lines") { $0.extraLine = "event: message\nid: 7\n" },
    make("an event over two data: lines") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.raw("data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\" word\"}}]}\n\n", chunks: 1)
      }
      script.end(usage: request.serial)
    },
    make("an event over several reads") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        let bytes = MockAnswer.chunk(Array(script.event(StreamScript.content()).utf8))
        script.bytes(Array(bytes.prefix(40)))
        script.wait(milliseconds: 1)
        script.bytes(Array(bytes[40..<90]))
        script.wait(milliseconds: 1)
        script.bytes(Array(bytes.dropFirst(90)), chunks: 1)
      }
      script.end(usage: request.serial)
    },
    make("several events in one read") { script, request in
      script.head()
      for token in stride(from: 0, to: StreamScript.tokens, by: 4) {
        script.moveTo(token: token)
        script.raw(String(repeating: script.event(StreamScript.content()), count: 4), chunks: 4)
      }
      script.end(usage: request.serial)
    },
    make("a chunk of 256 KiB") { script, request in
      script.head()
      script.contents(0..<(StreamScript.tokens - 1))
      script.moveTo(token: StreamScript.tokens - 1)
      script.send(StreamScript.content(String(repeating: "word ", count: 52_429)), chunks: 1)
      script.end(usage: request.serial)
    },
    make("the server closes each connection") { script, request in
      script.isChunked = false
      script.head()
      script.contents()
      script.end(usage: request.serial)
    },
  ]

  private static let content: [ConformanceCase] = [
    make("reasoning, then content") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        let isReasoning = token < StreamScript.tokens / 2
        script.send(
          isReasoning ? StreamScript.delta("\"reasoning_content\":\" hm\"") : StreamScript.content(), chunks: 1,
          isReasoning: isReasoning)
      }
      script.end(usage: request.serial)
    },
    make("tool calls") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        let call = "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"x\"}}]"
        script.send(StreamScript.delta(call), chunks: 1)
      }
      script.end(usage: request.serial)
    },
    make("escaped text") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.send(StreamScript.content(#"\"},\"usage\":{\"completion_tokens\":99}\\"#), chunks: 1)
      }
      script.end(usage: request.serial)
    },
    make("late finish, usage and [DONE]") { script, request in
      script.head()
      script.contents()
      script.wait(milliseconds: 20)
      script.send(StreamScript.finish)
      script.wait(milliseconds: 20)
      script.send("{\"choices\":[]\(StreamScript.usage(request.serial))}")
      script.wait(milliseconds: 20)
      script.send("[DONE]")
      script.close()
    },
  ]
}
