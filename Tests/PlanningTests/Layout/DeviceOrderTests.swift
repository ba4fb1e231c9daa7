import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// Devices that differ: the order in which they are listed decides nothing, and notes are of those that are used.
@Suite(.enabled(if: SharedData.has("model-configs"), "the reference data are not there"))
struct DeviceOrderTests {
  private func machine(_ line: String) throws -> Machine {
    try Profiles().machine(composedOf: MachineExpression(line))
  }

  private func model(_ name: String) throws -> Model {
    try ModelReader.read(path: "\(try #require(SharedData.root))/model-configs/\(name).json")
  }

  private func option(_ line: String, _ model: Model, concurrency: Int = 1) throws -> PlanOption {
    var request = PlanRequest(
      model: model, machine: try machine(line), workload: Workload(concurrency: concurrency))
    request.quantizations = .asIs
    return try #require(Planner().plan(request).options.first)
  }

  private func chosen(_ line: String, _ model: Model, concurrency: Int = 1) throws -> EngineChoice.Candidate {
    var request = PlanRequest(
      model: model, machine: try machine(line),
      workload: Workload(inputTokens: 1000, outputTokens: 200, concurrency: concurrency))
    request.quantizations = .asIs
    return try #require(EngineChoice(request, planner: Planner()).chosen)
  }

  /// 32 GiB of weights leave an RTX 4090 room for about seven requests, whatever the RTX 5090 beside it has.
  @Test func theSmallestDeviceLimitsTheCacheInAnyOrder() throws {
    let model = try model("Qwen--Qwen3-32B-FP8")
    let options = try ["rtx-4090, rtx-5090", "rtx-5090, rtx-4090"].map { try option($0, model, concurrency: 22) }
    #expect(options[0].placement.tensorParallel == options[1].placement.tensorParallel)
    #expect(options[0].placement.pipelineParallel == options[1].placement.pipelineParallel)
    #expect(
      options.map { $0.largestParallel?.value } == [
        options[0].largestParallel?.value, options[0].largestParallel?.value,
      ])
    #expect((6...9).contains(options[0].largestParallel?.value ?? 0))
    #expect(options[0].engineDetails == options[1].engineDetails)
    #expect(options[0].verdict == options[1].verdict)
  }

  /// The first of two islands that are alike in number is the one with the better devices.
  @Test(arguments: ["2x h100-sxm5-80gb, 2x a100-sxm4-80gb", "2x a100-sxm4-80gb, 2x h100-sxm5-80gb"])
  func theBetterIslandIsTakenAndNoted(line: String) throws {
    let candidate = try chosen(line, model("nvidia--Llama-3.1-70B-Instruct-FP8"))
    let devices = try #require(candidate.placing?.placement.devices)
    let machine = try machine(line)
    #expect(devices.count == 2)
    #expect(devices.allSatisfy { machine.accelerators[$0].architecture?.value == "9.0" })
    #expect(!candidate.reasons.contains { $0.code == "slow-kernel" })
  }

  /// What one copy lacks room for is not given to it because another has it.
  @Test(arguments: ["rtx-5090, rtx-3060-12gb", "rtx-3060-12gb, rtx-5090"])
  func eachCopyHoldsTheModel(line: String) throws {
    let option = try option(line, model("Qwen--Qwen3-8B"), concurrency: 8)
    let machine = try machine(line)
    #expect(option.placement.replicas == 1)
    #expect(option.placement.devices.map { machine.accelerators[$0].memoryBytes?.value } == [.gibibytes(32)])
    let three = try self.option("rtx-4090, \(line)", model("Qwen--Qwen3-8B"), concurrency: 8)
    #expect(three.placement.replicas == 2)
    #expect(three.placement.devices.contains(0))
  }

  /// AWQ is not made of a hybrid's blocks: it has no size, which is not zero bits a weight.
  @Test func whatCannotBeMadeHasNoBits() throws {
    var request = PlanRequest(
      model: try model("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"), machine: try machine("rtx-5090, 64 GiB"))
    request.quantizations = .named(["AWQ"])
    let option = try #require(Planner().plan(request).options.first)
    #expect(option.reason.code == "unsupported-quantization")
    #expect(option.bitsPerWeight == nil)
  }

  @Test func requestsThatWaitAreTold() throws {
    let model = try model("nvidia--Llama-3.1-70B-Instruct-FP8")
    let waiting = try chosen("2x h100-sxm5-80gb", model, concurrency: 1000)
    let reason = try #require(waiting.reasons.first { $0.code == "tight-fit" })
    #expect(reason.message.contains("fewer than the 1000 planned"), "\(reason.message)")
    #expect(try !chosen("2x h100-sxm5-80gb", model, concurrency: 4).reasons.contains { $0.code == "tight-fit" })
  }
}

/// llama.cpp deals layers out in turn, and puts the output with the last device.
@Suite(.enabled(if: SharedModels.folder != nil, "the reference data are not there"))
struct LayerOrderTests {
  @Test func gemmaIsOnBothCardsInAnyOrder() throws {
    let model = try ModelReader.read(path: "\(try #require(SharedModels.folder))/gemma3-27b.gguf")
    for line in ["rtx-5090, rtx-3090, 64 GiB", "rtx-3090, rtx-5090, 64 GiB"] {
      let machine = try Profiles().machine(composedOf: MachineExpression(line))
      var request = PlanRequest(model: model, machine: machine)
      request.quantizations = .asIs
      let option = try #require(Planner().plan(request).options.first)
      #expect(option.placement.gpuLayers == nil)
      #expect(option.placementReason?.code == "layer-split")
      #expect(
        option.placement.devices.compactMap { machine.accelerators[$0].memoryBytes?.value } == [
          .gibibytes(24), .gibibytes(32),
        ])
    }
  }
}
