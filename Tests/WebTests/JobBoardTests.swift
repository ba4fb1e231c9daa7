import Foundation
import Records
import Synchronization
import Testing
import Units
import Workflows

@testable import Hub
@testable import Web

@Suite struct JobBoardTests {
  private func withStore(_ test: (RunStore) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await test(try RunStore(path: "\(folder)/plimsoll.sqlite"))
  }

  /// All that a job says until its end.
  private func followed(_ id: String, on board: JobBoard) async throws -> [Job] {
    let changes = try #require(try board.changes(of: id))
    return await changes.reduce(into: []) { $0.append($1) }
  }

  @Test func aJobIsFollowedToItsEndAndFoundByTheNextServer() async throws {
    try await withStore { store in
      let (gate, open) = AsyncStream<Void>.makeStream()
      let board = JobBoard(store) { 1000 }
      let job = try board.start("deploy", "qwen3-8b") { reporter in
        reporter.note("starting\u{1B}[2J")
        reporter.progress(0.5)
        for await _ in gate {}
        return "/api/v1/deployments/a"
      }
      async let all = followed(job.id, on: board)
      open.finish()
      let last = try #require(try await all.last)
      #expect(last.state == .done && last.result == "/api/v1/deployments/a" && last.finishedAt == 1000)
      #expect(last.notes.count == 1 && !last.notes[0].contains("\u{1B}"))
      let next = JobBoard(store) { 2000 }
      #expect(try next.job(job.id) == last)
      #expect(try next.list(limit: 5) == [last])
      // One that has ended is told once.
      #expect(try await followed(job.id, on: next) == [last])
      #expect(try next.changes(of: "none") == nil)
    }
  }

  @Test func aFailureIsKeptWithItsReason() async throws {
    try await withStore { store in
      let board = JobBoard(store) { 1 }
      let job = try board.start("deploy", "m") { _ in throw Failure(.doesNotFit, .noTokens, "no", remedy: "less") }
      let last = try await followed(job.id, on: board).last
      #expect(last?.state == .failed && last?.failure == Reason(.noTokens, "no", remedy: "less"))
    }
  }

  @Test func aDownloadTellsItsRateAndTheTimeLeft() async throws {
    try await withStore { store in
      let board = JobBoard(store) { 1 }
      let (wait, go) = AsyncStream<Void>.makeStream()
      let job = try board.start("download", "m") { reporter in
        var pulled = PullProgress(
          bytesDone: .init(300), bytesTotal: .init(1200), filesDone: 0, filesTotal: 1, bytesPerSecond: 100,
          waitsForOthers: false)
        let audience = reporter.audience(agrees: false)
        audience.pulling(pulled)
        for await _ in wait {}
        pulled.bytesPerSecond = nil
        audience.pulling(pulled)
        audience.pulling(nil)
        return nil
      }
      var seen: Job?
      for await change in try #require(try board.changes(of: job.id)) {
        if change.figures != nil, seen == nil {
          seen = change
          go.finish()
        }
      }
      #expect(seen?.progress == 0.25)
      #expect(
        seen?.figures == ["bytesDone": 300, "bytesTotal": 1200, "bytesPerSecond": 100, "secondsLeft": 9])
    }
  }

  @Test func aCancelledJobEndsAsSuch() async throws {
    try await withStore { store in
      let board = JobBoard(store) { 1 }
      let job = try board.start("deploy", "m") { _ in
        try await Task.sleep(for: .seconds(3600))
        return nil
      }
      board.cancel(job.id)
      #expect(try await followed(job.id, on: board).last?.state == .cancelled)
    }
  }

  @Test func onlySoManyRunAtOnceAndNoneAfterTheEnd() async throws {
    try await withStore { store in
      let board = JobBoard(store) { 1 }
      for _ in 0..<JobBoard.atOnce {
        _ = try board.start("deploy", "m") { _ in
          try await Task.sleep(for: .seconds(3600))
          return nil
        }
      }
      #expect(throws: WebFault(429, "4 jobs run already; wait for one to end, or cancel it")) {
        try board.start("deploy", "m") { _ in nil }
      }
      await board.endAll()
      #expect(try store.jobs(limit: 9).map(\.state) == [Job.State](repeating: .cancelled, count: JobBoard.atOnce))
      #expect(throws: WebFault(503, "the server is ending")) { try board.start("deploy", "m") { _ in nil } }
    }
  }
}
