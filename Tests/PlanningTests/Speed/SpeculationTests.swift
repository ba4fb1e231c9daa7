@testable import Engines
import Fixtures
import Foundation
import Hardware
import Models
@testable import Planning
import Testing
import Units

@Suite struct SpeculationTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func request(_ engine: EngineKind = .llamaCpp, input: Int = 512) throws -> Question {
    let (model, bytes) = try #require(ChoiceModels.model("70b", .gguf, "Q4_K_M"))
    var placement = Placement()
    placement.devices = [0]
    return Question(
      machine: ChoiceMachines.machine("1x h100"),
      form: ModelForm(name: "Q4_K_M", model: model, tensors: [], weightBytes: bytes), engine: engine,
      placement: placement, workload: Workload(name: "test", inputTokens: input, outputTokens: 128))
  }

  private func draftModel(_ acceptance: Double?) throws -> Question.DraftModel {
    Question.DraftModel(try #require(ChoiceModels.stored("0.6b", .gguf, "Q4_K_M")), acceptance: acceptance)
  }

  private func draft(acceptance: Double?) throws -> Speculation {
    try #require(Speculation(draftModel(acceptance).model, acceptance: acceptance))
  }

  @Test(arguments: SpeculationMethod.allCases)
  func theEngineIsToldAsManyGuessesAsAreCounted(_ method: SpeculationMethod) throws {
    var asked = try request()
    asked.draft = try draftModel(0.5)
    asked.settings.draftPath = "/draft.gguf"
    asked.settings.speculation = SpeculationSettings(method)
    let counted = try #require(asked.speculation)
    #expect(counted.tokens == method.guesses() && counted.method == method)
    for engine in [EngineKind.llamaCpp, .vllm] {
      let launch = LaunchRequest(asked, modelPath: "/m", contextLength: 512, parallel: 1)
      #expect(EngineCatalogue.engine(engine).launch(launch).arguments.contains("\(counted.tokens)"))
    }
  }

  @Test func tokensOfACheckFollowTheGeometricSum() throws {
    var one = try draft(acceptance: 0.5)
    one.tokens = 2
    #expect(abs(one.tokensPerCheck - 1.75) < 1e-9)
  }

  @Test func keptGuessesGainAndRefusedOnesCost() throws {
    let plain = try #require(estimator.prediction(request()).decode).expected
    var asked = try request()
    asked.draft = try draftModel(0.9)
    #expect(try #require(estimator.prediction(asked).decode).expected > plain)
    asked.draft = try draftModel(0)
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
    let tight = try #require(estimator.largestConcurrency(asked, room: nil))
    asked.workload.timePerOutputTokenTarget = 0.2
    #expect(try #require(estimator.largestConcurrency(asked, room: nil)) >= tight)
  }
}
