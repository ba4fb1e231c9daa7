extension ConformanceCase {
  /// What servers and proxies do that the protocol does not foresee, and that an answer survives.
  static let oddities: [ConformanceCase] = [
    make("[DONE] on a connection that stays open") { script, request in
      script.head()
      script.contents()
      script.send(StreamScript.finish)
      script.send("{\"choices\":[]\(StreamScript.usage(request.serial))}")
      script.send("[DONE]")
    },
    make("bytes after [DONE]") { script, request in
      script.head()
      script.contents()
      script.send(StreamScript.finish)
      script.send("{\"choices\":[]\(StreamScript.usage(request.serial))}")
      script.raw("data: [DONE]\n\nno event \u{0} <html>\n\(script.event(StreamScript.content("ghost")))")
      script.close()
    },
    make("a byte order mark") { script, request in
      script.head()
      script.raw("\u{FEFF}")
      script.contents()
      script.end(usage: request.serial)
    },
    make("lines end in CR") { script, request in
      script.lineEnd = "\r"
      script.head()
      script.contents()
      script.end(usage: request.serial)
    },
    make("no empty lines") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.raw("data:\(StreamScript.content())\n", chunks: 1)
      }
      script.raw(
        "data:\(StreamScript.finish)\ndata:{\"choices\":[]\(StreamScript.usage(request.serial))}\ndata:[DONE]\n")
      script.close()
    },
    make("error fields without an error") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        let none = ["null", "\"\"", "{}", "false"][token % 4]
        script.send("{\"error\":\(none),\"choices\":[{\"delta\":{\"content\":\" word\"}}]}", chunks: 1)
      }
      script.end(usage: request.serial)
    },
    make("the whole message in the last chunk") { script, request in
      script.head()
      script.contents()
      script.wait(milliseconds: 20)
      let message = "\"message\":{\"role\":\"assistant\",\"content\":\" word word word\"}"
      script.send(
        "{\"choices\":[{\"delta\":{},\(message),\"finish_reason\":\"stop\"}]\(StreamScript.usage(request.serial))}")
      script.send("[DONE]")
      script.close()
    },
    reasoned("content as a list of parts") { isReasoning in
      isReasoning
        ? "\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]}]"
        : "\"content\":[{\"type\":\"text\",\"text\":\" word\"}]"
    },
    reasoned("reasoning in reasoning_details") { isReasoning in
      isReasoning
        ? "\"content\":\"\",\"reasoning\":null,\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\"}]"
        : "\"content\":\" word\",\"reasoning_details\":[]"
    },
    make("a function call of the old form") { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.send(StreamScript.delta("\"function_call\":{\"arguments\":\"x\"}"), chunks: 1)
      }
      script.end(usage: request.serial)
    },
  ]

  /// Counts that cannot be, and counts of what is not streamed.
  static let counts: [ConformanceCase] = [
    counted("usage of zeros", "{\"prompt_tokens\":0,\"completion_tokens\":0}", tokens: nil),
    counted("usage of billions", "{\"prompt_tokens\":5,\"completion_tokens\":4294967295}", tokens: nil),
    counted(
      "reasoning that is not streamed",
      "{\"prompt_tokens\":5,\"completion_tokens\":12,\"completion_tokens_details\":{\"reasoning_tokens\":4}}",
      tokens: 12,
      hidden: 4),
    ConformanceCase(name: "usage of each chunk alone") { request in
      var script = StreamScript()
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        script.send(StreamScript.content(usage: StreamScript.usage(request.serial, 1)), chunks: 1)
      }
      script.send(StreamScript.finish)
      script.send("[DONE]")
      script.close()
      return script.answer
    },
  ]

  /// Refusals, whose words must reach the reader.
  static let refusals: [ConformanceCase] = [
    refusing("422 with a list of faults", error: "422: body.messages: Field required") {
      .plain(
        status: "422 Unprocessable Entity",
        body: "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\"],\"msg\":\"Field required\"}]}")
    },
    refusing("a redirect", error: "redirects to http://h/v1/chat/completions") {
      .plain(status: "307 Temporary Redirect", headers: "Location: http://u:p@h/v1/chat/completions?k=1\r\n", body: "")
    },
    ConformanceCase(
      name: "a compressed stream",
      answer: { _ in
        let body: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
        return MockAnswer(steps: [.init(delay: 0, bytes: Array(head.utf8) + body)])
      }, outcome: .failed, chunks: 0, tokens: nil, error: "gzip"),
    ConformanceCase(
      name: "an answer without end",
      answer: { request in
        var script = StreamScript()
        script.head()
        let many = String(repeating: script.event(StreamScript.content()), count: 400)
        for _ in 0..<((TransferState.chunkLimit + 16 * request.maximumTokens) / 400 + 2) { script.raw(many) }
        return script.answer
      }, outcome: .failed, chunks: TransferState.chunkLimit + 16 * StreamScript.tokens + 1, tokens: nil,
      error: "did not end", allowsMoreChunks: true),
  ]

  private static func reasoned(
    _ name: String, _ delta: @escaping @Sendable (_ isReasoning: Bool) -> String
  ) -> ConformanceCase {
    make(name) { script, request in
      script.head()
      for token in 0..<StreamScript.tokens {
        script.moveTo(token: token)
        let isReasoning = token < StreamScript.tokens / 2
        script.send(StreamScript.delta(delta(isReasoning)), chunks: 1, isReasoning: isReasoning)
      }
      script.end(usage: request.serial)
    }
  }

  private static func counted(_ name: String, _ usage: String, tokens: Int?, hidden: Int? = nil) -> ConformanceCase {
    ConformanceCase(
      name: name,
      answer: { _ in
        var script = StreamScript()
        script.head()
        script.contents()
        script.send(StreamScript.finish)
        script.send("{\"choices\":[],\"usage\":\(usage)}")
        script.send("[DONE]")
        script.close()
        return script.answer
      }, tokens: tokens, hidden: hidden)
  }
}
