import Engines
import Fixtures
import Foundation
import Hardware
import Models
import Planning
import Testing
import Units

@Suite struct SpeculationTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func request(_ engine: EngineKind = .llamaCpp, input: Int = 512) throws -> SpeedRequest {
    let (model, bytes) = try #require(ChoiceModels.model("70b", .gguf, "Q4_K_M"))
    var placement = Placement()
    placement.devices = [0]
    return SpeedRequest(
      machine: ChoiceMachines.machine("1x h100"), model: model, quantization: "Q4_K_M", weightBytes: bytes,
      engine: engine, placement: placement, workload: Workload(name: "test", inputTokens: input, outputTokens: 128))
  }

  private func draft(acceptance: Double?) throws -> Speculation {
    let (model, bytes) = try #require(ChoiceModels.model("0.6b", .gguf, "Q4_K_M"))
    var draft = try #require(Speculation(model, acceptance: acceptance))
    draft.weightBytes = bytes
    return draft
  }

  @Test func theEngineIsToldAsManyGuessesAsAreCounted() {
    #expect(Speculation.usualTokens == LlamaCpp.draftTokens)
  }

  @Test func tokensOfACheckFollowTheGeometricSum() throws {
    var one = try draft(acceptance: 0.5)
    one.tokens = 2
    #expect(abs(one.tokensPerCheck - 1.75) < 1e-9)
  }

  @Test func keptGuessesGainAndRefusedOnesCost() throws {
    let plain = try #require(estimator.prediction(request()).decode).expected
    var asked = try request()
    asked.draft = try draft(acceptance: 0.9)
    #expect(try #require(estimator.prediction(asked).decode).expected > plain)
    asked.draft = try draft(acceptance: 0)
    let lost = estimator.prediction(asked)
    #expect(try #require(lost.decode).expected < plain)
    #expect(lost.bounds.contains { $0.code == "speculation-loses" })
  }

  @Test func anUnstatedAcceptanceIsCalledAssumed() throws {
    #expect(try draft(acceptance: nil).words.contains("assumed"))
    #expect(!(try draft(acceptance: 0.7).words.contains("assumed")))
  }

  @Test func looserTargetsNeverHoldFewer() throws {
    var asked = try request()
    asked.workload.timePerOutputTokenTarget = 0.05
    let tight = try #require(estimator.largestConcurrency(asked))
    asked.workload.timePerOutputTokenTarget = 0.2
    #expect(try #require(estimator.largestConcurrency(asked)) >= tight)
  }
}
