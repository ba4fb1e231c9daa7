import Fixtures
import Testing
import Units

@testable import Benchmarking

@Suite(.serialized) struct BenchmarkTests {
  private func settings(_ stage: Stage, tokens: Int = 4) -> BenchmarkSettings {
    Selftest.settings([stage], tokens: tokens)
  }

  private func server(first: Int64 = 5_000_000, pace: Int64 = 1_000_000, tokens: Int = 4) throws -> MockServer {
    try #require(MockServer { Selftest.paced($0, tokens: tokens, first: first, pace: pace) })
  }

  @Test func everyCaseIsReadAsItWasSent() async throws {
    for result in try await Selftest().conformance() {
      // Times are the selftest command's matter; here only what was read.
      #expect(result.faults.filter { !$0.contains("off by") }.isEmpty, "\(result.name): \(result.faults)")
    }
  }

  @Test func closedLoopsKeepTheirConcurrency() async throws {
    let server = try server()
    defer { server.stop() }
    let stage = Stage(load: .concurrency(3), stop: StopRule(requests: 30))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.completed == 30)
    #expect(result.requests.map { $0.index } == Array(0..<30))
    let ends = result.requests.flatMap { [($0.sent ?? 0, 1), ($0.closed ?? 0, -1)] }.sorted { $0 < $1 }
    var inFlight = 0
    for end in ends {
      inFlight += end.1
      #expect(inFlight <= 3)
    }
  }

  /// A server that closes a connection just after an answer meets the next request on its way.
  @Test func connectionsThatCloseBehindAnAnswerLoseNoRequest() async throws {
    let server = try #require(
      MockServer { request in
        var answer = Selftest.paced(request, tokens: 4, first: 1_000_000, pace: 100_000)
        let last = answer.steps.last?.delay ?? 0
        answer.steps.append(.init(delay: last + Int64(request.serial % 8) * 15_000, bytes: [], closes: true))
        return answer
      })
    defer { server.stop() }
    let stage = Stage(load: .concurrency(2), stop: StopRule(requests: 300))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.completed == 300)
    #expect(result.requests.compactMap(\.error) == [])
    #expect(!result.validity.reasons.contains { $0.code == .requestsResent })
  }

  /// A server that takes a request and closes the connection later has worked for nothing.
  @Test func requestsThatAServerDropsAreSaid() async throws {
    let server = try #require(
      MockServer { request in
        guard request.serial == 5 else { return Selftest.paced(request, tokens: 4, first: 1_000_000, pace: 100_000) }
        return MockAnswer(steps: [.init(delay: 300_000_000, bytes: [], closes: true)])
      })
    defer { server.stop() }
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 30))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.completed == 30)
    #expect(result.validity.reasons.contains { $0.code == .requestsResent })
    // The answer is timed from the connection on which it came.
    #expect(result.requests.allSatisfy { ($0.timeToFirstToken ?? 1) < 0.25 })
  }

  @Test func openLoopsFollowTheirScheduleAndKeepIt() async throws {
    let server = try server()
    defer { server.stop() }
    let stage = Stage(load: .rate(200, process: .poisson, cap: nil), stop: StopRule(requests: 40))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    let schedule = try #require(result.schedules[stage.name])
    #expect(schedule.count == 40)
    let first = try #require(result.requests.first)
    for (request, due) in zip(result.requests, schedule) {
      #expect(request.scheduled - first.scheduled == due - schedule[0])
      #expect(try #require(request.sent) >= request.scheduled)
    }
  }

  /// 100 arrivals in half a second, of which two places in flight and 100 ms for each answer serve about ten.
  @Test func arrivalsThatNeverGotATurnAreCounted() async throws {
    let server = try server(first: 100_000_000)
    defer { server.stop() }
    let stage = Stage(load: .rate(200, process: .constant, cap: 2), stop: StopRule(seconds: 0.5))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.requests.count >= 90)
    #expect((result.summary.censored ?? 0) >= result.requests.count * 3 / 4)
    #expect(result.requests.allSatisfy { $0.sent != nil || $0.outcome == .censored })
    #expect(Set(result.requests.map(\.index)).count == result.requests.count)
    #expect(result.validity.reasons.contains { $0.code == "requests-unanswered" })
  }

  @Test func timeEndsAStageAndDrainsIt() async throws {
    let server = try server(first: 20_000_000)
    defer { server.stop() }
    let stage = Stage(load: .concurrency(2), stop: StopRule(seconds: 0.2))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.completed > 2)
    #expect(result.requests.allSatisfy { $0.outcome == .completed })
  }

  @Test func graceEndsWhatHangs() async throws {
    let server = try server(first: 20_000_000_000)
    defer { server.stop() }
    var settings = settings(Stage(load: .concurrency(2), stop: StopRule(requests: 2)))
    settings.graceSeconds = 0.1
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.requests.map { $0.outcome } == [.censored, .censored])
    #expect(!result.validity.ok)
  }

  @Test func timeOutsAreCounted() async throws {
    let server = try server(first: 20_000_000_000)
    defer { server.stop() }
    var settings = settings(Stage(load: .concurrency(1), stop: StopRule(requests: 1)))
    settings.requestTimeoutSeconds = 0.1
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.requests.map { $0.outcome } == [.timedOut])
    #expect(result.summary.errors == 1)
  }

  @Test func aServerThatIsNotThereIsGivenUp() async throws {
    var settings = settings(Stage(load: .concurrency(1), stop: StopRule(requests: 100)))
    settings.failureLimit = 3
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: "http://127.0.0.1:1", model: "m")
    ).run()
    #expect(result.requests.count == 3)
    #expect(result.validity.reasons.first?.code == "server-failed")
  }

  @Test func aServerThatRefusesTheKeyIsGivenUpAtOnce() async throws {
    let server = try #require(
      MockServer { _ in
        .plain(status: "401 Unauthorized", body: "{\"error\":{\"message\":\"wrong key\"}}")
      })
    defer { server.stop() }
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 100))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.failureCauses == [FailureCause(cause: "401: wrong key", requests: 3)])
    #expect(result.validity.invalid.first?.code == "server-failed")
    #expect(result.validity.invalid.first?.remedy?.contains("PLIMSOLL_API_KEY") == true)
  }

  @Test func aSearchWhoseLoadsHaveTooLittleTimeSaysSo() async throws {
    let server = try server()
    defer { server.stop() }
    var settings = settings(Stage(load: .concurrency(1), stop: StopRule(seconds: 0.05)))
    settings.goals = try #require(LatencyGoal.list("ttft p95 < 1 s"))
    settings.search = GoalSearch()
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.stages.count == 1)
    #expect(result.validity.invalid.map(\.code) == ["too-few-samples"])
  }

  @Test func aWebPageIsNoAnswer() async throws {
    let server = try #require(
      MockServer { _ in .plain(status: "200 OK", body: "<!doctype html>\n<p>hello</p>") })
    defer { server.stop() }
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 1))
    let result = try await Benchmark(
      settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.failureCauses?.map(\.cause) == ["the server answered with a web page"])
  }

  @Test func cancellationKeepsWhatWasMeasured() async throws {
    let server = try server()
    defer { server.stop() }
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 1_000_000))
    let benchmark = Benchmark(settings: settings(stage), target: BenchmarkTarget(baseURL: server.url, model: "m"))
    let task = Task { try await benchmark.run() }
    while server.truths.count < 5 { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    let result = try await task.value
    #expect(result.isInterrupted)
    #expect(result.summary.completed >= 4)
    #expect(result.validity.reasons.first?.code == "interrupted")
  }

  @Test func conversationsCarryRealAnswers() async throws {
    let server = try server()
    defer { server.stop() }
    var settings = settings(Stage(load: .concurrency(2), stop: StopRule(requests: 3)))
    settings.dataset.turns = 3
    let result = try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.summary.completed == 9)
    #expect(result.requests.map { $0.turn ?? -1 }.sorted() == [0, 0, 0, 1, 1, 1, 2, 2, 2])
  }

  @Test func bodiesHoldHistoryAndLengths() {
    let settings = BenchmarkSettings(stages: [])
    let composer = RequestComposer(target: BenchmarkTarget(baseURL: "http://h", model: "a\"b"), settings: settings)
    let conversation = Conversation(turns: [
      .init(text: "one", outputTokens: 5), .init(text: "two", outputTokens: 6),
    ])
    let body = String(decoding: composer.body(of: conversation, turn: 1, answers: ["real"]), as: UTF8.self)
    #expect(
      body == """
        {"model":"a\\"b","stream":true,"stream_options":{"include_usage":true},"temperature":0.0,"max_tokens":6,\
        "ignore_eos":true,"min_tokens":6,"messages":[{"role":"user","content":"one"},\
        {"role":"assistant","content":"real"},{"role":"user","content":"two"}]}
        """)
  }
}
