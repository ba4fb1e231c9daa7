import Testing

@testable import Benchmarking

@Suite struct ParsingTests {
  @Test(arguments: [
    ("256", LengthDistribution.constant(256)), ("100-400", .uniform(low: 100, high: 400)),
    ("normal:256:50", .normal(mean: 256, deviation: 50)), ("lognormal:200:0.8", .logNormal(median: 200, sigma: 0.8)),
  ]) func readsLengths(text: String, expected: LengthDistribution) {
    #expect(LengthDistribution(parsing: text) == expected)
  }

  @Test(arguments: ["", "0", "-5", "a", "400-100", "1-2-3", "normal:1", "gauss:1:2", "99999999999"])
  func refusesLengths(text: String) { #expect(LengthDistribution(parsing: text) == nil) }

  @Test(arguments: [
    ("4", [4.0]), ("1,4,16", [1, 4, 16]), ("1-4", [1, 2, 3, 4]), ("2-10:4", [2, 6, 10]),
    ("1-64:x4", [1, 4, 16, 64]), ("0.5,2", [0.5, 2]),
  ]) func readsSweeps(text: String, expected: [Double]) { #expect(SweepList.numbers(text) == expected) }

  @Test(arguments: ["", "0", "a", "4-1", "1-4:0", "1-4:x1", "1,,2", "-1", "1-"])
  func refusesSweeps(text: String) { #expect(SweepList.numbers(text) == nil) }

  @Test func readsGoals() {
    #expect(
      LatencyGoal.list("ttft p95 < 2 s, tpot p95<60ms") == [
        LatencyGoal(.timeToFirstToken, .p95, seconds: 2), LatencyGoal(.timePerOutputToken, .p95, seconds: 0.06),
      ])
    for bad in ["", "ttft < 2 s", "ttft p95 > 2 s", "ttft p95 < 2", "ttft p42 < 2 s", "ttft p95 < -1 s"] {
      #expect(LatencyGoal.list(bad) == nil)
    }
  }

  @Test func addressesLoseCredentialsAndPath() {
    let target = BenchmarkTarget(baseURL: "https://me:secret@host:1/v1/", model: "m")
    #expect(target.name == "https://host:1/v1/")
    #expect(target.endpoint == "https://me:secret@host:1/v1/chat/completions")
  }

  @Test func lengthsAreDrawnAsAsked() {
    var random = RandomSource(seed: 3)
    let drawn = (0..<20_000).map { _ in LengthDistribution.logNormal(median: 200, sigma: 0.5).draw(from: &random) }
    #expect((195...205).contains(drawn.sorted()[10_000]))
    let uniform = (0..<1000).map { _ in LengthDistribution.uniform(low: 3, high: 5).draw(from: &random) }
    #expect(Set(uniform) == [3, 4, 5])
  }

  @Test func calibrationMakesTheLengthRight() throws {
    let calibration = try #require(TokenCalibration((64, 94), (192, 222)))
    #expect(calibration.words(for: 256) == 226)
    #expect(TokenCalibration((64, 94), (192, 90)) == nil)
  }

  @Test func noncesDifferByRequestAndRun() {
    let prompt = Conversation(turns: [.init(text: "one two three", outputTokens: 1)])
    let texts = [
      Nonce(run: 1).applied(to: prompt, request: 0), Nonce(run: 1).applied(to: prompt, request: 1),
      Nonce(run: 2).applied(to: prompt, request: 0),
    ].map { $0.turns[0].text }
    #expect(Set(texts).count == 3)
    #expect(texts.allSatisfy { $0.hasSuffix(" one two three") })
  }

  @Test func nonceKeepsTheLength() {
    let prompts = SyntheticPrompts(DatasetSettings(input: .constant(40)), seed: 1)
    let changed = Nonce(run: 9).applied(to: prompts.conversation(0), request: 0)
    #expect(changed.turns[0].text.split(separator: " ").count == 40)
  }
}
