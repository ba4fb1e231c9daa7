import Fixtures
import Testing
import Units

@testable import Benchmarking

@Suite struct SamplesTests {
  /// Beyond the samples that are kept each percentile is within 0.1% of the true one.
  @Test func manySamplesKeepTheirPercentiles() throws {
    var random = RandomSource(seed: 3)
    let values = (0..<100_000).map { _ in 0.01 * random.exponential() }
    var samples = Samples()
    for value in values { samples.add(value) }
    let sorted = values.sorted()
    let found = samples.distribution
    for (quantile, value) in [(0.5, found.p50), (0.9, found.p90), (0.95, found.p95), (0.99, found.p99)] {
      let exact = sorted[Int((quantile * 100_000).rounded(.up)) - 1]
      #expect(abs(try #require(value) / exact - 1) < 0.001)
    }
    #expect(found.count == 100_000)
    #expect(found.minimum == sorted.first)
    #expect(found.maximum == sorted.last)
    let mean = values.reduce(0, +) / 100_000
    #expect(found.mean?.isClose(to: mean, within: 1e-12) == true)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 99_999).squareRoot()
    #expect(found.standardDeviation?.isClose(to: deviation, within: 1e-12) == true)
  }

  @Test func weightsCountAsSoManySamples() {
    var weighted = Samples()
    var single = Samples()
    for (value, weight) in [(1.0, 50), (2.0, 30), (3.0, 20)] {
      weighted.add(value, weight: weight)
      for _ in 0..<weight { single.add(value) }
    }
    #expect(weighted.distribution == single.distribution)
  }

  @Test func zerosAndOddValuesAreCounted() {
    var samples = Samples()
    for number in 0..<40_000 { samples.add(number.isMultiple(of: 2) ? 0 : 1e9) }
    #expect(samples.distribution.p50 == 0)
    #expect(samples.distribution.p90 == 1e9)
  }
}

/// What several chunks of one read, and reasoning that is not streamed, do to the time per token.
@Suite struct TokenTimeTests {
  private func request(_ chunks: [Int64], output: Int?, hidden: Int? = nil) -> RequestRecord {
    var record = RequestRecord(index: 0, stage: "s", scheduled: 0, outcome: .completed)
    record.sent = 0
    record.chunkTimes = chunks.map { $0 * 1_000_000 }
    record.firstToken = record.chunkTimes.first
    record.lastToken = record.chunkTimes.last
    record.closed = record.lastToken
    record.outputTokens = output
    record.hiddenTokens = hidden
    return record
  }

  @Test func whatCameTogetherHasNoTimeBetween() {
    // Eight at once and eight at once 80 ms later: the second eight took 10 ms each.
    let halves = request([Int64](repeating: 50, count: 8) + [Int64](repeating: 130, count: 8), output: 16)
    #expect(halves.timePerOutputToken?.isClose(to: 0.01) == true)
    #expect(request([Int64](repeating: 200, count: 16), output: 16).timePerOutputToken == nil)
  }

  @Test func hiddenReasoningIsNoPartOfTheTimePerToken() {
    // Four chunks of visible text, 10 ms apart, after twelve tokens that were not streamed.
    let record = request([300, 310, 320, 330], output: 16, hidden: 12)
    #expect(record.timePerOutputToken?.isClose(to: 0.01) == true)
    #expect(record.countedOutputTokens == 16)
  }

  @Test func chunksOfSeveralTokensCountAsThatMany() {
    // Four chunks of four tokens, 40 ms apart.
    #expect(request([50, 90, 130, 170], output: 16).timePerOutputToken?.isClose(to: 0.01) == true)
  }

  @Test func bufferedStreamsAreToldAndHaveNoInterTokenLatency() {
    let requests = (0..<80).map { _ in request([Int64](repeating: 200, count: 16), output: 16) }
    let client = ClientHealth(
      dispatchLateness: Distribution(count: 0), longestStall: 0, busyShare: 0, eventsPerRead: 1)
    let evidence = ValidityEvidence(
      settings: BenchmarkSettings(stages: []), requests: RequestEvidence(requests), summary: RunSummary(of: requests),
      client: client)
    #expect(Validity(judging: evidence).doubtful.map(\.code) == ["stream-buffered"])
    #expect(evidence.summary.interTokenLatency.count == 0)
    #expect(evidence.summary.timePerOutputToken.count == 0)
  }

  @Test func aClientThatStoodStillIsInvalid() {
    let requests = (0..<80).map { _ in request([200, 210, 220], output: 3) }
    var client = ClientHealth(
      dispatchLateness: Distribution(count: 0), longestStall: 3, busyShare: 0, eventsPerRead: 1)
    func codes() -> [String] {
      Validity(
        judging: ValidityEvidence(
          settings: BenchmarkSettings(stages: []), requests: RequestEvidence(requests),
          summary: RunSummary(of: requests), client: client)
      ).invalid.map(\.code.rawValue)
    }
    #expect(codes() == ["client-stalled"])
    client.longestStall = 0.05
    #expect(codes() == [])
  }
}
