import Fixtures
import Platform
import Testing
import Units

@testable import Benchmarking

/// Properties of the verdict on series with known truth.
@Suite struct VerdictTests {
  /// Interleaved block means: drift that both sides share, noise of 1% on each block.
  private func verdict(seed: UInt64, truth: Double, pairs: Int = 12, noise: Double = 0.01) -> ComparisonVerdict {
    var generator = SeededGenerator(seed: seed)
    var drift = 0.0
    var sides: [BlockOrder.Side: [Double]] = [:]
    for side in BlockOrder.interleaved(pairs: pairs) {
      drift += 0.004 * Double.random(in: -1...1, using: &generator)
      let scatter = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &generator) }
      sides[side, default: []].append(100 * exp(drift + noise * scatter) * (side == .b ? truth : 1))
    }
    let ratio = RatioInterval(paired: sides[.b] ?? [], to: sides[.a] ?? [], resamples: 1000, seed: seed)
    return ComparisonVerdict(quantity: "q", stage: "s", ratio: ratio, floor: .interleaved)
  }

  @Test func equalSidesAreTheSameNineteenTimesInTwenty() {
    let outcomes = (1...100).map { verdict(seed: $0, truth: 1).outcome }
    #expect(outcomes.filter { $0 == .same }.count >= 95)
    #expect(outcomes.filter { $0 == .faster || $0 == .slower }.count <= 1)
  }

  @Test(arguments: [(1.05, ComparisonVerdict.Outcome.faster), (1 / 1.05, .slower)])
  func aChangeOfFivePerCentIsFound(truth: Double, expected: ComparisonVerdict.Outcome) {
    let outcomes = (1...60).map { verdict(seed: $0, truth: truth).outcome }
    #expect(outcomes.filter { $0 == expected }.count >= 58)
  }

  @Test func noiseLeavesItUndecidedAndSaysHowManyMore() {
    let verdicts = (1...30).map { verdict(seed: $0, truth: 1.03, pairs: 4, noise: 0.08) }
    let undecided = verdicts.filter { $0.outcome == .undecided }
    #expect(undecided.count >= 24)
    #expect(undecided.contains { ($0.moreBlocks ?? 0) >= 2 })
  }

  @Test(arguments: [6, 12])
  func theIntervalCoversTheTruthAboutNineteenTimesInTwenty(pairs: Int) throws {
    let covered = try (1...100).filter { seed in
      let ratio = try #require(verdict(seed: UInt64(seed), truth: 1.1, pairs: pairs).ratio)
      return ratio.low <= 1.1 && 1.1 <= ratio.high
    }
    #expect(covered.count >= 90)
  }

  @Test func theInverseGetsTheMirroredInterval() throws {
    let a = [1.0, 1.1, 0.9, 1.05, 0.97]
    let b = [2.0, 2.1, 1.9, 2.2, 2.05]
    let up = try #require(RatioInterval(paired: b, to: a))
    let down = try #require(RatioInterval(paired: a, to: b))
    #expect(abs(up.estimate * down.estimate - 1) < 1e-9)
    #expect(up.low > 1 && down.high < 1)
  }

  @Test func tooFewBlocksGiveNoInterval() {
    #expect(RatioInterval(paired: [1, 2], to: [1, 2]) == nil)
    #expect(RatioInterval(separate: [1, 2, 3], to: [1, 2]) == nil)
    #expect(RatioInterval(paired: [1, 2, 0], to: [1, 2, 3]) == nil)
    let verdict = ComparisonVerdict(quantity: "q", stage: "s", ratio: nil, floor: .unmeasured)
    #expect(verdict.outcome == .undecided)
    #expect(verdict.reasons.first?.code == "too-few-samples")
  }

  @Test func separateRunsNeedToExceedTheNoiseOfTheMachine() throws {
    let a = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98]
    let b = a.map { $0 * 1.1 }
    let ratio = try #require(RatioInterval(separate: b, to: a))
    let unknown = ComparisonVerdict(quantity: "q", stage: "s", ratio: ratio, floor: .unmeasured)
    #expect(unknown.outcome == .undecided && unknown.reasons.first?.remedy != nil)
    let quiet = try #require(NoiseFloor(measured: [1.01, 0.99, 1.02], on: "quiet"))
    let found = ComparisonVerdict(quantity: "q", stage: "s", ratio: ratio, floor: quiet)
    #expect(found.outcome == .faster)
  }

  /// The part of 200 series, each looked at after every second pair from 24 to 300, in which a difference is seen.
  private func shareWithADifference(truth: Double, noise: Double) -> Double {
    let found = (1...200).filter { seed in
      var generator = SeededGenerator(seed: UInt64(seed))
      var (sum, squares) = (0.0, 0.0)
      for pair in 1...300 {
        let scatter = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &generator) }
        let value = log(truth) + noise * scatter
        sum += value
        squares += value * value
        guard pair >= 24, pair.isMultiple(of: 2) else { continue }
        let (count, mean) = (Double(pair), sum / Double(pair))
        let half = 1.96 * ((squares / count - mean * mean) / count).squareRoot()
        let once = RatioInterval(estimate: exp(mean), low: exp(mean - half), high: exp(mean + half), blocks: pair)
        let wide = once.widened(forLooksFrom: 24)
        if wide.low > 1 || wide.high < 1 { return true }
      }
      return false
    }
    return Double(found.count) / 200
  }

  @Test func manyLooksMakeNoDifferenceOfNoise() {
    #expect(shareWithADifference(truth: 1, noise: 0.1) <= 0.05)
    #expect(shareWithADifference(truth: 1.05, noise: 0.1) >= 0.95)
  }

  @Test func doubtsForbidAVerdict() throws {
    let ratio = RatioInterval(estimate: 2, low: 1.9, high: 2.1, blocks: 9)
    let late = Reason("client-late", "the client was late")
    let verdict = ComparisonVerdict(quantity: "q", stage: "s", ratio: ratio, floor: .interleaved, doubts: [late])
    #expect(verdict.outcome == .undecided)
  }
}
