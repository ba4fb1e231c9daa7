public import Hardware
public import Models
import Units

extension EngineKind {
  public static let ampereLlamaCpp = EngineKind("ampere-llama.cpp", AmpereLlamaCpp())
}

/// Ampere Computing's build of llama.cpp, with quantizations laid out for its processors.
///
/// Not to be confused with NVIDIA's GPUs of the same name: the machine's processor decides.
public struct AmpereLlamaCpp: Engine {
  public var kind: EngineKind { .ampereLlamaCpp }
  let base = LlamaCpp()

  public init() {}

  /// Types that upstream llama.cpp cannot read: `Q4_K_4` is about the size of Q4_K, `Q8R16` of Q8_0.
  public static let ownQuantizations: Set<String> = ["Q4_K_4", "Q8R16"]

  /// The processors that Ampere sells.
  private static let products = ["altra", "ampereone"]

  public var operation: EngineOperation {
    var operation = base.operation
    operation.programs = ["ampere-llama-server"]
    // Its program says the build of llama.cpp that it is made from: release 2.0.0 is b3485, by its change log.
    operation.knownBadBuilds += [
      KnownBadBuild(
        fixedIn: "3485",
        reason: Reason(
          .oldWeightTypes, "releases before 2.0.0 number Q4_K_4 and Q8R16 differently from newer files",
          remedy: "use the image of the release that the file was made for"))
    ]
    operation.limitations.append(
      Reason(
        .containerOnly, "delivered as the container image amperecomputingai/llama.cpp",
        remedy: "deploy with --target docker or podman, or name a binary in config.yaml"))
    operation.limitations.append(
      Reason(
        .olderBase, "lags behind llama.cpp: recent fixes may be missing",
        remedy: "load only files that plimsoll inspect accepts, and keep the server on loopback"))
    return operation
  }

  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    let product = machine.cpu.product?.value.lowercased() ?? ""
    let isAmpere =
      machine.cpu.implementer.map { Maker($0.value) } == .ampere || Self.products.contains { product.contains($0) }
    guard isAmpere else {
      return .no(
        Reason(
          .wrongProcessor, "Ampere's llama.cpp needs an Altra or AmpereOne processor",
          remedy: "use --engine llama.cpp"))
    }
    guard model.format == .gguf else {
      return .no(
        Reason(.unsupportedFormat, "Ampere's llama.cpp needs GGUF; this model is \(model.format.rawValue)"))
    }
    guard Self.ownQuantizations.contains(quantization.uppercased()) else {
      return .yes(notes: [
        Reason(
          .betterQuantization, "Ampere publishes Q4_K_4 and Q8R16 as 1.5 and 1.26 times as fast in generation",
          remedy: "quantize to Q4_K_4 or Q8R16 with the same release")
      ])
    }
    return .yes(notes: [])
  }

  public func launch(_ request: LaunchRequest) -> LaunchConfiguration {
    var launch = base.launch(request)
    launch.program = operation.programs[0]
    return launch
  }
}
