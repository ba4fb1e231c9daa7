import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// The form in which a model was read is sized by its own bytes and blocks, as `choose` and `plan` take it.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct SizingOwnFormTests {
  private func size(_ name: String, _ line: String, _ quantization: String) throws -> (Model, Sizing) {
    let model = try ModelReader.read(path: "\(try #require(SharedData.root))/model-configs/\(name).json")
    let request = try SizingRequest(
      model: model, quantizations: [quantization],
      workload: Workload(inputTokens: 700, outputTokens: 250, concurrency: 8),
      candidates: [try Profiles().machine(composedOf: MachineExpression(line))])
    return (model, Sizing(request, estimator: SpeedEstimator(Efficiencies())))
  }

  /// 19.9 GiB of weights, not the 15 that NVFP4 usually has: they leave an A10 no room.
  @Test func bytesAreThoseOfTheFile() throws {
    let (model, small) = try size("nvidia--Qwen3.6-27B-NVFP4", "a10", "NVFP4")
    #expect(small.failures.contains { $0.box == "a10" && $0.reason.code == "insufficient-memory" })
    #expect(!small.options.contains { $0.accelerators == 1 })
    let option = try #require(try size("nvidia--Qwen3.6-27B-NVFP4", "1x h100-sxm5-80gb", "NVFP4").1.options.first)
    let bytes = try #require(model.weightBytes)
    #expect(option.memoryUsedBytes > bytes)
    #expect(
      abs(option.bitsPerWeight * Double(try #require(ModelTraits(model)).parameters) / 8 / Double(bytes.bytes) - 1)
        < 0.001)
  }

  /// Experts 1536 wide are no 8 times 128: 8 devices keep them whole, which the option and `plan --expert-parallel 8` say.
  /// Attention is cut no more than its four key-value heads, so that no cache is kept twice.
  @Test func wholeExpertsAreTold() throws {
    let (model, sizing) = try size("Qwen--Qwen3-235B-A22B-FP8", "8x h100-sxm5-80gb", "FP8")
    let option = try #require(sizing.options.first)
    let degree = TensorDegree(model: model, quantization: try #require(model.quantization?.value))
    #expect(degree.refusal(8) != nil)
    #expect(option.devicesPerServer == 8)
    #expect(option.tensorParallel * (option.dataParallel ?? 1) == 8)
    #expect(option.expertParallel == 8)
    #expect(degree.holdsExpertsWhole(option.tensorParallel))
  }
}
