import Engines
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// What guesses tokens, and what the cache holds, count in `size` as in `plan`: the same question has one answer.
@Suite struct SizingSpeculationTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func model(_ name: String) throws -> Model { try Profiles().modelCatalogue().model(named: name) }

  private func request(
    _ name: String, _ form: String, _ machine: String, _ guessing: Guessing?, acceptance: Double? = nil
  ) throws -> SizingRequest {
    var request = try SizingRequest(
      model: model(name), quantizations: [form],
      workload: Workload(inputTokens: 2000, outputTokens: 500, concurrency: 8),
      candidates: [ChoiceMachines.machine(machine)])
    (request.guessing, request.draftAcceptance) = (guessing, acceptance)
    return request
  }

  private func option(_ request: SizingRequest) throws -> SizingOption {
    try #require(Sizing(request, estimator: estimator).options.first)
  }

  private func planned(_ request: SizingRequest) throws -> PlanOption {
    var asked = request.planRequest(on: request.candidates[0], inFlight: 8)
    asked.quantizations = .named(request.quantizations)
    let plan = Planner(speed: estimator).plan(asked)
    return plan.options[try #require(plan.chosen)]
  }

  private func draft() throws -> Guessing { .draft(try model("qwen3-0.6b"), name: "qwen3-0.6b") }

  @Test(arguments: [nil, 0.8]) func aDraftCountsAsThePlanSays(acceptance: Double?) throws {
    let asked = try request("qwen3-32b", "FP8", "1x h100, 256", draft(), acceptance: acceptance)
    let own = try option(asked)
    let planned = try planned(asked)
    #expect(own.timePerOutputToken == planned.speed?.timePerOutputToken)
    #expect(own.timeToFirstToken == planned.speed?.timeToFirstToken)
    #expect(own.outputTokensPerSecond == planned.speed?.decodeAggregate)
    let plain = try option(request("qwen3-32b", "FP8", "1x h100, 256", nil))
    let (with, without) = (try #require(own.timePerOutputToken), try #require(plain.timePerOutputToken))
    #expect(acceptance == nil || with.expected < without.expected)
    // Its weights lie beside the model's.
    #expect(own.memoryUsedBytes.bytes - plain.memoryUsedBytes.bytes > 1_000_000_000)
    #expect(own.plan.contains("--draft") && own.plan.contains("qwen3-0.6b"))
    #expect(own.plan.contains("--draft-acceptance") == (acceptance != nil))
  }

  /// An acceptance that nobody stated makes the bands of further tokens wider, and so the answer less sure; not the first's.
  @Test func anAssumedAcceptanceIsADoubt() throws {
    let stated = try option(request("qwen3-32b", "FP8", "1x h100, 256", draft(), acceptance: 0.6))
    let assumed = try option(request("qwen3-32b", "FP8", "1x h100, 256", draft()))
    func width(_ band: Band?) throws -> Double { try #require(band).high / (try #require(band)).expected }
    #expect(stated.timePerOutputToken?.expected == assumed.timePerOutputToken?.expected)
    #expect(try width(assumed.timePerOutputToken) > width(stated.timePerOutputToken) * 1.01)
    #expect(stated.timeToFirstToken == assumed.timeToFirstToken)
  }

  @Test func predictionLayersCountAsThePlanSays() throws {
    let asked = try request("deepseek-v3", "FP8", "8x h200, 2048", .predictionLayers)
    let own = try option(asked)
    let planned = try planned(asked)
    #expect(own.timePerOutputToken == planned.speed?.timePerOutputToken)
    #expect(own.plan.contains("--mtp"))
    let told = try #require(Sizing(asked, estimator: estimator).speculation)
    #expect(told.method == .predictionLayers && told.guesses == 3 && told.isAssumed && told.tokensPerCheck > 2)
  }

  @Test func aModelWithoutPredictionLayersIsRefused() throws {
    let sizing = Sizing(try request("qwen3-32b", "FP8", "1x h100, 256", .predictionLayers), estimator: estimator)
    #expect(sizing.options.isEmpty)
    #expect(sizing.failures.first?.reason.code == .noPredictionLayers)
  }

  @Test func aDraftOfAnotherFamilyIsRefused() throws {
    let other = Guessing.draft(try model("llama-3.2-1b-instruct"), name: "llama-3.2-1b-instruct")
    let sizing = Sizing(try request("qwen3-32b", "FP8", "1x h100, 256", other), estimator: estimator)
    #expect(sizing.options.isEmpty)
    #expect(sizing.failures.first?.reason.code == .draftVocabulary)
  }

  /// A share of the prompt that is cached is read by neither command.
  @Test(arguments: [0.3, 0.9]) func aCachedPrefixCountsAsThePlanSays(share: Double) throws {
    var asked = try request("qwen3-32b", "FP8", "1x h100, 256", nil)
    let plain = try #require(planned(asked).speed?.timeToFirstToken)
    asked.prefixHit = share
    let own = try option(asked)
    let speed = try #require(planned(asked).speed)
    #expect(own.timeToFirstToken == speed.timeToFirstToken)
    #expect(own.timePerOutputToken == speed.timePerOutputToken)
    #expect(try #require(speed.timeToFirstToken).expected < plain.expected)
    #expect(own.plan.contains("--prefix-hit") && own.plan.contains("\(share)"))
  }

  /// The tokens that are read attend to those that are cached too: a cached half of a long prompt saves less than half.
  @Test func cachedTokensAreStillAttendedTo() throws {
    let asked = try request("qwen3-32b", "FP8", "1x h100, 256", nil).planRequest(
      on: ChoiceMachines.machine("1x h100, 256"), inFlight: 1)
    let form = try #require(ModelForms.all(for: asked).first)
    var placement = Placement()
    placement.devices = [0]
    let one = try #require(asked.question(form, .vllm).with(placement).speedCase().speedCase)
    let q = estimator.quantities(for: one)
    let whole = one.promptTime(q, tokens: 100_000).attention
    let halves =
      one.promptTime(q, tokens: 50_000).attention + one.promptTime(q, tokens: 50_000, depth: 50_000).attention
    #expect(abs(halves / whole - 1) < 1e-9)
  }

  /// Boxes of their own for prompts: nothing interrupts the tokens, and nothing is started so.
  @Test func promptsApartInterruptNothing() throws {
    var asked = try request("qwen3-32b", "FP8", "1x h100, 256", nil)
    asked.workload.timeToFirstTokenTarget = 3
    asked.workload.timePerOutputTokenTarget = 0.04
    asked.demand = SizingDemand(.rate, 12)
    let together = try option(asked)
    #expect(together.promptBoxes == nil && !together.plan.isEmpty)
    asked.readsPromptsApart = true
    let sizing = Sizing(asked, estimator: estimator)
    let apart = try #require(sizing.options.first)
    let reading = try #require(apart.promptBoxes)
    #expect(reading >= 1 && reading < apart.boxes)
    #expect(apart.plan.isEmpty && sizing.notices.contains { $0.code == .noLaunch })
    #expect(try #require(apart.timeToFirstToken).expected <= 3)
    // What writes has steps alone, whatever is read meanwhile.
    let form = try #require(asked.forms.first { $0.name == "FP8" })
    let question = asked.planRequest(on: asked.candidates[0], inFlight: 16).question(form, .vllm)
    let fit = LayoutSearch(question, memory: MemoryEstimator(.vllm, for: asked.model)).fit()
    func state(_ readers: Double?) throws -> ServerLoad.Outcome {
      try #require(SizingServer(fit, promptServers: readers, asked, estimator)).state(inFlight: 16).outcome
    }
    let (own, helped) = (try state(nil), try state(1))
    #expect(helped.timePerOutputToken == helped.step && own.timePerOutputToken > own.step)
  }
}
