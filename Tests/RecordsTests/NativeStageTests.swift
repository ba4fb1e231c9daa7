import Benchmarking
import Engines
import Records
import Testing

/// What an engine's own benchmark measured goes into the same records as what a server did.
@Suite struct NativeStageTests {
  @Test func promptsAndAnswersAreStages() throws {
    let prompt = NativeResult(
      test: "pp128", promptTokens: 128, generatedTokens: 0, tokensPerSecond: 102.4, samples: [1.2375, 1.2625])
    #expect(prompt.stage.summary.inputTokensPerSecond == 102.4)
    let answer = NativeResult(
      test: "tg32", promptTokens: 0, generatedTokens: 32, tokensPerSecond: 64, samples: [0.495, 0.505])
    #expect(answer.stage.summary.outputTokensPerSecond == 64)
    let pace = try #require(answer.stage.summary.timePerOutputToken.mean)
    #expect((pace - 0.5 / 32).magnitude < 1e-9)
  }
}
