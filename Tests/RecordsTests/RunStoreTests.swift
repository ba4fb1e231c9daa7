import Benchmarking
import Fixtures
import Foundation
import GRDB
import Platform
import Testing
import Units

@testable import Records

@Suite struct RunStoreTests {
  private let folder: TemporaryFolder
  private let store: RunStore

  init() throws {
    folder = try TemporaryFolder()
    store = try RunStore(path: folder.database)
  }

  @Test func aRunComesBackAsItWas() throws {
    let archive = RunBuilder().archive()
    var begun = archive.run
    begun.status = .running
    begun.stages = []
    try store.begin(begun)
    try store.append(Array(archive.requests.prefix(100)), to: begun.id)
    try store.append(Array(archive.requests.dropFirst(100)), to: begun.id)
    try store.append(archive.telemetry, to: begun.id)
    #expect(try store.run(begun.id).status == .running)
    try store.finish(archive.run)
    #expect(try store.archive(begun.id) == archive)
  }

  @Test func everyFieldOfARequestIsKept() throws {
    var request = RequestRecord(index: 9, stage: "warm-up", scheduled: 1, outcome: .failed)
    request.sent = 2
    request.firstToken = 3
    request.firstOutput = 4
    request.lastToken = 5
    request.closed = 6
    request.chunkTimes = [3, 5]
    request.chunkTokens = [1, 2]
    request.inputTokens = 7
    request.outputTokens = 8
    request.cachedTokens = 9
    request.hiddenTokens = 4
    request.requestedOutputTokens = 10
    request.status = 503
    request.error = "overloaded"
    request.finishReason = "error"
    request.turn = 3
    var timings = ServerTimings()
    timings.outputSeconds = 0.25
    request.serverTimings = timings
    for child in Mirror(reflecting: request).children {
      let isNil =
        Mirror(reflecting: child.value).displayStyle == .optional && Mirror(reflecting: child.value).children.isEmpty
      #expect(!isNil, "the test does not fill \(child.label ?? "")")
    }
    try store.begin(Run(id: "a-run", startedAt: 1, target: "x"))
    try store.append([request], to: "a-run")
    #expect(try store.requests(of: "a-run") == [request])
    var light = request
    light.chunkTimes = []
    light.chunkTokens = []
    #expect(try store.requests(of: "a-run", stage: "warm-up", withChunks: false) == [light])
    #expect(try store.requests(of: "a-run", stage: "other").isEmpty)
  }

  @Test func aRunWhoseProcessHasGoneIsIncomplete() throws {
    let gone = ProcessIdentity(pid: 1, startTicks: 12345)
    try store.begin(Run(id: "orphan", startedAt: 1, target: "x"), owner: gone)
    try store.append(Array(RunBuilder().archive().requests.prefix(3)), to: "orphan")
    #expect(try store.run("orphan").status == .incomplete)
    #expect(try store.list().first?.status == .incomplete)
    #expect(try store.requests(of: "orphan").count == 3)
    var filter = RunFilter()
    filter.status = .incomplete
    #expect(try store.list(filter).count == 1)
    filter.status = .running
    #expect(try store.list(filter).isEmpty)
    try store.delete("orphan")
    #expect(try store.list().isEmpty)
  }

  @Test func aRunThatGoesOnIsNotDeleted() throws {
    try store.begin(Run(id: "going-on", startedAt: 1, target: "x"))
    #expect(throws: RecordError.stillRunning("going-on")) { try store.delete("going-on") }
    try store.delete("going-on", force: true)
  }

  @Test func theLastRunIsTheOneStoredLast() throws {
    try store.begin(Run(id: "second-shard", startedAt: 2, target: "x"))
    try store.begin(Run(id: "merged", startedAt: 1, target: "x"))
    #expect(try store.identifier("last") == "merged")
  }

  @Test func runsAreFoundByTheirEnds() throws {
    for (offset, id) in ["20261122-2103-aaaaaa", "20261122-2103-bbbbbb", "20261123-0000-cccccc"].enumerated() {
      try store.begin(Run(id: id, startedAt: Double(offset), target: "x"))
    }
    #expect(try store.identifier("last") == "20261123-0000-cccccc")
    #expect(try store.identifier("last-2") == "20261122-2103-aaaaaa")
    #expect(try store.identifier("bbbbbb") == "20261122-2103-bbbbbb")
    #expect(try store.identifier("20261123") == "20261123-0000-cccccc")
    #expect(throws: RecordError.noSuchRun("zzz")) { try store.identifier("zzz") }
    #expect(throws: RecordError.noSuchRun("last-9")) { try store.identifier("last-9") }
    let both = ["20261122-2103-aaaaaa", "20261122-2103-bbbbbb"]
    #expect(throws: RecordError.ambiguousRun("20261122", matches: both)) { try store.identifier("20261122") }
    #expect(throws: RecordError.alreadyStored("20261123-0000-cccccc")) {
      try store.begin(Run(id: "20261123-0000-cccccc", startedAt: 0, target: "x"))
    }
  }

  @Test func tagsAndNotesSurviveTheEndOfTheRun() throws {
    let archive = RunBuilder().archive()
    try store.begin(archive.run)
    try store.tag(archive.run.id, adding: ["nightly", "quiet"], removing: ["absent"])
    try store.note(archive.run.id, "after the fan was cleaned")
    try store.finish(archive.run)
    let run = try store.run("last")
    #expect(run.tags == ["nightly", "quiet"])
    #expect(run.note == "after the fan was cleaned")
    var filter = RunFilter()
    filter.tag = "quiet"
    filter.model = "smollm2"
    filter.engine = "LLAMA"
    filter.isValid = true
    #expect(try store.list(filter).map(\.id) == [run.id])
    for text in ["quie", "NIGHTLY", "fan was", "smollm2", "Q4_1", "llama.cpp", String(run.id.prefix(8)), "127.0.0.1"] {
      filter.text = text
      #expect(try store.list(filter).map(\.id) == [run.id], "\(text)")
    }
    filter.text = "nowhere"
    #expect(try store.list(filter).isEmpty)
    filter.text = nil
    filter.tag = "other"
    #expect(try store.list(filter).isEmpty)
  }

  @Test func documentsAreStoredOnceAndGoWithTheLastRun() throws {
    for number in 0..<3 {
      var builder = RunBuilder()
      builder.id = "run-\(number)"
      builder.requestsPerStage = 2
      try store.add(builder.archive(), origin: .imported)
    }
    func documents() throws -> Int? {
      try store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM documents") }
    }
    #expect(try documents() == 3)
    for number in 0..<3 { try store.delete("run-\(number)") }
    #expect(try documents() == 0)
  }
}
