import Engines
import Fixtures
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// Order, headline and speeds of the engines' answers, and what link joins which devices.
@Suite struct EngineChoiceTests {
  private func request(_ machine: String, _ size: String, _ format: ModelFormat, _ quantization: String) throws
    -> PlanRequest
  {
    var request = PlanRequest(
      model: try #require(ChoiceModels.stored(size, format, quantization)), machine: ChoiceMachines.machine(machine),
      workload: Workload(name: "test", inputTokens: 512, outputTokens: 128))
    request.quantizations = .asIs
    return request
  }

  private func choice(
    _ machine: String, _ size: String, _ format: ModelFormat, _ quantization: String, engines: [EngineKind] = [],
    estimator: SpeedEstimator? = nil
  ) throws -> EngineChoice {
    var asked = try request(machine, size, format, quantization)
    asked.engines = engines
    return EngineChoice(asked, planner: Planner(speed: estimator))
  }

  @Test func theHeadlineIsOfTheEngineThatSuitsBest() throws {
    let choice = try choice("1x rtx-4090, 64", "32b", .safetensors, "BF16")
    #expect(choice.chosen == nil)
    #expect(choice.candidates.first?.engine == .vllm)
    #expect(choice.refusal?.code == "insufficient-memory")
    let mlx = try #require(choice.candidates.first { $0.engine == .mlx })
    #expect(mlx.refusal?.code == "no-apple-gpu")
    #expect(mlx.placing == nil)
  }

  @Test(arguments: [
    ("mac, 16", "32b", ModelFormat.mlx, "8bit", EngineKind.mlx), ("cpu, 16", "32b", .gguf, "Q4_K_M", .llamaCpp),
    ("mac, 64", "8b", .safetensors, "FP8", .mlx), ("1x p100, 64", "8b", .safetensors, "BF16", .vllm),
  ])
  func whatWasMadeForTheFormatSpeaksFirst(
    machine: String, size: String, format: ModelFormat, quantization: String, engine: EngineKind
  ) throws {
    let choice = try choice(machine, size, format, quantization)
    #expect(choice.chosen == nil)
    #expect(choice.candidates.first?.engine == engine)
  }

  @Test func theSecondSaysWhyItIsNotTheFirst() throws {
    let choice = try choice(
      "ampereone, 256", "8b", .gguf, "Q4_K_M", estimator: SpeedEstimator(try Profiles().efficiencies()))
    let second = try #require(choice.candidates.dropFirst().first)
    #expect(second.engine == .llamaCpp && second.refusal == nil)
    let reason = try #require(second.reasons.first)
    #expect(reason.code == "ranked-lower")
    #expect(reason.message.contains("ampere-llama.cpp"))
    #expect(reason.message.contains("tok/s predicted"))
  }

  @Test func anEngineThatIsAskedForIsTaken() throws {
    #expect(try choice("ampereone, 256", "8b", .gguf, "Q4_K_M", engines: [.llamaCpp]).chosen?.engine == .llamaCpp)
    #expect(try choice("cpu, 64", "8b", .safetensors, "BF16", engines: [.mlx]).chosen?.engine == .mlx)
    let cannot = try choice("cpu, 64", "8b", .gguf, "Q4_K_M", engines: [.vllm])
    #expect(cannot.refusal?.code == "unsupported-format")
  }

  /// What fits in a form that is yet to be made is chosen, as `fit` recommends it.
  @Test func aFormThatFitsIsChosenWhereTheModelDoesNot() throws {
    var asked = try request("mac, 16", "8b", .safetensors, "BF16")
    asked.model = Model(ModelTraits(ordinaryWith: 8e9, active: 8e9), name: "8b")
    asked.quantizations = .usual
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    let choice = EngineChoice(asked, planner: Planner(speed: estimator))
    let plan = Planner(speed: estimator).plan(asked)
    let chosen = try #require(choice.chosen)
    let first = try #require(plan.chosen.map { plan.options[$0] })
    #expect(chosen.quantization == first.quantization && chosen.engine == first.engine)
  }

  @Test func targetsAreAnsweredWithAConcurrency() throws {
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    var asked = try request("1x h100, 256", "8b", .safetensors, "BF16")
    asked.workload.timePerOutputTokenTarget = 0.03
    let most = EngineChoice(asked, planner: Planner(speed: estimator)).chosen?.speed?.largestConcurrency
    #expect((most?.value ?? 0) > 4)
  }

  // MARK: - Links

  @Test(arguments: [
    ("8x rtx-3090", 4, 2, true), ("2x rtx-a6000", 1, 2, true), ("4x a40", 2, 2, true), ("4x h100-nvl", 2, 2, true),
    ("4x a100-pcie-80gb", 2, 2, true), ("4x h100-pcie", 2, 2, true), ("8x h200-nvl", 2, 4, true),
    ("8x h100-sxm", 1, 8, true),
    ("8x mi300x", 1, 8, true), ("4x l40s", 1, 4, false), ("azure-nc96ads-a100-v4", 2, 2, true),
    ("aws-p5.48xlarge", 1, 8, true),
  ])
  func bridgesJoinTheirCardsAlone(line: String, count: Int, size: Int, isFast: Bool) throws {
    let islands = DeviceIslands(try Profiles().machine(composedOf: MachineExpression(line)))
    #expect(islands.islands.count == count)
    #expect(islands.islands.first?.count == size)
    #expect(islands.isFast == isFast)
  }

  /// A real machine's cards may have been bought without their bridge.
  @Test func aBridgeThatNobodyFoundJoinsNothing() throws {
    var machine = try Profiles().machine(composedOf: MachineExpression("4x rtx-3090"))
    machine.links = []
    let islands = DeviceIslands(machine)
    #expect(!islands.isFast)
    #expect(islands.islands == [[0, 1, 2, 3]])
  }

  @Test func aCutBeyondTheBridgeIsSlower() throws {
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    let model = try #require(ChoiceModels.stored("8b", .safetensors, "BF16"))
    var placement = Placement()
    placement.tensorParallel = 4
    placement.splitMode = .tensor
    placement.devices = [0, 1, 2, 3]
    func rate(_ machine: Machine) throws -> Double {
      let request = Question(
        machine: machine, form: ModelForm(name: "BF16", model: model, tensors: [], weightBytes: .gibibytes(15)),
        engine: .vllm, placement: placement)
      return try #require(estimator.outputRate(request))
    }
    let machine = try Profiles().machine(composedOf: MachineExpression("4x rtx-3090"))
    var board = machine
    for index in board.accelerators.indices { board.accelerators[index].interconnectDevices = nil }
    board.links = []
    #expect(try rate(machine) < rate(board))
  }

  // MARK: - Several kinds of device

  /// The order in which cards are named changes nothing.
  @Test func mixedDevicesTakeTheirShareOfTheTimeInAnyOrder() throws {
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    // Too large for the two faster ones alone.
    let model = try #require(ChoiceModels.stored("70b", .gguf, "Q5_K_M"))
    func decode(_ line: String) throws -> Double {
      var request = PlanRequest(
        model: model, machine: try Profiles().machine(composedOf: MachineExpression(line)), workload: Workload())
      request.engines = [.llamaCpp]
      request.quantizations = .asIs
      let option = try #require(Planner(speed: estimator).plan(request).options.first)
      return try #require(option.speed?.decode).expected
    }
    let first = try decode("2x rtx-4090, 2x rtx-3060-12gb, 128 GiB")
    let second = try decode("2x rtx-3060-12gb, 2x rtx-4090, 128 GiB")
    #expect(abs(first / second - 1) < 0.02)
    let fast = try decode("4x rtx-4090, 128 GiB")
    let slow = try decode("8x rtx-3060-12gb, 128 GiB")
    #expect(slow < first && first < fast)
  }

  @Test func ofCardsAsLargeTheFasterIsTaken() throws {
    var request = PlanRequest(
      model: try #require(ChoiceModels.stored("8b", .gguf, "Q4_K_M")),
      machine: try Profiles().machine(composedOf: MachineExpression("1x rtx-3090, 1x rtx-4090, 64 GiB")))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    #expect(Planner().plan(request).options.first?.placement.devices == [1])
  }

  // MARK: - Experts on the CPU

  @Test func eachNumberOfLayersOnTheHostHasItsSpeed() throws {
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    var request = PlanRequest(
      model: try #require(ChoiceModels.stored("235b-a22b", .gguf, "Q4_K_M")),
      machine: ChoiceMachines.machine("1x rtx-4090, 256"))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    let option = try #require(Planner(speed: estimator).plan(request).options.first)
    let rows = try #require(option.expertOffload)
    #expect(rows.count >= 4)
    #expect(rows.last?.layers == 94)
    #expect(rows.filter(\.isChosen).count == 1 && rows.first?.isChosen == true)
    #expect(option.launch?.arguments.contains("\(rows[0].layers)") == true)
    for (fewer, more) in zip(rows, rows.dropFirst()) {
      #expect(fewer.layers < more.layers)
      #expect(fewer.hostBytes < more.hostBytes && fewer.deviceBytes > more.deviceBytes)
      #expect(try #require(fewer.decode).expected >= #require(more.decode).expected)
    }
    #expect(try #require(rows.first?.decode).expected == option.speed?.decode?.expected)
  }

  /// The second card takes fewer of the whole layers, and each row deals them out anew.
  @Test func everyRowFillsBothCards() throws {
    var request = PlanRequest(
      model: try #require(ChoiceModels.stored("235b-a22b", .gguf, "Q4_K_M")),
      machine: ChoiceMachines.machine("2x rtx-4090, 256"))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    let option = try #require(Planner(speed: SpeedEstimator(try Profiles().efficiencies())).plan(request).options.first)
    let rows = try #require(option.expertOffload)
    #expect(option.placement.tensorSplit.count == 2)
    #expect(rows.allSatisfy { $0.verdict == .fits || $0.verdict == .tight })
    let devices = (option.memory?.devices ?? []).filter { !$0.isHost }
    #expect(rows.first?.deviceBytes == devices.reduce(.zero) { $0 + $1.highBytes })
    #expect(try #require(rows.first?.decode).expected == option.speed?.decode?.expected)
  }

  // MARK: - Cuts

  @Test func blocksOfDenseFP8SetALimitOnlyWhereScalesAreOfBlocks() throws {
    var model = try #require(ChoiceModels.model("8b", .safetensors, "FP8")).model
    for index in model.layers.indices { model.layers[index].feedForwardLength = 14_400 }
    #expect(TensorDegree(model: model, quantization: "FP8").refusal(2) == nil)
    model.quantization = Figure("FP8", .header, "test")
    model.weightGroup = 128
    #expect(TensorDegree(model: model, quantization: "FP8").refusal(2)?.code == "blocks-do-not-divide")
  }

  @Test func sharedExpertsMustDivideToo() throws {
    var model = try #require(ChoiceModels.model("235b-a22b", .safetensors, "FP8")).model
    #expect(TensorDegree(model: model, quantization: "FP8").refusal(4) == nil)
    for index in model.layers.indices { model.layers[index].experts?.sharedFeedForwardLength = 768 }
    #expect(TensorDegree(model: model, quantization: "FP8").refusal(4)?.code == "blocks-do-not-divide")
  }

  @Test func headsThatSeeMustDivide() throws {
    let model = try #require(ChoiceModels.model("vl-32b", .safetensors, "BF16")).model
    let cut = TensorDegree(model: model, quantization: "BF16")
    #expect(cut.refusal(2) == nil)
    #expect(cut.refusal(4)?.code == "vision-heads-do-not-divide")
    var asked = Placement()
    asked.tensorParallel = 4
    let remedy = try #require(cut.refusal(asked, devices: 8)?.remedy)
    #expect(remedy.hasPrefix("use --tensor-parallel 2; vLLM's --mm-encoder-tp-mode data"))
  }
}
