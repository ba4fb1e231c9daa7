import Fixtures
import Models
import Planning
import Platform
import Records
import Reporting
import Testing
import Units

@testable import Benchmarking
@testable import Workflows

/// Measuring, storing and comparing, without a terminal.
@Suite struct RunTests {
  private func store(_ fixture: WorkspaceFixture) throws -> RunStore {
    try DataFolders.make(fixture.workspace.folders.data)
    return try RunStore(path: fixture.workspace.folders.database)
  }

  /// Every request is in the store when the measurement ends, and the run says which Plimsoll made it.
  @Test func aMeasuredRunIsStoredWithWhatMadeIt() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let server = try #require(
      MockServer { Selftest.paced($0, tokens: 4, first: 1_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let store = try store(fixture)
    var settings = BenchmarkSettings(stages: [Stage(load: .concurrency(2), stop: StopRule(requests: 6))])
    settings.dataset = DatasetSettings(input: .constant(16), output: .constant(4))
    let target = BenchmarkTarget(baseURL: server.url, model: "mock")
    let run = Run(id: Run.newID(), startedAt: 0, target: target.name)
    let measured = try await RecordedBenchmark(settings: settings, target: target, run: run, store: store).measured()
    let kept = try store.archive(measured.id)
    #expect(kept.run.status == .complete)
    #expect(kept.run.plimsoll == .current)
    #expect(kept.requests.count { $0.stage == "concurrency 2" } == 6)
    #expect(kept.run.settings["benchmark"] != nil)
  }

  private func compared(slowdown: Double) throws -> ComparedRuns {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let store = try store(fixture)
    for (id, factor) in [("20261122-2103-a1b2c3", 1), ("20261122-2110-d4e5f6", slowdown)] {
      var builder = RunBuilder()
      builder.id = id
      builder.pace *= factor
      builder.prefill *= factor
      try store.add(builder.archive(), origin: .measured)
    }
    return try RunComparing(in: fixture.workspace).compared([], latest: 2)
  }

  @Test func aSlowerRunIsARegression() throws {
    let failure = #expect(throws: Failure.self) { try compared(slowdown: 1.5).requireNoRegression() }
    #expect(failure?.reason.code == .regression)
    #expect(failure?.outcome == .invalidResult)
  }

  @Test func anEqualRunIsNone() throws {
    let comparison = try compared(slowdown: 1)
    #expect(comparison.verdicts.count == 1)
    try comparison.requireNoRegression()
  }

  @Test func oneRunIsNoComparison() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    try store(fixture).add(RunBuilder().archive(), origin: .measured)
    let failure = #expect(throws: Failure.self) { try RunComparing(in: fixture.workspace).compared([], latest: 2) }
    #expect(failure?.reason.code == .tooFewRuns)
  }

  @Test func aRunIsNotComparedWithItself() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let archive = RunBuilder().archive()
    try store(fixture).add(archive, origin: .measured)
    let failure = #expect(throws: Failure.self) {
      try RunComparing(in: fixture.workspace).compared(["last", archive.run.id])
    }
    #expect(failure?.reason.code == .sameRun)
    #expect(failure?.outcome == .usage)
  }

  /// A deployment that is none, and an address that is none, are told apart from a server that does not answer.
  @Test func aTargetThatIsNoneIsRefused() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let failure = await #expect(throws: Failure.self) { try await fixture.workspace.target("no-such-server") }
    #expect(failure?.reason.code == .unknownTarget)
    #expect(failure?.outcome == .usage)
  }

  @Test(arguments: [
    "http://127.0.0.1:99999", "http://", "http://[::1", "http://a b:80", "https://:80", "ftp://127.0.0.1:80", "http:/x",
    "unix:///tmp/x.sock",
  ])
  func anAddressThatIsNoneIsRefusedBeforeItIsAsked(text: String) async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let failure = await #expect(throws: Failure.self) { try await fixture.workspace.target(text) }
    #expect(failure?.reason.code == .unknownTarget)
    #expect(failure?.outcome == .usage)
  }

  @Test(arguments: [
    ("127.0.0.1:1", "http://127.0.0.1:1"), ("[::1]:1/v1", "http://[::1]:1/v1"),
    ("HTTP://127.0.0.1:1", "HTTP://127.0.0.1:1"),
    ("http://user:pa%40ss@127.0.0.1:1", "http://user:pa%40ss@127.0.0.1:1"), ("localhost:1", "http://localhost:1"),
  ])
  func anAddressMayLeaveOutItsScheme(text: String, address: String) async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var words = TargetWords()
    words.model = "m"
    #expect(try await fixture.workspace.target(text, words).baseURL == address)
  }

  /// A key that others can read is no key.
  @Test func aKeyOfAnOpenFileIsRefused() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let path = try fixture.write("secret\n", to: "key")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    var words = TargetWords()
    words.model = "m"
    words.keyFile = path
    let failure = await #expect(throws: Failure.self) {
      try await fixture.workspace.target("http://127.0.0.1:1", words)
    }
    #expect(failure?.reason.code == .keyFileReadable)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    #expect(try await fixture.workspace.target("http://127.0.0.1:1", words).apiKey == "secret")
  }

  /// What cannot be learned from says why, and changes nothing.
  @Test func anIncompleteRunTeachesNothing() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var run = RunBuilder().archive().run
    run.status = .incomplete
    let plan = try #require(run.plan)
    let option = try #require(plan.options.first)
    let shape = ModelShape(embeddingLength: 576, vocabularySize: 49_152, contextLength: 8192)
    let model = Model(name: "m", format: .gguf, architecture: "llama", shape: shape, layers: [])
    let lesson = CalibrationLearning(run: run, machine: plan.machine, option: option, model: model)
    #expect(lesson.refusal == "the run is incomplete")
    #expect(fixture.workspace.calibration() == nil)
  }
}
