import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Weights of no known size are refused by all who ask, with one code.
@Suite struct UnknownWeightsTests {
  private let model: Model = {
    var model = ChoiceModels.model("70b", .config, "foo")?.model
    model?.tensors = []
    return model
      ?? Model(
        name: "none", format: .config, architecture: "llama",
        shape: ModelShape(embeddingLength: 1, vocabularySize: 1, contextLength: 1), layers: [])
  }()

  @Test func theyHaveNoPlaceAndNoSpeed() throws {
    let machine = ChoiceMachines.machine("8x h100, 512")
    #expect(model.weightBytes == nil)
    let asked = Question(
      machine: machine, form: ModelForm(name: "foo", model: model, tensors: [], weightBytes: .zero), engine: .vllm)
    #expect(asked.speedCase().speedCase == nil && asked.speedCase().missing?.code == "unknown-weights")
    var request = PlanRequest(model: model, machine: machine)
    request.quantizations = .asIs
    let vllm = try #require(EngineChoice(request, planner: Planner()).candidates.first { $0.engine == .vllm })
    #expect(vllm.refusal?.code == "unknown-weights")
    request.engines = [.vllm]
    request.quantizations = .asIs
    #expect(Planner().plan(request).options.map(\.reason.code) == ["unknown-weights"])
  }

  /// The file of a bare configuration is no weight.
  @Test func aConfigurationsFileIsNoWeight() {
    var config = model
    config.files = [ModelFile(path: "config.json", bytes: ByteCount(900))]
    #expect(config.weightBytes == nil)
    config.format = .safetensors
    #expect(config.weightBytes == ByteCount(900))
  }
}
