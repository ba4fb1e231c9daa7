import Foundation
import Testing
import Units

@testable import Benchmarking
@testable import Reporting

/// The line that a benchmark shows while a stage runs.
@Suite struct LiveStageTests {
  private let stage = Stage(load: .concurrency(4), stop: StopRule(requests: 72))

  private func progress(_ seconds: Double, finished: Int, chunks: Int, failed: Int = 0) -> BenchmarkEvent {
    var progress = BenchmarkProgress(
      stage: stage.name, elapsedSeconds: seconds, sent: finished + 4, finished: finished, failed: failed, inFlight: 4,
      chunks: chunks, outputTokens: chunks)
    progress.share = Double(finished) / 72
    if failed > 0 { progress.lastError = "connection refused by the server at the other end of the line" }
    return .progress(progress)
  }

  private func request(tokens: Int, chunks: Int) -> RequestRecord {
    var request = RequestRecord(index: 0, stage: stage.name, scheduled: 0, outcome: .completed)
    (request.sent, request.firstToken, request.lastToken) = (0, 31_000_000, 191_000_000)
    request.chunkTimes = (1...Int64(chunks)).map { $0 * 10_000_000 }
    request.outputTokens = tokens
    return request
  }

  private func live(seconds: Int, failed: Int = 0, tokensOfAChunk: Int = 1) -> LiveStage {
    var live = LiveStage(stages: 3)
    live.take(.stageStarted(stage, schedule: nil))
    live.take(.requests([request(tokens: 16 * tokensOfAChunk, chunks: 16)]))
    for second in 1...seconds {
      live.take(progress(Double(second), finished: second, chunks: second * (80 + 8 * second), failed: failed))
    }
    return live
  }

  @Test func itSaysRateFlightFirstTokenAndTimeLeft() {
    let line = live(seconds: 9).line(width: 100)
    #expect(line.hasPrefix("[1/3] concurrency 4 12%"))
    for part in ["tok/s", "4 in flight", "TTFT 31.0 ms", "left", "9 done"] { #expect(line.contains(part), "\(line)") }
    #expect(line.contains("█"))
  }

  /// On 80 columns nothing is cut: what is worth less is left out whole.
  @Test(arguments: [20, 40, 60, 79, 100]) func itFitsItsTerminal(_ width: Int) {
    for failed in [0, 3] {
      let line = live(seconds: 30, failed: failed).line(width: width)
      #expect(line.count <= max(width, 23))
      guard width >= 79 else { continue }
      for part in ["tok/s", "TTFT", "left"] + (failed == 0 ? ["in flight"] : []) {
        #expect(line.contains(part), "\(line)")
      }
    }
  }

  @Test func itsFiguresAreThoseOfTheMoment() {
    let live = live(seconds: 9)
    #expect(live.stage == stage.name)
    let figures = live.figures
    #expect(figures["inFlight"] == 4 && figures["timeToFirstToken"] == 0.031)
    #expect(abs((figures["timePerOutputToken"] ?? 0) - 0.16 / 15) < 1e-9 && (figures["tokensPerSecond"] ?? 0) > 0)
    #expect(LiveStage(stages: 1).figures.isEmpty && LiveStage(stages: 1).stage == nil)
  }

  @Test func failuresComeBeforeTheRate() throws {
    let line = live(seconds: 9, failed: 3).line(width: 79)
    let failed = try #require(line.range(of: "3 failed"))
    let rate = try #require(line.range(of: "tok/s"))
    #expect(failed.lowerBound < rate.lowerBound)
  }

  /// A server that sends several tokens in one chunk is not shown slower than it is.
  @Test func aChunkCountsAsItsTokens() throws {
    func rate(_ live: LiveStage) throws -> Double {
      try #require(live.line(width: 100).firstMatch(of: /([0-9.]+) tok\/s/).flatMap { Double($0.1) })
    }
    let (one, four) = (try rate(live(seconds: 9)), try rate(live(seconds: 9, tokensOfAChunk: 4)))
    #expect(abs(four / one - 4) < 0.05)
  }

  @Test func aStageThatEndedLeavesALine() {
    var summary = RunSummary(completed: 72, errors: 2, durationSeconds: 10)
    summary.outputTokensPerSecond = 84.23
    let words = LiveStage.summary(
      of: StageResult(name: "concurrency 4", concurrency: 4, requestsPerSecond: nil, summary: summary))
    #expect(words == "concurrency 4: 72 done, 2 failed, 84.2 tok/s")
  }

  @Test func barsStandForTheLargest() {
    #expect(Sparkline.rendered([0, 1, 2, 4, 8], width: 10) == "▁▂▃▅█")
    #expect(Sparkline.rendered([1, 8, 8], width: 2) == "██")
    #expect(Sparkline.rendered([0, 0], width: 8) == "▁▁")
    #expect(Sparkline.rendered([3], width: 8).isEmpty)
    #expect(Sparkline.rendered([.nan, 1], width: 8) == "▁█")
  }
}
