import Dispatch
import Fixtures
import Platform
import Records
import Testing
import Units

@testable import Benchmarking
@testable import Workflows

/// What a store that is slow, full or locked does to a measurement: nothing.
@Suite struct StoringTests {
  private func store(_ fixture: WorkspaceFixture) throws -> RunStore {
    try DataFolders.make(fixture.workspace.folders.data)
    return try RunStore(path: fixture.workspace.folders.database)
  }

  private func requests(_ range: Range<Int>) -> [RequestRecord] {
    range.map { RequestRecord(index: $0, stage: "concurrency 1", scheduled: 0, outcome: .completed) }
  }

  @Test func whatWaitsIsBoundedAndWhatWasTakenIsStored() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let store = try store(fixture)
    var run = Run(id: "one", startedAt: 1, target: "x")
    try store.begin(run)
    let failure = StoringFailure()
    let storing = StoringQueue(store, run: "one", failure: failure, most: 100_000)
    // As where a disk takes nothing for a while.
    storing.queue.suspend()
    for start in 0..<1000 { storing.add(requests(start * 10..<start * 10 + 10)) }
    storing.queue.resume()
    await storing.finish()
    #expect((failure.error as? RecordError) == .tooSlow(path: store.path))
    let kept = try store.requests(of: "one").map(\.index)
    #expect(kept == Array(0..<kept.count) && kept.count > 100 && kept.count < 200)
    run.status = .complete
    failure.finish(&run, in: store)
    #expect(run.validity.invalid.map(\.code) == [.requestsLost])
    #expect(try store.run("one").status == .incomplete)
  }

  @Test func oneBatchMayBeLargerThanAllThatMayWait() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let store = try store(fixture)
    try store.begin(Run(id: "one", startedAt: 1, target: "x"))
    let failure = StoringFailure()
    let storing = StoringQueue(store, run: "one", failure: failure, most: 10)
    storing.add(requests(0..<50))
    await storing.finish()
    #expect(failure.error == nil)
    #expect(try store.requests(of: "one").count == 50)
  }

  private func settings(requests: Int) -> BenchmarkSettings {
    var settings = BenchmarkSettings(stages: [Stage(load: .concurrency(1), stop: StopRule(requests: requests))])
    settings.dataset = DatasetSettings(input: .constant(16), output: .constant(4))
    return settings
  }

  /// Here another command takes the run away after its first requests.
  @Test func figuresOfOneServerOutliveTheStore() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let server = try #require(MockServer { Selftest.paced($0, tokens: 4, first: 1_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let store = try store(fixture)
    let target = BenchmarkTarget(baseURL: server.url, model: "mock")
    let recorded = RecordedBenchmark(
      settings: settings(requests: 6), target: target, run: Run(id: "one", startedAt: 0, target: target.name),
      store: store
    ) { event in
      if case .stageFinished = event { try? store.delete("one", force: true) }
    }
    let run = try await recorded.measured()
    #expect(run.summary.completed == 6)
    #expect(recorded.storingFailure is RecordError)
    #expect(run.validity.invalid.map(\.code).contains(.requestsLost))
  }

  @Test func figuresOfServersInTurnsOutliveTheStore() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let server = try #require(MockServer { Selftest.paced($0, tokens: 4, first: 1_000_000, pace: 1_000_000) })
    defer { server.stop() }
    let store = try store(fixture)
    let target = BenchmarkTarget(baseURL: server.url, model: "mock")
    let benchmark = InterleavedBenchmark(settings: settings(requests: 2), store: store, pairs: 2...2, tolerance: 0.02) {
      if case .stageFinished = $0 { for id in ["a", "b"] { try? store.delete(id, force: true) } }
    }
    let (a, b) = try await benchmark.measured(
      InterleavedBenchmark.Side(target: target, run: Run(id: "a", startedAt: 0, target: target.name)),
      InterleavedBenchmark.Side(target: target, run: Run(id: "b", startedAt: 0, target: target.name)))
    #expect(a.stages.count == 2 && b.stages.count == 2)
    #expect(a.summary.completed == 4)
    #expect(benchmark.storingFailure is RecordError)
    #expect(a.validity.invalid.map(\.code).contains(.requestsLost))
  }
}
