import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// What cannot be, or is hardly meant, is said in the plan.
@Suite(.enabled(if: SharedModels.folder != nil, "the reference data are not there"))
struct RefusedRequestTests {
  private func request(_ machine: String, _ name: String) throws -> PlanRequest {
    let folder = try #require(SharedModels.folder)
    var request = PlanRequest(
      model: try ModelReader.read(path: "\(folder)/\(name).gguf"), machine: ChoiceMachines.machine(machine))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    return request
  }

  /// Qwen's 151,936 tokens are not Llama's 128,256.
  @Test func aDraftSpeaksTheModelsLanguage() throws {
    let folder = try #require(SharedModels.folder)
    var asked = try request("1x rtx-4090, 64", "llama3-8b")
    asked.draft = try ModelReader.read(path: "\(folder)/qwen3-0.6b.gguf")
    let refused = try #require(Planner().plan(asked).options.first)
    #expect(refused.verdict == .unsupported && refused.reason.code == "draft-vocabulary")
    asked.draft = try ModelReader.read(path: "\(folder)/llama3-1b.gguf")
    #expect(try #require(Planner().plan(asked).options.first).verdict == .fits)
  }

  @Test func whatIsHardlyMeantIsSaid() throws {
    var asked = try request("1x rtx-4090, 64", "llama3-8b")
    asked.contextLength = 500_000
    asked.threads = 64
    let codes = Planner().plan(asked).reasons.map(\.code)
    #expect(codes.contains("beyond-trained-context") && codes.contains("more-threads-than-processors"))
    asked.contextLength = 131_072
    asked.threads = 32
    let fewer = Planner().plan(asked).reasons.map(\.code)
    #expect(!fewer.contains("beyond-trained-context") && !fewer.contains("more-threads-than-processors"))
    // Each of four slots may have the whole of it.
    asked.contextLength = nil
    asked.totalContext = 500_000
    asked.parallel = 4
    #expect(!Planner().plan(asked).reasons.contains { $0.code == "beyond-trained-context" })
  }

  @Test func aRequestHasRoomInItsSlot() throws {
    var asked = try request("1x rtx-4090, 64", "llama3-8b")
    asked.totalContext = 2048
    asked.parallel = 4
    #expect(Planner().plan(asked).reasons.contains { $0.code == "request-longer-than-slot" })
    asked.settings.kvUnified = true
    #expect(!Planner().plan(asked).reasons.contains { $0.code == "request-longer-than-slot" })
  }

  /// Experts that are kept on the host by wish leave the devices as even as those that the plan moves there.
  @Test func devicesAreFilledAlikeBesideAWishedForHost() throws {
    var asked = try request("2x rtx-3090, 128", "mixtral-8x7b")
    asked.settings.cpuMoeLayers = 18
    let option = try #require(Planner().plan(asked).options.first)
    let held = option.memory?.devices.filter { !$0.isHost }.map { $0.components.weights.value.gibibytes } ?? []
    #expect(held.count == 2 && held.allSatisfy { $0 > 15 }, "\(held)")
  }

  @Test func namesOfQuantizationsAreKnownOrNamed() throws {
    var asked = try request("1x rtx-4090, 64", "llama3-8b")
    asked.quantizations = .named(["as-is", "Q8_0", "mxfp4"])
    #expect(Planner().plan(asked).options.map(\.quantization) == ["BF16", "Q8_0", "MXFP4_MOE"])
    let unknown = PlanRequest.Quantizations.unknown(
      among: ["FOO", "as-is", "q4_k_m", "mlx4", "bf16"], files: [asked.model])
    #expect(unknown == ["FOO"])
  }

  @Test func whatLacksOnTheHostIsNotSaidOfADevice() throws {
    let folder = try #require(SharedModels.folder)
    let mixtral = try ModelReader.read(path: "\(folder)/mixtral-8x7b.gguf")
    var asked = PlanRequest(model: mixtral, machine: ChoiceMachines.machine("1x rtx-4090, 32"))
    asked.engines = [.llamaCpp]
    asked.quantizations = .asIs
    let option = try #require(Planner().plan(asked).options.first)
    #expect(option.verdict == .doesNotFit)
    #expect(option.reason.message.contains("the host with"), "\(option.reason.message)")
  }
}

/// vLLM's weights, and what is best.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct RefusedConfigurationTests {
  private func plan(_ machine: String, _ name: String, _ quantizations: PlanRequest.Quantizations) throws -> Plan {
    let root = try #require(SharedData.root)
    let model = try ModelReader.read(path: "\(root)/model-configs/\(name).json")
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine(machine))
    request.quantizations = quantizations
    return Planner().plan(request)
  }

  @Test func weightsThatDoNotFitAreSaidToBeTooMuch() throws {
    let option = try #require(
      try plan("2x rtx-4090, 128", "openai--gpt-oss-120b", .asIs).options.first { $0.engine == .vllm })
    #expect(option.reason.code == "insufficient-memory")
    #expect(option.reason.message.hasPrefix("the weights do not fit"), "\(option.reason.message)")
    #expect(option.reason.message.contains("too much"))
  }

  /// A form of more bits that loses more is not the better one: NVFP4 by rounding keeps 93.8% of a score.
  @Test func whatLosesLessIsBetter() throws {
    let plan = try plan("1x rtx-3090, 64", "Qwen--Qwen3-8B", .named(["NVFP4", "Q4_K_M", "IQ4_XS"]))
    let chosen = try #require(plan.chosen.map { plan.options[$0] })
    #expect(chosen.quantization == "Q4_K_M")
    #expect(plan.options.first { $0.quantization == "NVFP4" }?.verdict == .fits)
    #expect(plan.reasons.last?.message.contains("to be converted from the BF16 weights") == true)
    func percent(_ name: String, _ bits: Double?) -> Int? {
      PublishedQuality.shareLost(nil, quantization: name, bits: bits).map { Int($0 * 100) }
    }
    #expect(percent("UD-Q4_K_XL", 4.9) == 1)
    #expect(percent("?", 2) == 25)
    #expect(percent("?", nil) == nil)
  }

  /// What a test of quality cannot tell apart is ranked by its bits.
  @Test func lossesBelowAPercentAreAlike() throws {
    let plan = try plan("1x h100, 256", "Qwen--Qwen3-8B", .named(["FP8", "Q6_K", "Q5_K_M"]))
    #expect((plan.ranking ?? []).map { plan.options[$0].quantization } == ["FP8", "Q6_K", "Q5_K_M"])
  }

  @Test func nothingIsGainedByMoreBitsThanTheFileHas() throws {
    var model = try #require(ChoiceModels.model("8b", .gguf, "Q4_K_M")).model
    model.tensors = [
      Tensor(name: "blk.0.ffn_up.weight", dimensions: [4096, 4096], type: "Q4_K", bytes: ByteCount(9_437_184))
    ]
    model.tensorBytes = Figure(ByteCount(9_437_184), .header, "test")
    model.parameters = Figure(4096 * 4096, .header, "test")
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine("1x rtx-4090, 64"))
    request.engines = [.llamaCpp]
    request.quantizations = .named(["Q8_0"])
    let plan = Planner().plan(request)
    #expect(plan.chosen == nil)
    #expect(plan.reasons.last?.code == "pointless-requantization")
  }
}
