import Benchmarking
import Models
import Planning
import Testing
import Units

@testable import Records
@testable import Reporting

@Suite struct SideBySideTests {
  private func run(_ name: String, parameters: Int?, layers: Int = 36) -> Run {
    let layer = Layer(
      kind: .full, headCount: 8, kvHeadCount: 2, keyLength: 64, valueLength: 64, feedForwardLength: 1024)
    let shape = ModelShape(embeddingLength: 512, vocabularySize: 128_000, contextLength: 8192)
    var model = Model(
      name: name, format: .gguf, architecture: "llama", shape: shape, layers: Array(repeating: layer, count: layers))
    model.parameters = parameters.map { Figure($0, .header, "test") }
    var run = Run(id: name, startedAt: 0, target: "http://127.0.0.1:8080")
    run.model = ModelSummary(model)
    run.status = .complete
    return run
  }

  @Test func oneModelOnTwoEnginesIsARace() {
    let ours = run("Qwen3 8b", parameters: 8_190_735_360)
    #expect(SideBySide(run("Qwen3-8B", parameters: 8_190_735_360), ours, []) == nil)
    #expect(SideBySide(run("Qwen3-8B", parameters: nil), ours, []) == nil)
    #expect(SideBySide(run("renamed", parameters: 8_190_735_360), ours, []) == nil)
  }

  @Test func differentModelsAreShownBesideEachOther() throws {
    let found = try #require(
      SideBySide(
        run("Llama 3.2 1B", parameters: 1_235_814_432, layers: 16), run("Qwen3 8B", parameters: 8_190_735_360), []))
    #expect(found.sentence.contains("different models"))
    #expect(found.rendered().contains("Llama 3.2 1B"))
  }

  @Test func aRunThatIsNotValidGetsNoVerdict() throws {
    var bad = run("a", parameters: 1)
    bad.validity = Validity(invalid: [Reason(.tooManyErrors, "half of the requests failed")], doubtful: [])
    let found = try #require(SideBySide(bad, run("a", parameters: 1), []))
    #expect(found.sentence == "No verdict: run a is not valid (too-many-errors). Measure again.")
    #expect(!found.rendered().contains("undecided"))
  }

  @Test func differentLengthsAreNotTheSameWork() {
    var verdict = ComparisonVerdict(
      quantity: "output throughput", stage: "concurrency 4",
      ratio: RatioInterval(estimate: 0.74, low: 0.72, high: 0.76, blocks: 12), floor: .unmeasured)
    verdict.reasons = [Reason(.workloadDiffers, "other lengths")]
    #expect(
      SideBySide(run("a", parameters: 1), run("a", parameters: 1), [verdict])?.sentence.contains("lengths") == true)
  }
}
