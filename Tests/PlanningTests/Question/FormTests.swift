import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

@Suite struct CandidateTests {
  /// A checkpoint of one layer whose rows divide into every group.
  private func checkpoint(_ quantization: String = "BF16") -> Model {
    let shape = ModelShape(embeddingLength: 1024, vocabularySize: 2048, contextLength: 8192)
    let layer = Layer(
      kind: .full, headCount: 8, kvHeadCount: 2, keyLength: 128, valueLength: 128, feedForwardLength: 4096)
    var model = Model(
      name: "made", format: .safetensors, architecture: "llama", shape: shape, layers: [layer, layer])
    model.tensors = [("model.embed_tokens", 2048), ("model.layers.0.mlp.up_proj", 4096), ("lm_head", 2048)].map {
      Tensor(name: "\($0).weight", dimensions: [1024, $1], type: "BF16", bytes: ByteCount(2048 * $1))
    }
    model.quantization = Figure(quantization, .header, "test")
    model.files = [ModelFile(path: "made/model.safetensors", bytes: .mebibytes(17))]
    return model
  }

  private func machine(_ vendor: String, count: Int = 1) -> Machine {
    var machine = Machine(name: "test")
    machine.memory.totalBytes = Figure(.gibibytes(64), .user, "test")
    machine.accelerators = (0..<count).map { _ in
      var accelerator = Accelerator(vendor: Figure(Maker(vendor), .user, "test"))
      accelerator.memoryBytes = Figure(.gibibytes(24), .user, "test")
      accelerator.architecture = Figure("12.0", .user, "test")
      return accelerator
    }
    return machine
  }

  private func names(_ request: PlanRequest) -> Set<String> {
    Set(Planner().plan(request).options.map(\.quantization))
  }

  @Test func aCheckpointOffersWhatEachEnginesToolsMake() {
    let nvidia = names(PlanRequest(model: checkpoint(), machine: machine("NVIDIA")))
    #expect(nvidia.isSuperset(of: ["BF16", "FP8", "AWQ 4-bit", "NVFP4", "Q4_K_M", "Q8_0"]))
    #expect(!nvidia.contains("MLX 4-bit"))
    let apple = names(PlanRequest(model: checkpoint(), machine: machine("Apple")))
    #expect(apple.isSuperset(of: ["BF16", "MLX 4-bit", "MLX 8-bit", "Q4_K_M"]))
    #expect(!apple.contains("FP8"))
  }

  @Test func nothingIsMadeOfWhatIsQuantizedUnlessAskedFor() {
    var request = PlanRequest(model: checkpoint("AWQ 4-bit"), machine: machine("NVIDIA"))
    #expect(names(request) == ["AWQ 4-bit"])
    request.quantizations = .files
    #expect(names(request) == ["AWQ 4-bit"])
  }

  @Test(arguments: [("mlx4", "MLX 4-bit"), ("awq", "AWQ 4-bit"), ("fp8", "FP8"), ("q4_k_m", "Q4_K_M")])
  func namesAreTakenAsPeopleTypeThem(typed: String, name: String) {
    var request = PlanRequest(model: checkpoint(), machine: machine(name.hasPrefix("MLX") ? "Apple" : "NVIDIA"))
    request.quantizations = .named([typed])
    #expect(names(request) == [name])
  }

  @Test func everyLossNamesItsSource() throws {
    for name in ["Q4_K_M", "IQ2_M", "FP8", "AWQ 4-bit", "GPTQ 4-bit", "NVFP4"] {
      let loss = try #require(PublishedQuality.loss(of: name))
      let sources = [loss.perplexityIncrease?.source, loss.scoreKept?.source].compactMap { $0 }
      #expect(sources.count == 1 && sources[0].kind == .datasheet && sources[0].detail.contains("Llama"))
    }
    #expect(PublishedQuality.loss(of: "MLX 4-bit") == nil)
    let plain = PublishedQuality.loss(of: "Q2_K")?.perplexityIncrease?.value ?? 0
    let withMatrix = PublishedQuality.loss(of: "Q2_K", importanceMatrix: true)?.perplexityIncrease?.value ?? 0
    #expect(withMatrix < plain)
  }

  @Test func aDraftModelTakesWeightsAndACacheOfItsOwn() throws {
    var request = PlanRequest(model: checkpoint(), machine: machine("NVIDIA"))
    request.engines = [.llamaCpp]
    request.quantizations = .named(["Q8_0"])
    func parts() throws -> (weights: Int, cache: Int) {
      let devices = try #require(Planner().plan(request).options.first?.memory?.devices)
      return (
        devices.reduce(0) { $0 + $1.components.weights.value.bytes },
        devices.reduce(0) { $0 + $1.components.kvCache.value.bytes }
      )
    }
    let alone = try parts()
    var draft = checkpoint()
    draft.format = .gguf
    request.draft = draft
    let both = try parts()
    #expect(both.weights - alone.weights >= draft.tensors.reduce(0) { $0 + $1.bytes.bytes })
    #expect(both.cache == 2 * alone.cache, "the draft has the same layers and the same context")
  }

  @Test func copiesOfAServerShareDevicesAndRequests() throws {
    var request = PlanRequest(model: checkpoint(), machine: machine("NVIDIA", count: 2))
    request.engines = [.vllm]
    request.quantizations = .asIs
    var placement = Placement()
    placement.devices = [0, 1]
    placement.tensorParallel = 4
    request.placement = placement
    #expect(Planner().plan(request).options.first?.reason.code == "gpu-count")
    request.engines = [.llamaCpp]
    request.quantizations = .named(["Q8_0"])
    #expect(Planner().plan(request).options.first?.reason.code == "unsupported-parallelism")
  }
}
