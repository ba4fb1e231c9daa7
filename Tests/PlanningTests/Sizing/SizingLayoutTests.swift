import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// How a model is laid out on a box: by the rules of `choose` and `plan`.
@Suite struct SizingLayoutTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func request(
    _ traits: ModelTraits, _ machines: [Machine], _ quantizations: [String] = [], input: Int = 700, output: Int = 250,
    concurrency: Int = 1
  ) throws -> SizingRequest {
    try SizingRequest(
      model: Model(traits, name: "model"), quantizations: quantizations,
      workload: Workload(inputTokens: input, outputTokens: output, concurrency: concurrency), candidates: machines)
  }

  private func size(
    _ traits: ModelTraits, _ machine: String, _ quantizations: [String] = [], concurrency: Int = 1
  ) throws -> Sizing {
    Sizing(
      try request(traits, [ChoiceMachines.machine(machine)], quantizations, concurrency: concurrency),
      estimator: estimator)
  }

  private static let llama70B = ModelTraits(
    parameters: 70.6e9, activeParameters: 70.6e9, layers: 80, width: 8192, queryWidth: 8192, cacheElements: 2048,
    fullLayers: 80, vocabulary: 128_256)
  private static let qwen235B = ModelTraits(
    parameters: 235.1e9, activeParameters: 22.2e9, layers: 94, width: 4096, queryWidth: 8192, cacheElements: 1024,
    fullLayers: 94, vocabulary: 151_936, experts: 128, usedExperts: 8)

  /// A size alone says no shape, but its model is cut and split as any other, where one device does not hold it: 26 GB of
  /// four-bit weights are more than 24 GiB less a cache.
  @Test(arguments: [(70.0, 70.0, "4x rtx-4090, 256"), (405, 405, "8x h100, 2048"), (50, 5, "2x rtx-4090, 64")])
  func sizesAloneAreCut(total: Double, active: Double, machine: String) throws {
    let traits = ModelTraits(ordinaryWith: total * 1e9, active: active * 1e9)
    let option = try #require(try size(traits, machine, ["AWQ"]).options.first)
    #expect(option.tensorParallel > 1)
    #expect(option.engine == "vllm")
  }

  /// Qwen2.5 7B has 28 heads of 128: four ways divide them, eight do not.
  @Test func headsDecideTheDegree() throws {
    let traits = ModelTraits(
      parameters: 7.62e9, activeParameters: 7.62e9, layers: 28, width: 3584, queryWidth: 3584, cacheElements: 1024,
      fullLayers: 28, vocabulary: 152_064)
    let model = Model(traits, name: "qwen")
    #expect(TensorDegree(model: model, quantization: "BF16").refusal(4) == nil)
    #expect(TensorDegree(model: model, quantization: "BF16").refusal(8)?.code == "heads-do-not-divide")
    #expect(model.layers.first?.headCount == 28)
    #expect(model.layers.first?.kvHeadCount == 4)
  }

  /// Blocks of a quantization are whole in each slice, or the experts are: Qwen3 30B's are 768 wide.
  @Test func blocksOfExpertsDecideTheDegree() throws {
    let traits = ModelTraits(
      parameters: 30.5e9, activeParameters: 3.3e9, layers: 48, width: 2048, queryWidth: 4096, cacheElements: 1024,
      fullLayers: 48, vocabulary: 151_936, experts: 128, usedExperts: 8)
    var asked = try request(traits, [ChoiceMachines.machine("8x rtx-4090, 64")], ["FP8"])
    for index in asked.model.layers.indices { asked.model.layers[index].experts?.feedForwardLength = 768 }
    #expect(TensorDegree(model: asked.model, quantization: "FP8").refusal(4)?.code == "blocks-do-not-divide")
    #expect(!Sizing(asked, estimator: estimator).options.isEmpty)
  }

  /// Layers go over three cards as well as over two or four.
  @Test func layersAreSplitOverAnyNumber() throws {
    let option = try #require(try size(Self.llama70B, "3x rtx-4090, 64", ["Q6_K"]).options.first)
    #expect(option.engine == "llama.cpp")
    #expect(option.devicesPerServer == 3)
    #expect(option.tensorParallel == 1)
    #expect(option.memoryUsedBytes < option.memoryBytes)
  }

  /// Where two ways are too small and three do not divide the heads, whole layers go to stages.
  @Test func threeCardsOfVLLMAreStages() throws {
    let option = try #require(try size(Self.llama70B, "3x rtx-5090, 64", ["FP8"]).options.first)
    #expect(option.engine == "vllm")
    #expect(option.tensorParallel == 1)
    #expect(option.devicesPerServer == 3)
    // 40 GB of weights leave two cards of 32 GiB a cache of more than a tenth of them; two of 24 GiB they do not.
    #expect(try #require(try size(Self.llama70B, "3x rtx-5090, 64", ["AWQ"]).options.first).tensorParallel == 2)
  }

  @Test func mixedCardsHaveTheirOwnMemory() throws {
    var machine = ChoiceMachines.machine("1x rtx-4090, 8")
    var small = machine.accelerators[0]
    small.model = Figure("RTX 3060", .user, "test")
    small.memoryBytes = Figure(.gibibytes(12), .user, "test")
    small.bandwidth = Figure(360e9, .user, "test")
    machine.accelerators.append(small)
    // 42 GB of Q4_K_M are more than both have; 32 GB of Q2_K are not, but more than either.
    let whole = Sizing(try request(Self.llama70B, [machine], ["Q4_K_M"]), estimator: estimator)
    #expect(whole.options.isEmpty)
    #expect(whole.failures.first?.reason.code == "insufficient-memory")
    let option = try #require(
      Sizing(try request(Self.llama70B, [machine], ["Q2_K"]), estimator: estimator).options.first)
    #expect(option.devicesPerServer == 2)
    #expect(option.memoryBytes == .gibibytes(36))
  }

  /// Mixtures of experts larger than the card: attention and cache on it, experts in the host's memory.
  @Test func expertsGoToTheHost() throws {
    let option = try #require(try size(Self.qwen235B, "1x rtx-4090, 256").options.first)
    #expect(option.engine == "llama.cpp")
    #expect(try #require(option.expertLayersOnHost) > 40)
    #expect(try #require(option.hostMemoryUsedBytes) > .gibibytes(90))
    #expect(option.memoryUsedBytes < option.memoryBytes)
    #expect(try size(Self.qwen235B, "1x rtx-4090, 64").options.isEmpty)
  }

  @Test func layersOfADenseModelGoToTheHost() throws {
    let option = try #require(try size(Self.llama70B, "1x rtx-4090, 128").options.first)
    #expect(try #require(option.layersOnDevices) > 10)
  }

  @Test func enginesAreThoseThatSayTheyCan() throws {
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    let expected = [
      "1x rx-7900-xtx, 64": "vllm", "1x arc-b580, 64": "vllm", "ampereone, 64": "ampere-llama.cpp",
      "graviton, 64": "llama.cpp", "mac, 64": "mlx-lm", "1x gtx-1080-ti, 64": "llama.cpp", "1x gaudi3, 512": "vllm",
    ]
    for (machine, engine) in expected {
      let options = try size(traits, machine).options
      // Beside it there can be one that keeps the quality, with another engine.
      let best = options.first { !$0.keepsQuality } ?? options.first
      #expect(best?.engine == engine, "\(machine): \(options.map(\.engine))")
    }
  }

  /// What an engine says of itself is told, not that memory was lacking.
  @Test func theEnginesOwnReasonIsKept() throws {
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    let old = try size(traits, "1x v100, 256", ["NVFP4"])
    #expect(old.failures.first?.reason.code == "unsupported-quantization")
    #expect(old.failures.first?.reason.message.contains("compute capability 8.0") == true)
    #expect(try size(traits, "mac, 64", ["AWQ"]).failures.first?.reason.code == "unsupported-quantization")
    #expect(try size(traits, "1x mi300x, 512", ["NVFP4"]).failures.first?.reason.code == "unsupported-quantization")
    #expect(try size(traits, "1x mi210, 512", ["FP8"]).failures.first?.reason.code == "unsupported-quantization")
    #expect(try size(traits, "1x gaudi3, 512", ["AWQ"]).failures.first?.reason.code == "unlisted-kernel")
  }

  @Test func unknownQuantizationsAreRefusedWithTheList() throws {
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    let error = #expect(throws: SizingError.self) { try request(traits, [], ["FP9"]) }
    #expect(error?.reason.code == "unknown-quantization")
    #expect(error?.reason.remedy?.contains("NVFP4") == true)
    #expect(error?.outcome == .usage)
    #expect(Set(try request(traits, [], ["fp8", "q4_k_m"]).forms.map(\.name)) == ["FP8", "Q4_K_M"])
  }

  /// gpt-oss is published in MXFP4: 65 GB, which keeps its quality.
  @Test func gptOSSIsSizedInItsOwnForm() throws {
    let traits = ModelTraits(
      parameters: 116.83e9, activeParameters: 5.1e9, layers: 36, width: 2880, queryWidth: 4096, cacheElements: 1024,
      fullLayers: 18, windowLayers: 18, window: 128, vocabulary: 201_088, experts: 128, usedExperts: 4)
    var model = Model(traits, name: "gpt-oss-120b")
    model.quantization = Figure("MXFP4", .header, "test")
    // A scale of 8 bits for 32 weights of 4.
    for index in model.tensors.indices where model.tensors[index].name.contains(".experts.") {
      model.tensors[index].bytes = model.tensors[index].bytes.scaled(by: 4.25 / 16)
    }
    let request = try SizingRequest(
      model: model, workload: Workload(inputTokens: 700, outputTokens: 250, concurrency: 8),
      candidates: [ChoiceMachines.machine("1x h100, 512")])
    let option = try #require(Sizing(request, estimator: estimator).options.first)
    #expect(option.quantization == "MXFP4")
    #expect(option.keepsQuality)
    #expect(option.marks.contains("quality"))
    #expect((64e9...67e9).contains(option.memoryUsedBytes.bytes.asDouble))
  }

  /// The best layout in four bits is shown, and beside it the best that keeps the quality.
  @Test func qualityIsShownBesideWhatHoldsMost() throws {
    let options = try size(Self.llama70B, "8x h100, 1024").options
    let quality = try #require(options.first { $0.marks.contains("quality") })
    #expect(quality.bitsPerWeight >= 8)
    #expect(options.count == (options.contains { !$0.keepsQuality } ? 2 : 1))
  }

  /// Every number of accelerators that fails is told, though another number holds the load.
  @Test func aFailingCountIsKept() throws {
    var machine = ChoiceMachines.machine("1x rtx-4090, 64")
    machine.memory.totalBytes = nil
    machine.name = "rtx-4090"
    let sizing = Sizing(try request(Self.llama70B, [machine]), estimator: estimator)
    #expect(sizing.failures.map(\.box) == ["rtx-4090"])
    #expect(sizing.failures.first?.reason.remedy == "the weights need at least 2 of these GPUs: try --counts 2")
    #expect(sizing.failedMachines.isEmpty)
    #expect(Set(sizing.options.map(\.box)) == ["2x rtx-4090", "4x rtx-4090", "8x rtx-4090"])
  }

  /// What is said to hold a model does: so many of the same card.
  @Test(arguments: ["rtx-4090", "l40s", "rtx-3090", "t4"]) func theNumberThatIsToldHolds(card: String) throws {
    for count in 1...12 {
      let sizing = try size(Self.qwen235B, "\(count)x \(card), 1", ["Q4_K_M"])
      guard let remedy = sizing.failures.first?.reason.remedy else { continue }
      let told = try #require(remedy.split(separator: " ").last.flatMap { Int($0) })
      #expect(told > count, "\(count)x \(card): \(remedy)")
      // llama.cpp knows no more than 16 devices.
      guard told <= 16 else { continue }
      #expect(!(try size(Self.qwen235B, "\(told)x \(card), 1", ["Q4_K_M"]).options.isEmpty), "\(told)x \(card)")
    }
  }

  /// A processor is sized with 16 GiB in each channel, and says so; without channels it asks for the amount.
  @Test func processorsHaveMemoryOrAskForIt() throws {
    var machine = ChoiceMachines.machine("graviton, 1")
    machine.memory.totalBytes = nil
    machine.name = "graviton3"
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    let unknown = Sizing(try request(traits, [machine]), estimator: estimator)
    #expect(unknown.failures.first?.reason.code == "unknown-memory")
    machine.memory.channels = MemoryChannels(populated: Figure(8, .user, "test"), possible: nil)
    let option = try #require(Sizing(try request(traits, [machine]), estimator: estimator).options.first)
    #expect(option.box == "graviton3, 128 GiB")
    #expect(option.memoryBytes == .gibibytes(128))
  }

  /// What is too slow says the targets that one request would keep.
  @Test func tooSlowSaysWhatWouldBeKept() throws {
    var asked = try request(Self.llama70B, [ChoiceMachines.machine("4x rtx-4090, 64")], ["Q6_K"], input: 7500)
    asked.workload.timeToFirstTokenTarget = 0.1
    let reason = try #require(Sizing(asked, estimator: estimator).failures.first?.reason)
    #expect(reason.code == "too-slow")
    #expect(reason.remedy?.contains("--ttft") == true)
  }

  /// A whole machine is its own box; one with a count in its name is not counted twice.
  @Test func boxesAreNamedOnce() throws {
    let whole = try #require(try size(Self.llama70B, "8x h100, 1024").options.first)
    #expect(whole.box == "8x h100, 1024")
    var part = ChoiceMachines.machine("1x h100, 1")
    part.memory.totalBytes = nil
    part.name = "h100"
    #expect(SizingBox.boxes(of: part, counts: [1, 2, 8]).map(\.words) == ["h100", "2x h100", "8x h100"])
  }

  /// A superchip states its own power, which several of them draw several times.
  @Test func wattsGrowWithTheCount() throws {
    var part = ChoiceMachines.machine("1x h100, 1")
    part.memory.totalBytes = nil
    part.watts = Figure(900, .user, "test")
    #expect(SizingBox.boxes(of: part, counts: [1, 2, 4, 8]).map(\.watts) == [900, 1800, 3600, 7200])
    part.watts = nil
    part.accelerators[0].watts = Figure(700, .user, "test")
    // 8 x 700 W, a tenth more, and 300 W for the host.
    #expect(try #require(SizingBox.boxes(of: part, counts: [8]).first?.watts) == 8 * 700 * 1.1 + 300)
  }
}

extension Int {
  fileprivate var asDouble: Double { Double(self) }
}
