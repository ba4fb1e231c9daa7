import Engines
import Fixtures
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Where a plan puts a model when nobody says so: judged by the engines' memory rules, and by what a specialist would do.
@Suite struct LayoutSearchTests {
  private func model(_ size: String, _ format: ModelFormat, _ quantization: String) throws -> Model {
    try #require(ChoiceModels.stored(size, format, quantization))
  }

  private func option(_ machine: String, _ model: Model, _ engine: EngineKind) throws -> PlanOption {
    var request = PlanRequest(model: model, machine: ChoiceMachines.machine(machine))
    request.engines = [engine]
    request.quantizations = .asIs
    return try #require(Planner().plan(request).options.first)
  }

  @Test(arguments: [
    ("8x h100, 1024", "8b", 1, 1, "fits-one-device" as ReasonCode),
    ("8x h100, 1024", "70b", 4, 1, "tensor-parallel"),
    ("8x h100, 1024", "235b-a22b", 8, 1, "tensor-parallel"),
    ("4x l40s, 512", "70b", 4, 1, "tensor-parallel-over-pcie"),
    // Forty heads cannot be cut into sixteen, nor three devices share eight key-value heads.
    ("3x rtx-3090, 256", "14b-40", 2, 1, "tensor-parallel-over-pcie"),
  ])
  func cutsTensorsOverTheFewestDevices(machine: String, size: String, ways: Int, stages: Int, code: ReasonCode) throws {
    let found = try option(machine, model(size, .safetensors, "BF16"), .vllm)
    #expect(found.verdict == .fits, "\(found.reason.message)")
    #expect(found.placement.tensorParallel == ways)
    #expect(found.placement.pipelineParallel == stages)
    #expect(found.placement.devices.count == ways * stages)
    #expect(found.placementReason?.code == code)
  }

  @Test func layersGoOverTheFewestDevices() throws {
    let one = try option("4x rtx-3090, 128", model("8b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(one.placement.devices.count == 1)
    #expect(one.placementReason?.code == "fits-one-device")
    let several = try option("4x rtx-3090, 128", model("70b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect((2...3).contains(several.placement.devices.count))
    #expect(several.placementReason?.code == "layer-split")
  }

  /// One more device is better than a verdict that is open; where there is none, tight it is.
  @Test func layersGoOverOneDeviceMoreWhereFewerAreTight() throws {
    let tight = try option("2x rtx-3090, 128", model("70b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(tight.verdict == .tight)
    let ample = try option("3x rtx-3090, 128", model("70b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(ample.verdict == .fits)
    #expect(ample.placement.devices.count == 3)
    #expect(ample.placementReason?.message.contains("the fewest that surely hold the model") == true)
  }

  @Test func expertsGoToTheHostBeforeWholeLayersDo() throws {
    let found = try option("1x rtx-4090, 256", model("235b-a22b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(found.verdict == .fits || found.verdict == .tight)
    #expect(found.placement.gpuLayers == nil)
    #expect(found.placementReason?.code == "experts-on-cpu")
    let flag = try #require(found.launch?.flags.first { $0.words.first == "--n-cpu-moe" })
    let moved = try #require(Int(flag.words[1]))
    #expect((1...94).contains(moved))
    // One layer fewer would not fit: the devices hold as much as they can.
    var request = PlanRequest(
      model: try model("235b-a22b", .gguf, "Q4_K_M"), machine: ChoiceMachines.machine("1x rtx-4090, 256"))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    request.settings.cpuMoeLayers = moved - 1
    var whole = Placement()
    whole.devices = [0]
    request.placement = whole
    request.placement?.gpuLayers = 95
    #expect(Planner().plan(request).options.first?.verdict == .doesNotFit)
  }

  /// All experts overfill this host, and too few of them the device: what fits lies between.
  @Test func aHostTooSmallForAllExpertsStillHoldsSome() throws {
    let found = try option("1x rtx-5090, 118", model("235b-a22b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(found.verdict == .fits || found.verdict == .tight, "\(found.reason.message)")
    #expect(found.placementReason?.code == "experts-on-cpu")
  }

  @Test func withoutExpertsWholeLayersGoToTheHost() throws {
    let found = try option("1x rtx-4090, 64", model("70b", .gguf, "Q4_K_M"), .llamaCpp)
    #expect(found.placementReason?.code == "layers-on-cpu")
    #expect((1..<81).contains(found.placement.gpuLayers ?? 0))
  }

  @Test func whatIsAskedForIsLeftAlone() throws {
    var request = PlanRequest(
      model: try model("70b", .safetensors, "BF16"), machine: ChoiceMachines.machine("8x h100, 1024"))
    request.engines = [.vllm]
    request.quantizations = .asIs
    var asked = Placement()
    asked.devices = Array(0..<8)
    asked.tensorParallel = 4
    asked.pipelineParallel = 2
    asked.expertParallel = 2
    request.placement = asked
    let refused = try #require(Planner().plan(request).options.first)
    #expect(refused.reason.code == "expert-degree")
    request.placement?.tensorParallel = 3
    request.placement?.pipelineParallel = 1
    request.placement?.expertParallel = 1
    #expect(Planner().plan(request).options.first?.reason.code == "heads-do-not-divide")
    request.placement?.tensorParallel = 4
    request.placement?.pipelineParallel = 2
    let option = try #require(Planner().plan(request).options.first)
    #expect(option.placement.pipelineParallel == 2)
    #expect(option.placementReason == nil)
  }

  /// With the engine's own shares the first device would get the layers whose experts are gone, and stay empty.
  @Test(.enabled(if: SharedModels.folder != nil, "the reference data are not there"))
  func devicesAreFilledAlikeBesideExpertsOnTheHost() throws {
    let folder = try #require(SharedModels.folder)
    let mixtral = try ModelReader.read(path: "\(folder)/mixtral-8x7b.gguf")
    let one = try option("1x rtx-3090, 128", mixtral, .llamaCpp)
    let two = try option("2x rtx-3090, 128", mixtral, .llamaCpp)
    let weights = { (option: PlanOption) in option.memory?.devices.map { $0.components.weights.value.gibibytes } ?? [] }
    #expect(two.placementReason?.code == "experts-on-cpu")
    let held = weights(two)
    #expect(held.count == 3 && held[0] > 16 && held[1] > 16, "\(held)")
    // What the second device holds, the host does not.
    #expect(try #require(weights(one).last) - #require(held.last) > 14)
    let launch = try #require(two.launch?.arguments)
    let shares = try #require(launch.firstIndex(of: "-ts").map { launch[$0 + 1] })
    let layers = shares.split(separator: ",").compactMap { Int($0) }
    #expect(layers.count == 2 && layers.reduce(0, +) == 33 && layers[0] > layers[1])
    #expect(launch.contains("--n-cpu-moe"))
  }

  /// More layers on the devices, not fewer, where the host is what overflows.
  @Test func aHostTooSmallForHalfTheLayersStillGetsSome() throws {
    let found = try option("1x rtx-3090, 11", model("70b", .gguf, "Q2_K"), .llamaCpp)
    #expect(found.verdict == .fits || found.verdict == .tight, "\(found.reason.message)")
    #expect(found.placementReason?.code == "layers-on-cpu")
    #expect(found.placement.gpuLayers ?? 0 > 40)
  }

  @Test(arguments: ["ffn_up=CUDA1", "ffn_up=CUDA9", "ffn_up=CUDA9223372036854775807", "ffn_up=CPU"])
  func overridesOfAnyDeviceArePricedOrRefused(text: String) throws {
    var request = PlanRequest(
      model: try model("8b", .gguf, "Q4_K_M"), machine: ChoiceMachines.machine("2x rtx-4090, 64"))
    request.engines = [.llamaCpp]
    request.quantizations = .asIs
    request.settings.overrideTensor = [text]
    let found = try #require(Planner().plan(request).options.first)
    switch text {
    case "ffn_up=CPU": #expect(found.placement.devices.count == 1)
    case "ffn_up=CUDA1": #expect(found.placement.devices.count == 2)
    default: #expect(found.reason.code == "unknown-device")
    }
    #expect((found.verdict == .fits) == (found.reason.code != "unknown-device"))
  }

  @Test func stagesStayInsideTheirIslands() throws {
    var machine = ChoiceMachines.machine("6x rtx-4090, 256")
    for index in machine.accelerators.indices {
      machine.accelerators[index].numaNode = Figure(index / 3, .user, "test")
    }
    var request = PlanRequest(model: try model("32b", .safetensors, "BF16"), machine: machine)
    request.engines = [.vllm]
    request.quantizations = .asIs
    let found = try #require(Planner().plan(request).options.first)
    let ways = found.placement.tensorParallel
    #expect(found.verdict == .fits, "\(found.reason.message)")
    for stage in 0..<found.placement.pipelineParallel {
      let nodes = found.placement.devices[(stage * ways)..<((stage + 1) * ways)].map { $0 / 3 }
      #expect(Set(nodes).count == 1, "stage \(stage) on \(nodes)")
    }
  }

  @Test func whereAllCannotWaitForLessTheMostRoomIsTaken() throws {
    var request = PlanRequest(
      model: try model("70b", .safetensors, "BF16"), machine: ChoiceMachines.machine("8x h100, 1024"))
    request.engines = [.vllm]
    request.quantizations = .asIs
    request.contextLength = 131_072
    request.parallel = 64
    let found = try #require(Planner().plan(request).options.first)
    #expect(found.verdict == .tight)
    #expect(found.placement.tensorParallel == 8)
  }

  @Test func aPlanThatDoesNotFitClaimsNoChoice() throws {
    let found = try option("1x h100, 64", model("405b", .safetensors, "BF16"), .vllm)
    #expect(found.verdict == .doesNotFit)
    #expect(found.placementReason == nil)
  }

  @Test func aContextBeyondCountingIsRefused() throws {
    let model = try model("8b", .gguf, "Q4_K_M")
    var workload = Workload()
    workload.concurrency = 4
    for length in [Int.max, 1 << 62 + 1] {
      var request = PlanRequest(model: model, machine: ChoiceMachines.machine("8x h100, 1024"), workload: workload)
      request.quantizations = .asIs
      request.contextLength = length
      #expect(Planner().plan(request).chosen == nil)
    }
  }
}

// MARK: - Several machines

extension LayoutSearchTests {
  /// 470 GB of weights are more than four H100s have, and are held by eight and by twelve.
  @Test(arguments: [(1, Verdict.doesNotFit), (2, .fits), (3, .fits)])
  func aModelLargerThanAMachineIsPlannedOverSeveral(nodes: Int, verdict: Verdict) throws {
    var request = PlanRequest(
      model: try model("235b-a22b", .safetensors, "BF16"), machine: ChoiceMachines.machine("4x h100, 512"))
    request.quantizations = .asIs
    request.engines = [.vllm]
    let spread = try request.spanning(nodes)
    let option = try #require(Planner().plan(spread).options.first)
    #expect(option.verdict == verdict, "\(option.reason.message)")
    guard nodes > 1 else { return }
    #expect(spread.machine.accelerators.count == 4 * nodes && spread.machine.memory == request.machine.memory)
    #expect(option.placement.tensorParallel == 4 && option.placement.pipelineParallel == nodes)
    #expect(DeviceIslands(spread.machine).islands.count == (spread.machine.links.isEmpty ? 1 : nodes))
    #expect(option.launch == nil || option.launch?.arguments.contains("--pipeline-parallel-size") == true)
  }

  /// vLLM cuts tensors over the network where it is told to; ways that do not divide all devices are refused.
  @Test func waysMaySpanMachinesWhereTheyAreAskedFor() throws {
    var request = PlanRequest(
      model: try model("8b", .safetensors, "BF16"), machine: ChoiceMachines.machine("1x h100, 512"))
    request.placement = Placement()
    request.placement?.tensorParallel = 4
    let placement = try #require(try request.spanning(4).placement)
    #expect((placement.tensorParallel, placement.pipelineParallel, placement.devices.count) == (4, 1, 4))
    request.placement?.tensorParallel = 2
    let halves = try #require(try request.spanning(4).placement)
    #expect((halves.tensorParallel, halves.pipelineParallel, halves.devices.count) == (2, 2, 4))
    request.placement?.tensorParallel = 3
    #expect(throws: Reason.self) { try request.spanning(4) }
    request.placement?.tensorParallel = 8
    #expect(throws: Reason.self) { try request.spanning(4) }
  }

  @Test func onlyVLLMOnAcceleratorsSpansMachines() throws {
    var request = PlanRequest(
      model: try model("8b", .safetensors, "BF16"), machine: ChoiceMachines.machine("4x h100, 512"))
    request.engines = [.llamaCpp]
    #expect(throws: Reason.self) { try request.spanning(2) }
    request.engines = []
    #expect(throws: Reason.self) { try request.spanning(33) }
    request.machine = ChoiceMachines.machine("cpu, 512")
    #expect(throws: Reason.self) { try request.spanning(2) }
  }
}
