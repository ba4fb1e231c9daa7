import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Degrees of parallelism that are asked for are held to vLLM's own rules.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct TensorDegreeTests {
  private func option(_ name: String, tensor: Int, expert: Int = 1, stages: Int = 1) throws -> PlanOption {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/\(name).json")
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine("8x h100, 1024"))
    request.engines = [.vllm]
    request.quantizations = .asIs
    var asked = Placement()
    asked.devices = Array(0..<tensor)
    asked.tensorParallel = tensor
    asked.expertParallel = expert
    asked.pipelineParallel = stages
    request.placement = asked
    return try #require(Planner().plan(request).options.first)
  }

  /// An expert's width of 1536 is no whole number of blocks of 128 in each of 8 slices.
  @Test func blocksOfScalesStayWhole() throws {
    let eight = try option("Qwen--Qwen3-235B-A22B-FP8", tensor: 8)
    #expect(eight.verdict == .unsupported && eight.reason.code == "blocks-do-not-divide")
    #expect(eight.reason.remedy == "use --tensor-parallel 4, or --expert-parallel 8, which keeps experts whole")
    #expect(try option("Qwen--Qwen3-235B-A22B-FP8", tensor: 4).verdict == .fits)
    #expect(try option("Qwen--Qwen3-235B-A22B-FP8", tensor: 8, expert: 8).verdict == .fits)
  }

  /// The width of 2880 is 90 blocks, which vLLM deals out as 12 and a last 6.
  @Test func gptOSSIsCutUnevenly() throws {
    #expect(try option("openai--gpt-oss-120b", tensor: 8).verdict == .fits)
  }

  /// Shared experts of 512 are cut even where the others are spread whole: 64 are less than a block of 128.
  @Test func sharedExpertsAreCutToo() throws {
    let root = try #require(SharedData.root)
    var model = try ModelReader.read(path: "\(root)/model-configs/Qwen--Qwen3.5-35B-A3B.json")
    model.quantization = Figure("FP8", .header, "test")
    model.weightGroup = 128
    let degree = TensorDegree(model: model, quantization: "FP8")
    #expect(degree.refusal(4) == nil || degree.holdsExpertsWhole(4))
    #expect(degree.refusal(8)?.code == "blocks-do-not-divide" && !degree.holdsExpertsWhole(8))
  }

  /// Experts are cut over the devices of all copies.
  @Test func copiesShareExperts() throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/Qwen--Qwen3-235B-A22B-FP8.json")
    let degree = TensorDegree(model: model, quantization: "FP8")
    var asked = Placement()
    asked.tensorParallel = 4
    #expect(degree.refusal(asked, devices: 8) == nil)
    asked.dataParallel = 2
    #expect(degree.refusal(asked, devices: 8)?.code == "blocks-do-not-divide")
    asked.expertParallel = 8
    #expect(degree.refusal(asked, devices: 8) == nil)
  }

  @Test func headsDivide() throws {
    let three = try option("Qwen--Qwen3-32B", tensor: 3)
    #expect(three.verdict == .unsupported && three.reason.code == "heads-do-not-divide")
    #expect(three.reason.remedy == "use --tensor-parallel 4")
    #expect(try option("Qwen--Qwen3-32B", tensor: 4).verdict == .fits)
  }

  @Test func aStageHasALayer() throws {
    let option = try option("Qwen--Qwen3-32B", tensor: 1, stages: 65)
    #expect(option.reason.code == "more-stages-than-layers")
  }

  /// With one scale for each matrix there is no block to keep whole.
  @Test func whatTheFileSaysOfItsScalesComesFirst() throws {
    let super8 = try option("nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8", tensor: 8)
    #expect(super8.verdict == .fits, "\(super8.reason.message)")
  }

  @Test(arguments: [("1x t4, 64", true), ("1x v100, 64", true), ("1x h100, 256", false)])
  func devicesWithoutBF16AreToldHalf(machine: String, isTold: Bool) throws {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/Qwen--Qwen3-0.6B.json")
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine(machine))
    request.engines = [.vllm]
    request.quantizations = .asIs
    let words = try #require(Planner().plan(request).options.first?.launch?.arguments)
    #expect(words.contains("--dtype") == isTold)
  }
}
