import Platform

extension Selftest {
  /// Measures the client's error against a paced server: first token after 50 to 60 ms, one each 10 ms, so many streams.
  ///
  /// The streams are made to drift apart, and the first of each, which all go out at one moment, are not counted: what a
  /// busy server takes to notice many requests at once would be taken for the client's error.
  public func timing(streams: Int, rounds: Int = 6, tokens: Int = 64) async throws -> ClientFloor {
    let server = MockServer { request in
      // 97 and 64 have no common divisor: neighbours are far apart.
      let drift = Int64(request.serial * 97 % 64) * 156_250
      return Self.paced(request, tokens: tokens, first: 50_000_000 + drift, pace: 10_000_000)
    }
    guard let server else { throw BenchmarkError.noResources }
    defer { server.stop() }
    var settings = Self.settings(
      [Stage(load: .concurrency(streams), stop: StopRule(requests: streams * (rounds + 1)))], tokens: tokens)
    settings.sampleSeconds = 0
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "paced")
    ).run()
    let truths = server.truths
    var first: [Double] = []
    var gaps: [Double] = []
    for request in result.requests where request.index >= streams {
      guard let truth = request.inputTokens.flatMap({ truths[$0] }), let measured = request.timeToFirstToken,
        truth.chunkTimes.count == request.chunkTimes.count, let start = truth.chunkTimes.first
      else { continue }
      first.append((measured - Double(start - truth.received) / 1e9).magnitude)
      for place in truth.chunkTimes.indices.dropFirst() {
        let sent = truth.chunkTimes[place] - truth.chunkTimes[place - 1]
        let read = request.chunkTimes[place] - request.chunkTimes[place - 1]
        gaps.append(Double(abs(read - sent)) / 1e9)
      }
    }
    let (firsts, between) = (Distribution(samples: first), Distribution(samples: gaps))
    return ClientFloor(
      timeToFirstTokenP50: firsts.p50 ?? firsts.maximum ?? 0, timeToFirstTokenP99: firsts.p99 ?? firsts.maximum ?? 0,
      interTokenP99: between.p99 ?? between.maximum ?? 0, streams: streams)
  }

  /// A stream of so many tokens at a pace, whose usage names the request's serial number as its input tokens.
  static func paced(_ request: MockRequest, tokens: Int, first: Int64, pace: Int64) -> MockAnswer {
    let event = MockAnswer.chunk(Array("data: \(StreamScript.content())\n\n".utf8))
    var steps = [MockAnswer.Step(delay: 0, bytes: MockAnswer.head)]
    steps.reserveCapacity(tokens + 2)
    for token in 0..<tokens {
      steps.append(.init(delay: first + Int64(token) * pace, bytes: event, chunks: 1))
    }
    steps.append(.init(delay: first + Int64(tokens) * pace, bytes: ending(request.serial, tokens: tokens)))
    return MockAnswer(steps: steps)
  }

  /// The finish chunk, the usage, `[DONE]` and the end of the body.
  static func ending(_ serial: Int, tokens: Int) -> [UInt8] {
    let usage = "{\"choices\":[]\(StreamScript.usage(serial, tokens))}"
    let text = "data: \(StreamScript.finish)\n\ndata: \(usage)\n\ndata: [DONE]\n\n"
    return MockAnswer.chunk(Array(text.utf8)) + MockAnswer.tail
  }

  static func settings(_ stages: [Stage], tokens: Int) -> BenchmarkSettings {
    var settings = BenchmarkSettings(stages: stages, warmupRequests: 0)
    settings.dataset.inputLength = .constant(16)
    settings.dataset.outputLength = .constant(tokens)
    settings.sampleSeconds = 0
    settings.failureLimit = 50
    settings.requestTimeoutSeconds = 60
    return settings
  }
}
