import Fixtures
import Testing

@testable import Benchmarking

@Suite struct MetricsTests {
  /// A request sent at 10 ms, due at 0, with chunks at these milliseconds.
  private func request(
    _ index: Int = 0, chunks: [Int64], tokens: [Int] = [], output: Int? = nil, reasoning: Int = 0
  ) -> RequestRecord {
    var record = RequestRecord(index: index, stage: "s", scheduled: 0, outcome: .completed)
    record.sent = 10_000_000
    record.chunkTimes = chunks.map { $0 * 1_000_000 }
    record.chunkTokens = tokens
    record.firstToken = record.chunkTimes.first
    record.firstOutput = record.chunkTimes.dropFirst(reasoning).first
    record.lastToken = record.chunkTimes.last
    record.closed = record.lastToken.map { $0 + 5_000_000 }
    record.outputTokens = output
    return record
  }

  @Test func spansCountFromTheSend() throws {
    let record = request(chunks: [60, 70, 80], output: 3, reasoning: 1)
    #expect(record.timeToFirstToken == 0.05)
    #expect(record.timeToFirstOutput == 0.06)
    #expect(record.endToEnd == 0.07)
    #expect(record.responseTimeToFirstToken == 0.06)
    #expect(try #require(record.timePerOutputToken).isClose(to: 0.01))
    #expect(try #require(record.normalizedTimePerOutputToken).isClose(to: 0.07 / 3))
    #expect(record.tokenCounting == .oneByOne)
  }

  @Test func aChunkOfSeveralTokensIsSeveralGaps() {
    let record = request(chunks: [50, 70, 80], tokens: [2, 4, 2], output: 8)
    #expect(record.tokenCounting == .perChunk)
    #expect(record.tokenGaps.map { $0.weight } == [4, 2])
    #expect(record.tokenGaps.allSatisfy { $0.value.isClose(to: 0.005) })
    // The first chunk's two tokens are no part of the time after it.
    #expect(record.timePerOutputToken?.isClose(to: 0.03 / 6) == true)
  }

  @Test func totalsThatDifferAreSpread() {
    let record = request(chunks: [50, 70], output: 6)
    #expect(record.tokenCounting == .spread)
    #expect(record.tokens(ofChunk: 0) == 3)
  }

  @Test(arguments: [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3688)])
  func percentilesNeedSamples(quantile: Double, least: Int) {
    #expect(Distribution.leastSamples(for: quantile) == least)
  }

  @Test func percentilesAreNearestRankAndWithheld() {
    let all = Distribution(samples: (1...100).map { Double($0) })
    #expect(all.p50 == 50)
    #expect(all.p90 == 90)
    #expect(all.p95 == 95)
    #expect(all.p99 == nil)
    #expect(all.mean == 50.5)
    #expect(Distribution(samples: [1, 2, 3]).p50 == nil)
    #expect(Distribution(samples: []).mean == nil)
  }

  @Test func failuresAreCountedAndLeftOut() {
    var failed = request(1, chunks: [1000], output: 1)
    failed.outcome = .failed
    var cut = request(2, chunks: [60], output: nil)
    cut.outcome = .censored
    let summary = RunSummary(of: [request(chunks: [60, 70, 80], output: 3), failed, cut])
    #expect(summary.completed == 1)
    #expect(summary.errors == 1)
    #expect(summary.censored == 1)
    #expect(summary.wastedTokens == 2)
    #expect(summary.timeToFirstToken.count == 1)
    #expect(summary.outputTokensPerSecond?.isClose(to: 3 / 0.07) == true)
  }

  @Test func openLoopsCountFromTheSchedule() {
    let summary = RunSummary(of: [request(chunks: [60, 70], output: 2)], isOpenLoop: true)
    #expect(summary.timeToFirstToken.mean?.isClose(to: 0.06) == true)
    #expect(summary.serviceTimeToFirstToken?.mean?.isClose(to: 0.05) == true)
  }

  @Test func goodputNeedsEveryGoalAndCountsFailures() {
    let goals = [LatencyGoal(.timeToFirstToken, .p99, seconds: 0.055), LatencyGoal(.endToEnd, .p99, seconds: 1)]
    var failed = request(1, chunks: [20], output: 1)
    failed.outcome = .failed
    let summary = RunSummary(
      of: [request(chunks: [60, 70], output: 2), request(2, chunks: [90, 95], output: 2), failed], goals: goals)
    #expect(summary.goodput?.attained == 1)
    #expect(summary.goodput?.considered == 3)
  }

  @Test func wilsonIsTheKnownInterval() {
    let interval = Goodput.wilson(8, of: 10)
    #expect(interval.low.isClose(to: 0.4902, within: 1e-4))
    #expect(interval.high.isClose(to: 0.9433, within: 1e-4))
  }

  @Test func steadyCountsOnlyFullLoad() {
    // Two in flight from 10 to 110 ms with a token each 10 ms; one goes on alone to 210 ms.
    let long = request(chunks: Array(stride(from: 20, through: 205, by: 5)), output: 38)
    let short = request(1, chunks: Array(stride(from: 20, through: 105, by: 5)), output: 18)
    let steady = RunSummary(of: [long, short], concurrency: 2).steadyOutputTokensPerSecond
    // 18 and 18 tokens from 10 ms to before 110 ms, when the shorter ended.
    #expect(steady?.isClose(to: 36 / 0.1, within: 0.01) == true)
  }
}

extension Double {
  func isClose(to other: Double, within tolerance: Double = 1e-9) -> Bool { (self - other).magnitude <= tolerance }
}
