import Engines
import Fixtures
import Hardware
import Models
import Planning
import Testing
import Units

@testable import Deployment

/// An engine and a maker that stand in one file each of the fixtures plan, size, deploy and are found, with no other edit.
@Suite struct MadeUpTests {
  private static let model: Model = {
    let layer = Layer(
      kind: .full, headCount: 32, kvHeadCount: 8, keyLength: 128, valueLength: 128, feedForwardLength: 14_336)
    var model = Model(
      name: "made-up-8b", format: .safetensors, architecture: "llama",
      shape: ModelShape(embeddingLength: 4096, vocabularySize: 128_256, contextLength: 131_072),
      layers: Array(repeating: layer, count: 32))
    model.tensors = (0..<32).map {
      Tensor(
        name: "model.layers.\($0).weight", dimensions: [4096, 61_440], type: "BF16", bytes: ByteCount(4096 * 61_440 * 2)
      )
    }
    model.files = [ModelFile(path: "/models/m/model.safetensors", bytes: .gibibytes(15))]
    model.quantization = Figure("BF16", .header, "test")
    return model
  }()

  private func plan(on machine: Machine) -> Plan {
    var request = PlanRequest(model: Self.model, machine: machine, workload: Workload())
    request.quantizations = .asIs
    return Planner(speed: SpeedEstimator(Efficiencies())).plan(request)
  }

  @Test func theyPlan() throws {
    try MadeUpEngine.known {
      let plan = plan(on: MadeUpMaker.machine())
      let option = try #require(plan.options.first { $0.engine == .madeUp })
      #expect(option.verdict == .fits && option.placement.devices == [0], "\(option.reason)")
      #expect(option.launch?.arguments.contains("--model") == true)
      #expect(option.launch?.environment["ZORB_VISIBLE_DEVICES"] == "0")
      #expect(option.speed != nil)
      #expect(plan.chosen.map { plan.options[$0].engine } == .madeUp)
    }
    #expect(!plan(on: MachineBuilder.smallServer()).options.contains { $0.engine == .madeUp })
  }

  @Test func theySize() throws {
    try MadeUpEngine.known {
      let request = try SizingRequest(
        model: Self.model, quantizations: ["BF16"], workload: Workload(concurrency: 4),
        candidates: [MadeUpMaker.machine(2)])
      let sizing = Sizing(request, estimator: SpeedEstimator(Efficiencies()))
      #expect(sizing.options.contains { $0.engine == "zorb-serve" }, "\(sizing.failures)")
    }
  }

  @Test func theyDeploy() throws {
    try MadeUpEngine.known {
      let option = try #require(plan(on: MadeUpMaker.machine()).options.first { $0.engine == .madeUp })
      var request = TargetRequest(
        name: "m", engine: option.engine, launch: try #require(option.launch), modelPath: "/models/m",
        modelBytes: .gibibytes(15))
      request.vendor = .madeUp
      request.devices = [0]
      let script = try #require(try TargetKind.docker.files(request).first).text
      for word in ["registry.example/zorb/serve:1", "--device=/dev/zorb", "--group-add=zorb", "zorb-serve", "/model"]
      where word != "zorb-serve" { #expect(script.contains(word), "\(word)") }
      let manifest = try #require(try TargetKind.kubernetes.files(request).first).text
      for word in ["zorbian.example/zorb", "ZORB_API_KEY"] { #expect(manifest.contains(word), "\(word)") }
      let unit = try #require(try TargetKind.systemd.files(request).first).text
      #expect(unit.contains("ExecStart=zorb-serve --model /models/m"))
      #expect(throws: DeploymentError.self) { try TargetKind.ray.files(request) }
    }
  }

  @Test func theyAreFoundAgainByName() {
    MadeUpEngine.known {
      #expect(EngineKind(rawValue: "zorb-serve") == .madeUp && EngineKind.allCases.contains(.madeUp))
      #expect(Maker("ZORBIAN DEVICES, Inc.") == .madeUp && Maker("0xfee1") == .madeUp)
      #expect(FailureSorting(engine: MadeUpEngine()).engine.kind == .madeUp)
    }
    #expect(EngineKind(rawValue: "zorb-serve") == nil)
  }
}
