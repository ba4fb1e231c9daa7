import Benchmarking
import Fixtures
import Engines
import Foundation
import Planning
import Platform
import Records
import Synchronization
import Testing
import Units
import Workflows

@testable import Deployment
@testable import Web

/// What a measurement is asked over the API, and what it tells while it runs.
@Suite struct MeasureTests {
  private func settings(_ body: String) throws -> BenchmarkSettings {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let endpoint = try #require(try API(fixture.workspace, program: "").endpoints.first { $0.name == "measure" })
    let text = "{\"deployment\": \"x\"\(body.isEmpty ? "" : ", ")\(body)}"
    let request = WebRequest("POST", ["api", "v1", "benchmarks"], headers: [:], body: Array(text.utf8))
    return try API.benchmark(try endpoint.inputs(request, captures: [:]))
  }

  @Test func theLoadIsThatOfTheCommand() throws {
    let usual = try settings("")
    #expect(usual.stages.map(\.load) == [.concurrency(1), .concurrency(2), .concurrency(4)])
    #expect(usual.stages.map(\.stop.requests) == [6, 6, 8] && usual.warmupRequests == 4)
    let open = try settings(#""rates": ["0.5", "2"], "seconds": 30, "arrivals": "constant", "warmup": 0"#)
    #expect(open.stages.map(\.load) == [0.5, 2].map { .rate($0, process: .constant, cap: nil) })
    #expect(open.stages.allSatisfy { $0.stop == StopRule(seconds: 30) } && open.warmupRequests == 0)
    let spread = try settings(#""inputLengths": "100-400", "outputTokens": 7, "sharedPrefix": 50"#)
    #expect(spread.dataset.inputLength == .uniform(low: 100, high: 400))
    #expect(spread.dataset.outputLength == .constant(7) && spread.dataset.sharedPrefixTokens == 50)
    let search = try settings(#""goal": "ttft p95 < 2 s", "search": true, "requests": 9"#)
    #expect(search.search != nil && search.goals.count == 1 && search.stages.map(\.stop.requests) == [9])
  }

  @Test(arguments: [
    #""concurrency": ["0"]"#, #""concurrency": ["2"], "rates": ["1"]"#, #""rates": ["x"]"#, #""rates": ["0"]"#,
    #""arrivals": "poisson""#, #""rates": ["1"], "arrivals": "x""#, #""goal": "fast""#, #""search": true"#,
    #""goal": "ttft p95 < 2 s", "search": true, "rates": ["1"]"#, #""inputLengths": "many""#,
    #""inputLengths": "5", "inputTokens": 5"#, #""sharedPrefix": 128"#,
  ])
  func aLoadThatCannotBeIsRefused(_ body: String) {
    #expect(throws: WebFault.self) { try settings(body) }
  }

  @Test func aRequestLongerThanTheContextIsRefusedBeforeItIsSent() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let folders = fixture.workspace.folders
    try FileManager.default.createDirectory(atPath: folders.deployments, withIntermediateDirectories: true)
    var record = Deployment(
      name: "x", engine: .llamaCpp, engineBuild: nil, modelPath: "/m", address: ServerAddress(port: 1), command: [],
      environment: [:], startedAt: 0, log: "\(fixture.folder)/log")
    // Four slots share 4,096 tokens.
    record.option = PlanBuilder.plan().options[0]
    try JSONEncoder().encode(record).write(to: URL(filePath: "\(folders.deployments)/x.json"))
    let refused = await fixture.ask("POST", ["benchmarks"], #"{"deployment": "x", "inputTokens": 2000}"#)
    #expect(refused.status == 400, "\(refused.text)")
    for words in ["request-longer-than-slot", "2,048", "1,024", "--input-tokens 668"] {
      #expect(refused.text.contains(words), "\(refused.text)")
    }
    let spread = await fixture.ask("POST", ["benchmarks"], #"{"deployment": "x", "inputLengths": "100-2000"}"#)
    #expect(spread.status == 400)
    #expect(!(await fixture.ask("GET", ["jobs"]).text.contains("\"bench\"")))
    // The nearest that works is begun, and fails for want of a server alone.
    let begun = await fixture.ask("POST", ["benchmarks"], #"{"deployment": "x", "inputTokens": 668}"#)
    #expect(begun.status == 202, "\(begun.text)")
    await fixture.app.end()
  }

  @Test func whoComesLateHearsWhatWas() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try RunStore(path: "\(folder)/plimsoll.sqlite")
    let time = Ticking()
    let board = JobBoard(store) { time.next() }
    let (wait, go) = AsyncStream<Void>.makeStream()
    let (ready, said) = AsyncStream<Void>.makeStream()
    let job = try board.start("bench", "x") { reporter in
      for index in 0..<2000 {
        reporter.progress(0.5, step: index < 1000 ? "one" : "two", figures: ["inFlight": Double(index)])
      }
      said.finish()
      for await _ in wait {}
      return nil
    }
    for await _ in ready {}
    let points = board.history(of: job.id).points
    #expect(points.count <= JobHistory.most && points.count > JobHistory.most / 4)
    #expect(points.first?.figures["inFlight"] == 0 && Set(points.map(\.step)) == ["one", "two"])
    let seconds = points.compactMap { $0.figures["seconds"] }
    #expect(seconds.count == points.count && seconds == seconds.sorted())
    #expect(try board.job(job.id)?.step == "two")
    // What is kept in the database has none of it.
    #expect(try store.job(job.id)?.figures == nil)
    go.finish()
    for await last in try #require(try board.changes(of: job.id)) where last.state != .running {
      #expect(last.step == nil && last.figures == nil)
    }
    #expect(board.history(of: job.id).points.isEmpty)
  }

  @Test func modelsAreKnownByName() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let answer = await fixture.ask("GET", ["catalogue", "models"], query: ["text": "QWEN3 8b"])
    let document = try JSONDecoder().decode(JSON.self, from: Data(answer.text.utf8))
    guard case .list(let models)? = document["models"], case .integer(let total)? = document["total"] else {
      Issue.record("\(answer.text.prefix(300))")
      return
    }
    #expect(!models.isEmpty && models.count < total)
    #expect(models.contains { $0["name"] == "qwen3-8b" }, "\(answer.text.prefix(300))")
  }

  @Test func runsAreTaggedNotedAndDeleted() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let store = try RunStore(path: fixture.workspace.folders.database)
    for id in ["run-a", "run-b"] {
      var builder = RunBuilder()
      builder.id = id
      builder.requestsPerStage = 2
      try store.add(builder.archive(), origin: .imported)
    }
    let edited = await fixture.ask("PATCH", ["runs", "run-a"], #"{"addTags": ["x", "y"], "note": "after the fan"}"#)
    #expect(edited.status == 200, "\(edited.text.prefix(300))")
    #expect(try Schemas.named("run").violations(in: edited.text) == [])
    _ = await fixture.ask("PATCH", ["runs", "run-a"], #"{"removeTags": ["x"]}"#)
    let list = try store.list()
    #expect(list.first { $0.id == "run-a" }?.tags == ["y"] && list.first { $0.id == "run-a" }?.note == "after the fan")
    #expect(list.first { $0.id == "run-b" }?.tags == [])
    _ = await fixture.ask("PATCH", ["runs", "run-a"], #"{"removeNote": true}"#)
    #expect(try store.list().first { $0.id == "run-a" }?.note == nil)
    for body in [#"{"addTags": [""]}"#, #"{"note": ""}"#, #"{"status": "complete"}"#] {
      #expect(await fixture.ask("PATCH", ["runs", "run-a"], body).status == 400)
    }
    for method in ["PATCH", "DELETE"] {
      #expect(await fixture.ask(method, ["runs", "none"], method == "PATCH" ? "{}" : "").status == 404)
    }
    #expect(await fixture.ask("DELETE", ["runs", "run-a"]).status == 204)
    #expect(try store.list().map(\.id) == ["run-b"])
    // One that is measured stays.
    var running = RunBuilder().archive().run
    (running.id, running.status) = ("run-c", .running)
    try store.begin(running)
    #expect(await fixture.ask("DELETE", ["runs", "run-c"]).status == 503)
    #expect(try store.list().contains { $0.id == "run-c" })
  }
}

/// A clock that goes on by a tenth of a second each time that it is read.
private final class Ticking: Sendable {
  private let time = Mutex(0.0)

  func next() -> Double {
    time.withLock {
      $0 += 0.1
      return $0
    }
  }
}
