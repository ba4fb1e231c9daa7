@testable import Engines
import Fixtures
import Foundation
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// No device of the catalogue is predicted to read or to multiply faster than its datasheet says it can.
@Suite struct SpeedRoofTests {
  private static let machines: [Machine] = Profiles().machines().machines.map(\.machine)

  private func speedCase(
    _ machine: Machine, _ engine: EngineKind, _ quantization: String, input: Int
  ) throws -> (asked: Question, one: SpeedCase)? {
    let (model, bytes) = try #require(
      ChoiceModels.model("8b", engine == .vllm ? .safetensors : .gguf, quantization))
    var asked = Question(
      machine: machine, form: ModelForm(name: quantization, model: model, tensors: [], weightBytes: bytes),
      engine: engine,
      placement: Placement(), workload: Workload(name: "test", inputTokens: input, outputTokens: 16, concurrency: 1))
    asked.placement.devices = machine.accelerators.isEmpty ? [] : [0]
    return asked.speedCase().speedCase.map { (asked, $0) }
  }

  @Test func theCatalogueIsThere() { #expect(Self.machines.count > 100) }

  @Test(
    arguments: [
      (EngineKind.llamaCpp, "Q4_K_M", 512), (.llamaCpp, "F16", 2048), (.vllm, "BF16", 1024), (.vllm, "BF16", 8192),
      (.vllm, "FP8", 4096),
    ])
  func nothingBeatsItsDatasheet(engine: EngineKind, quantization: String, input: Int) throws {
    let shipped = SpeedEstimator(try Profiles().efficiencies())
    for machine in Self.machines {
      guard let (asked, one) = try speedCase(machine, engine, quantization, input: input) else { continue }
      let speed = shipped.prediction(asked)
      #expect(try #require(speed.decode).high <= one.decodeRoof * 1.0001)
      let decode = try #require(speed.decode).expected
      #expect(decode * one.decodedBytes <= one.device.bandwidth, "\(machine.name) decodes \(decode) tokens/s")
      let prefill = try #require(speed.prefill).expected
      let operations = 2 * one.model.promptParameters * prefill
      #expect(operations <= one.peak, "\(machine.name) reads \(prefill) tokens/s: \(operations / one.peak) of its peak")
    }
  }
}
