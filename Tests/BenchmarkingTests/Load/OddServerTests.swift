import Fixtures
import Platform
import Testing
import Units

@testable import Benchmarking

/// Servers that do what they should not, and clients that must not mislead about it.
@Suite(.serialized) struct OddServerTests {
  private func run(
    _ server: MockServer, _ stage: Stage, tokens: Int = 4, change: (inout BenchmarkSettings) -> Void = { _ in }
  ) async throws -> BenchmarkResult {
    var settings = Selftest.settings([stage], tokens: tokens)
    change(&settings)
    return try await Benchmark(
      settings: settings, target: BenchmarkTarget(baseURL: server.url, model: "m"), floor: nil
    ).run()
  }

  /// 20 are due in 2 seconds at 10 a second; the last is sent and answered though the end has passed.
  @Test func arrivalsOfAConstantRateAreAllAnswered() async throws {
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 2, first: 5_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let stage = Stage(load: .rate(100, process: .constant, cap: nil), stop: StopRule(seconds: 0.2))
    let result = try await run(server, stage, tokens: 2)
    #expect(result.requests.count == 20)
    #expect(result.requests.allSatisfy { $0.outcome == .completed })
    #expect(!result.validity.reasons.contains { $0.code == "requests-unanswered" })
  }

  /// Connections that cannot be opened must not look like a server that refuses them.
  @Test func moreConnectionsThanFilesAreRefusedBeforehand() throws {
    var settings = BenchmarkSettings(stages: [Stage(load: .concurrency(1 << 30), stop: StopRule(seconds: 1))])
    let allowed = try #require(ResourceLimit.openFiles.most)
    let error = #expect(throws: BenchmarkError.self) { try Benchmark.requireFiles(for: settings) }
    #expect(error == .tooFewFiles(needed: (1 << 30) + 32, allowed: allowed))
    #expect(error?.reason.code == .openFilesLimit)
    settings.stages = [Stage(load: .concurrency(1 << 30), stop: StopRule(requests: 4))]
    try Benchmark.requireFiles(for: settings, streamsOfSelftest: 4)
    settings.stages = [Stage(load: .rate(10, process: .constant, cap: 1 << 30), stop: StopRule(seconds: 1))]
    try Benchmark.requireFiles(for: settings)
  }

  @Test func connectionsThatStayOpenAfterDoneAreTold() async throws {
    let server = try #require(
      MockServer { request in
        var answer = Selftest.paced(request, tokens: 4, first: 2_000_000, pace: 1_000_000)
        // Without the end of the body.
        answer.steps[answer.steps.count - 1].bytes.removeLast(MockAnswer.tail.count)
        return answer
      })
    defer { server.stop() }
    let result = try await run(server, Stage(load: .concurrency(2), stop: StopRule(requests: 40)))
    #expect(result.summary.completed == 40)
    #expect(result.client.oddities?.leftOpen == 40)
    #expect(result.validity.doubtful.contains { $0.code == "stream-left-open" })
    // A single answer that ended by time-out would take a minute; a busy machine may take seconds.
    #expect(result.durationSeconds < 60)
  }

  /// The first request of each place in flight has not been waiting, however long the burst takes. No answer comes while
  /// it is sent, so that no place is taken twice.
  @Test func theStartOfAWideStageIsNotLate() async throws {
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 2, first: 2_000_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let result = try await run(server, Stage(load: .concurrency(256), stop: StopRule(requests: 256)), tokens: 2)
    #expect(result.summary.completed == 256)
    #expect(result.client.dispatchLateness.count == 0)
  }

  @Test func aServerThatWantsTheNewerLimitGetsIt() async throws {
    let server = try #require(
      MockServer { request in
        request.maximumTokens == MockRequest.unlimited
          ? Selftest.paced(request, tokens: 4, first: 2_000_000, pace: 1_000_000)
          : .plain(
            status: "400 Bad Request",
            body: "{\"error\":{\"message\":\"max_tokens is not supported. Use max_completion_tokens instead.\"}}")
      })
    defer { server.stop() }
    let result = try await run(server, Stage(load: .concurrency(1), stop: StopRule(requests: 4))) {
      $0.warmupRequests = 1
    }
    #expect(result.outputLimit == .maxCompletionTokens)
    #expect(result.summary.completed == 4)
  }

  @Test func aServerThatIsLoadingIsWaitedFor() async throws {
    let server = try #require(
      MockServer { request in
        request.serial > 3
          ? Selftest.paced(request, tokens: 4, first: 2_000_000, pace: 1_000_000)
          : .plain(status: "503 Service Unavailable", body: "{\"error\":{\"message\":\"Loading model\"}}")
      })
    defer { server.stop() }
    let result = try await run(server, Stage(load: .concurrency(1), stop: StopRule(requests: 4))) {
      $0.warmupRequests = 1
      $0.waitSeconds = 20
    }
    #expect(result.summary.completed == 4)
    #expect(result.validity.invalid == [])
  }

  @Test func refusalsOfMembersSayWhatToLeaveOut() async throws {
    let server = try #require(
      MockServer { _ in
        .plain(
          status: "400 Bad Request",
          body: "{\"error\":{\"message\":\"Unrecognized request arguments supplied: ignore_eos, min_tokens\"}}")
      })
    defer { server.stop() }
    let result = try await run(server, Stage(load: .concurrency(1), stop: StopRule(requests: 100)))
    #expect(result.requests.count == 3)
    #expect(result.validity.invalid.first?.remedy?.contains("--free-output-length") == true)
  }

  @Test func loadsAreNotPooled() async throws {
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 4, first: 5_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let stages = [1, 4].map { Stage(load: .concurrency($0), stop: StopRule(requests: 80)) }
    let result = try await Benchmark(
      settings: Selftest.settings(stages, tokens: 4), target: BenchmarkTarget(baseURL: server.url, model: "m")
    ).run()
    #expect(result.stages.map(\.name) == ["concurrency 1", "concurrency 4"])
    #expect(result.summaryStage == "concurrency 4")
    #expect(result.summary == result.stages[1].summary)
    #expect(result.summary.completed == 80)
    #expect(result.stages.map(\.load) == stages.map(\.load))
  }

  /// A server that repeats the key that it was sent must not bring it into the records.
  @Test func secretsStayOutOfErrors() async throws {
    let server = try #require(
      MockServer { _ in
        .plain(status: "401 Unauthorized", body: "{\"error\":\"wrong key sk-secret-1234\"}")
      })
    defer { server.stop() }
    let target = BenchmarkTarget(
      baseURL: server.url + "/?key=query-secret", model: "m", apiKey: "sk-secret-1234")
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 2))
    let result = try await Benchmark(settings: Selftest.settings([stage], tokens: 4), target: target).run()
    #expect(Set(result.requests.compactMap(\.error)) == ["401: wrong key [hidden]"])
    #expect(result.target == server.url + "/")
  }
}

@Suite struct TargetTests {
  @Test(arguments: [
    ("http://h:8000", "http://h:8000"), ("http://u:secret@h:8000/v1", "http://h:8000/v1"),
    ("https://h/v1?api_key=secret", "https://h/v1"), ("http://u:sec/ret@h:8000/v1", "http://h:8000/v1"),
    ("http://u:sec@ret@h/v1#secret", "http://h/v1"), ("u:secret@h:8000", "h:8000"), ("http://h/a@b", "http://h/a@b"),
    ("http://[::1]:80/x", "http://[::1]:80/x"),
  ])
  func namesHaveNoSecrets(url: String, name: String) {
    #expect(BenchmarkTarget(baseURL: url, model: "m").name == name)
  }

  @Test(
    arguments: [
      ("http://h", nil, "http://h/v1/chat/completions"), ("http://h/v1/", nil, "http://h/v1/chat/completions"),
      ("http://h/v1?k=1", nil, "http://h/v1/chat/completions?k=1"), ("http://h", "/chat", "http://h/chat"),
      ("http://h/v1", "/v1/responses", "http://h/v1/responses"),
      ("http://h/openai?k=1", "/deploy/x", "http://h/openai/deploy/x?k=1"),
    ] as [(String, String?, String)])
  func endpoints(url: String, path: String?, endpoint: String) {
    var target = BenchmarkTarget(baseURL: url, model: "m")
    target.path = path
    #expect(target.endpoint == endpoint)
  }

  @Test func givenHeadersReplaceOurs() {
    var target = BenchmarkTarget(baseURL: "http://h", model: "m", apiKey: "key-of-ours")
    target.headers = ["authorization: Basic abcdef", "X-Tenant: 7"]
    #expect(!target.headerLines.contains { $0.hasPrefix("Authorization") })
    #expect(target.headerLines.suffix(2) == ["authorization: Basic abcdef", "X-Tenant: 7"])
    #expect(target.secrets.contains("abcdef"))
  }

  @Test func givenMembersReplaceOurs() {
    let target = BenchmarkTarget(
      baseURL: "http://h", model: "m", extraBody: ["max_tokens": "3", "temperature": "1", "top_k": "1"])
    let composer = RequestComposer(target: target, settings: BenchmarkSettings(stages: []))
    let conversation = Conversation(turns: [.init(text: "a", outputTokens: 5)])
    #expect(
      String(decoding: composer.body(of: conversation, turn: 0, answers: []), as: UTF8.self) == """
        {"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":3,"temperature":1,"top_k":1,\
        "messages":[{"role":"user","content":"a"}]}
        """)
  }
}

@Suite struct RefusalTextTests {
  @Test(
    arguments: [
      (#"{"error":"Unauthorized"}"#, "Unauthorized"),
      (#"{"error":{"message":"no such model","code":404}}"#, "no such model"),
      (#"{"object":"error","message":"too long"}"#, "too long"), (#"{"detail":"Not Found"}"#, "Not Found"),
      (
        #"{"detail":[{"loc":["body","messages",0],"msg":"Field required"},{"msg":"bad"}]}"#,
        "body.messages.0: Field required; bad"
      ), (#"{"error":[{"message":"a"}]}"#, "a"), (#"{"message":"cut"#, nil), ("<html>", nil), ("", nil),
      (#"{"error":{}}"#, nil),
    ] as [(String, String?)])
  func everyFormIsRead(body: String, message: String?) {
    #expect(ErrorText.message(of: Array(body.utf8), isRefusal: true) == message)
  }
}
