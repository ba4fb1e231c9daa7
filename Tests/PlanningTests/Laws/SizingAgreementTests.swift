import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// `size` and `choose` agree: one engine explains itself to both.
@Suite struct SizingAgreementTests {
  @Test(arguments: decisions) func choosesTheSameEngine(_ decision: Decision) throws {
    let model = try #require(ChoiceModels.stored(decision.model, decision.format, decision.quantization))
    let workload = Workload(inputTokens: 1000, outputTokens: 200, concurrency: 1)
    let machine = ChoiceMachines.machine(decision.machine)
    let request = try SizingRequest(
      model: model, quantizations: ["as-is"], workload: workload, candidates: [machine])
    let sizing = Sizing(request, estimator: SpeedEstimator(Efficiencies()))
    // What runs by a kernel that its engine does not list is chosen for a machine at hand, and bought for no one.
    if sizing.failures.first?.reason.code == "unlisted-kernel" { return }
    var asked = PlanRequest(model: model, machine: machine, workload: workload)
    asked.quantizations = .asIs
    let chosen = EngineChoice(asked, planner: Planner()).chosen
    #expect(sizing.options.first?.engine == chosen?.engine.speedName)
  }
}

extension SizingAgreementTests {
  /// One estimator: what `size` says of a layout is what `choose` and `plan` say of it, to the last digit.
  @Test(
    .enabled(if: SharedData.has("model-configs"), "the reference data are not there"),
    arguments: [("meta-llama--Meta-Llama-3.1-70B", "4x h100, 1024"), ("Qwen--Qwen3-30B-A3B", "1x mi300x, 512")])
  func predictsTheSameSpeed(name: String, machine: String) throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/\(name).json")
    let workload = Workload(inputTokens: 7500, outputTokens: 500, concurrency: 50)
    let estimator = SpeedEstimator(Efficiencies())
    let machine = ChoiceMachines.machine(machine)
    let request = try SizingRequest(
      model: model, quantizations: ["BF16"], workload: workload, candidates: [machine])
    let option = try #require(Sizing(request, estimator: estimator).options.first)
    #expect(option.boxes == 1)
    var asked = PlanRequest(model: model, machine: machine, workload: workload)
    asked.quantizations = .named(["BF16"])
    let chosen = try #require(EngineChoice(asked, planner: Planner(speed: estimator)).chosen)
    let speed = try #require(chosen.speed)
    #expect(option.tensorParallel == chosen.placing?.placement.tensorParallel)
    #expect(option.timeToFirstToken == speed.timeToFirstToken)
    #expect(option.timePerOutputToken == speed.timePerOutputToken)
    #expect(option.outputTokensPerSecond == speed.decodeAggregate)
  }
}

/// Heads are those of the configuration, whatever the size of each.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct SizingHeadsTests {
  @Test(
    arguments: [
      ("openai--gpt-oss-120b", 64), ("Qwen--Qwen3.5-27B", 24), ("meta-llama--Meta-Llama-3.1-405B", 128),
      ("deepseek-ai--DeepSeek-V3", 128),
    ])
  func headsAreRead(name: String, heads: Double) throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/\(name).json")
    #expect(try #require(ModelTraits(model)).heads == heads)
  }

  /// Qwen3 235B in FP8: experts 1536 wide are cut into 4 and not into 8 blocks of 128, so 8 ways hold whole experts.
  @Test func blocksOfTheRealModelCount() throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/Qwen--Qwen3-235B-A22B-FP8.json")
    let degree = TensorDegree(model: model, quantization: "FP8")
    #expect(degree.refusal(4) == nil)
    #expect(degree.refusal(8)?.code == "blocks-do-not-divide")
    let request = try SizingRequest(
      model: model, quantizations: ["as-is"],
      workload: Workload(inputTokens: 700, outputTokens: 250, concurrency: 1),
      candidates: [ChoiceMachines.machine("8x l40s, 1024")])
    let option = try #require(Sizing(request, estimator: SpeedEstimator(Efficiencies())).options.first)
    #expect(option.tensorParallel == 8)
  }
}
