import Benchmarking
import Fixtures
import Testing
import Units

@testable import Records

@Suite struct RunComparisonTests {
  private func archive(_ id: String, seed: UInt64, change: (inout RunBuilder) -> Void = { _ in }) -> RunArchive {
    var builder = RunBuilder()
    builder.id = id
    builder.seed = seed
    builder.scatter = 0.02
    change(&builder)
    return builder.archive()
  }

  private let quiet: (String, RunStore.Design) throws -> NoiseFloor? = { _, _ in
    NoiseFloor(share: 0.02, source: Source(.measured, "5 comparisons of equal runs"))
  }

  @Test func equalRunsAreTheSameNineteenTimesInTwenty() throws {
    let base = archive("base", seed: 1000)
    let outcomes = try (1...20).flatMap { seed in
      try RunComparison(archive("other", seed: UInt64(seed)), to: base, floor: quiet).verdicts()
        .filter { $0.stage == "concurrency 1" && $0.quantity == "time per output token" }
    }
    #expect(outcomes.count == 20)
    #expect(outcomes.filter { $0.outcome == .same }.count >= 19)
  }

  @Test func aChangeOfFivePerCentIsFound() throws {
    let base = archive("base", seed: 1)
    let slower = archive("slower", seed: 2) { $0.pace *= 1.06 }
    let verdicts = try RunComparison(slower, to: base, floor: quiet).verdicts()
    let pace = verdicts.filter { $0.quantity == "time per output token" }
    #expect(pace.count == 3)
    #expect(pace.allSatisfy { $0.outcome == .slower })
  }

  @Test func withoutAMeasuredFloorAFewPerCentStayUndecided() throws {
    let base = archive("base", seed: 1)
    let slower = archive("slower", seed: 2) { $0.pace *= 1.06 }
    let twice = archive("twice", seed: 3) { $0.pace *= 2 }
    let small = try RunComparison(slower, to: base).verdicts().first { $0.quantity == "time per output token" }
    let large = try RunComparison(twice, to: base).verdicts().first { $0.quantity == "time per output token" }
    #expect(small?.outcome == .undecided)
    #expect(small?.reasons.first?.remedy != nil)
    #expect(large?.outcome == .slower)
  }

  @Test func anInvalidRunGetsNoVerdict() throws {
    let base = archive("base", seed: 1)
    let late = archive("late", seed: 2) { $0.reasons = [Reason("client-late", "the client was late")] }
    let verdicts = try RunComparison(late, to: base).verdicts()
    #expect(verdicts.allSatisfy { $0.outcome == .undecided })
    #expect(verdicts.first?.reasons.first?.code == "invalid-run")
  }

  @Test func onlyRepetitionsCountAsEqual() {
    let base = archive("base", seed: 1)
    #expect(RunComparison(archive("again", seed: 2), to: base).isOfEqualRuns)
    #expect(!RunComparison(base, to: base).isOfEqualRuns)
    #expect(!RunComparison(archive("other", seed: 2) { $0.concurrencies = [1] }, to: base).isOfEqualRuns)
    var upgraded = archive("upgraded", seed: 2)
    upgraded.run.engineBuild = "b7000"
    #expect(!RunComparison(upgraded, to: base).isOfEqualRuns)
  }

  @Test func throughputOfAnswersOfAnotherLengthIsNotCompared() throws {
    func withAnswers(of tokens: Int, _ archive: RunArchive) -> RunArchive {
      var archive = archive
      for place in archive.run.stages.indices {
        archive.run.stages[place].summary.outputTokens = tokens * archive.run.stages[place].summary.completed
      }
      return archive
    }
    let base = withAnswers(of: 64, archive("base", seed: 1))
    let shorter = withAnswers(of: 57, archive("shorter", seed: 2))
    let verdicts = try RunComparison(shorter, to: base, floor: quiet).verdicts()
    let throughput = verdicts.filter { $0.quantity == "output throughput" }
    #expect(throughput.count == 3)
    #expect(throughput.allSatisfy { $0.outcome == .undecided && $0.reasons.first?.code == "lengths-differ" })
    #expect(verdicts.allSatisfy { $0.quantity == "output throughput" || $0.outcome == .same })
  }
}
