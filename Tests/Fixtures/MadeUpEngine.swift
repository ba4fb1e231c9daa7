public import Engines
public import Hardware
public import Models
import Units

extension EngineKind {
  /// An engine that nobody but tests knows.
  public static let madeUp = EngineKind("zorb-serve", MadeUpEngine())
}

/// An engine for safetensors on the made-up maker's devices: everything about it stands in this file.
public struct MadeUpEngine: Engine {
  public var kind: EngineKind { .madeUp }

  public init() {}

  /// Runs with the engine and its maker in the catalogues.
  public static func known<Answer>(_ work: () throws -> Answer) rethrows -> Answer {
    try MadeUpMaker.known {
      try EngineCatalogue.$all.withValue(EngineCatalogue.shipped + [MadeUpEngine()], operation: work)
    }
  }

  public var operation: EngineOperation {
    EngineOperation(
      programs: ["zorb-serve"], versionArguments: ["version"],
      address: AddressFlags(alias: "--name", apiKeyFile: "--key-file"), stopSteps: StopStep.usual, memoryLines: [],
      failures: [FailurePattern(.outOfMemoryAtLoad, "zorb: full", remedy: "take a smaller model")], knownBadBuilds: [],
      limitations: [])
  }

  public var serving: ServingFacts {
    var images = ContainerImages(processors: "registry.example/zorb/serve-cpu:1")
    images.byMaker = [.madeUp: "registry.example/zorb/serve:1"]
    var facts = ServingFacts(.images(images))
    facts.keyVariable = "ZORB_API_KEY"
    return facts
  }

  public var planning: PlanningFacts {
    PlanningFacts(
      layouts: LayoutAbilities(.layers(most: 4)), context: .oneRequest, speed: SpeedFacts(name: "zorb-serve"))
  }

  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    guard machine.accelerators.contains(where: { $0.vendor.value == .madeUp }) else {
      return .no(Reason(.wrongAccelerator, "zorb-serve needs a Zorb"))
    }
    return .yes(notes: [])
  }

  public func loads(_ form: ModelForm) -> Bool { form.tool == nil && [.safetensors, .config].contains(form.format) }

  public func preference(for model: Model, on machine: Machine) -> EnginePreference {
    EnginePreference(
      rank: machine.accelerators.contains { $0.vendor.value == .madeUp } ? 9 : 0,
      reason: Reason(.serverBatches, "zorb-serve is made for Zorbs"), isMadeForFormat: true)
  }

  public func memoryRules(for model: Model) -> any MemoryRules { Rules() }

  public func launch(_ request: LaunchRequest) -> LaunchConfiguration {
    LaunchConfiguration(
      program: "zorb-serve",
      flags: [
        LaunchFlag("--model", request.modelPath, reason: "the model", role: .model),
        LaunchFlag("--context", "\(request.contextLength)", reason: "as planned"),
      ] + operation.address.flags(for: ServerAddress(host: request.host, port: request.port, alias: request.alias)),
      environment: DeviceSelection(request).environment)
  }

  /// Weights and sixteen bits for each cached element, in equal parts on the devices.
  private struct Rules: MemoryRules {
    func footprint(_ question: Question) -> Result<MemoryFootprint, Reason> {
      let devices = question.placement.devices
      let weights = question.tensors.reduce(ByteCount.zero) { $0 + $1.bytes }
      let each = question.model.layers.reduce(0) { $0 + $1.kvHeadCount * ($1.keyLength + $1.valueLength) * 2 }
      let cache = ByteCount(each * question.contextLength * question.parallel)
      func part(_ name: String, _ share: Double, _ usable: Figure<ByteCount>?) -> DeviceMemory {
        let zero = Figure(ByteCount.zero, .computed, "none")
        return DeviceMemory(
          name: name, usableBytes: usable,
          components: MemoryComponents(
            weights: Figure(weights.scaled(by: share), .computed, "weights"),
            kvCache: Figure(cache.scaled(by: share), .computed, "cache"), recurrentState: zero, compute: zero,
            output: zero,
            overhead: Figure(.gibibytes(1), Source(.assumed, "driver"), low: .gibibytes(1), high: .gibibytes(2))))
      }
      guard !devices.isEmpty else {
        return .success(MemoryFootprint(devices: [part("cpu", 1, question.machine.usableHostBytes)]))
      }
      return .success(
        MemoryFootprint(
          devices: devices.map {
            part("gpu\($0)", 1 / Double(devices.count), question.machine.usableBytes(ofAccelerator: $0))
          }))
    }
  }
}
