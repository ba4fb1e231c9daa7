import GRDB
import Testing
import Units

@testable import Records

@Suite struct JobTests {
  private func job(_ id: String, at seconds: Double = 1000) -> Job {
    Job(id: id, kind: "deploy", subject: "qwen3-8b", startedAt: seconds)
  }

  @Test func aJobIsFoundAsItWasKeptLast() throws {
    let folder = try TemporaryFolder()
    var kept = job("a")
    kept.notes = ["starting"]
    try RunStore(path: folder.database).keep(kept)
    kept.state = .failed
    kept.failure = Reason(.failed, "it broke", remedy: "mend it")
    kept.finishedAt = 1001
    try RunStore(path: folder.database).keep(kept)
    let store = try RunStore(path: folder.database)
    #expect(try store.job("a") == kept)
    #expect(try store.job("b") == nil)
  }

  @Test func theLatestComeFirstAndNoMoreThanAskedFor() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    for (id, time) in [("a", 1.0), ("b", 3.0), ("c", 2.0)] { try store.keep(job(id, at: time)) }
    #expect(try store.jobs(limit: 2).map(\.id) == ["b", "c"])
  }

  @Test func aJobWhoseServerHasGoneIsInterrupted() throws {
    let folder = try TemporaryFolder()
    let store = try RunStore(path: folder.database)
    try store.keep(job("a"))
    #expect(try store.job("a")?.state == .running)
    try store.pool.write { try $0.execute(sql: "UPDATE jobs SET ownerStart = ownerStart + 1") }
    #expect(try store.job("a")?.state == .interrupted)
    #expect(try store.jobs(limit: 9).map(\.state) == [.interrupted])
  }
}
