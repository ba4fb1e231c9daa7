public import Hardware
public import Models
import Units

extension EngineKind {
  public static let mlx = EngineKind("mlx", MLX())
}

/// Apple's MLX through `mlx_lm.server` (`mlx_vlm.server` for models with images); a native process, never a container.
public struct MLX: Engine {
  public var kind: EngineKind { .mlx }

  public init() {}

  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    guard [.mlx, .safetensors, .config].contains(model.format) else {
      return .no(
        Reason(
          .unsupportedFormat, "MLX needs safetensors; this model is \(model.format.rawValue)",
          remedy: "use an mlx-community repository, or convert with mlx_lm.convert"))
    }
    if let defect = model.defect { return .no(defect) }
    let foreign = ["AWQ", "GPTQ", "NVFP4", "MARLIN", "BITSANDBYTES"]
    // MLX has modes of its own that are called like others' formats: `MLX nvfp4`.
    let isOwn = quantization.uppercased().hasPrefix("MLX")
    if !isOwn, let scheme = foreign.first(where: { quantization.uppercased().contains($0) }) {
      return .no(
        Reason(
          .unsupportedQuantization, "MLX cannot read \(scheme) weights",
          remedy: "use the unquantized repository or an MLX one"))
    }
    if let refusal = refusal(of: model, quantization) { return .no(refusal) }
    let isApple = machine.accelerators.contains { $0.vendor.value == .apple }
    guard !isApple else {
      return .yes(
        notes: model.seesImages
          ? [
            Reason(
              .visionApart, "images need mlx_vlm.server; mlx_lm.server answers text only",
              remedy: "plimsoll engines install mlx-vlm")
          ] : [])
    }
    // On CPUs a quantized matrix product is far too slow: 16 tokens of 8-bit prefill took 53 s.
    guard !quantization.lowercased().contains("bit") else {
      return .no(
        Reason(
          .tooSlowOnCPU, "MLX runs quantized weights at under 1 tok/s without an Apple GPU",
          remedy: "use the bf16 model, or a GGUF with llama.cpp"))
    }
    return .yes(notes: [
      Reason(.noAppleGPU, "MLX runs on the CPU here, which is only for tests", remedy: "use llama.cpp with a GGUF")
    ])
  }

  /// What MLX cannot do with the model whatever the machine.
  private func refusal(of model: Model, _ quantization: String) -> Reason? {
    let name = quantization.uppercased()
    // Of a checkpoint in FP8 mlx-lm reads the bytes without their scales, or as 4-bit integers (mlx-lm issue 1865).
    if model.format != .mlx, ["FP8", "W8A8", "W8A16"].contains(where: name.contains) {
      return Reason(
        .unsupportedQuantization, "MLX cannot read \(quantization) checkpoints: it would misread their bytes",
        remedy: "use an mlx-community repository, or convert it with mlx_lm.convert")
    }
    guard model.task == .generation else {
      return Reason(
        .noEmbeddings, "mlx_lm.server generates text only, and this model is for \(model.task.rawValue)",
        remedy: "use a GGUF of it with llama.cpp")
    }
    return nil
  }

  public func launch(_ request: LaunchRequest) -> LaunchConfiguration {
    let sees = request.seesImages == true
    var flags = [LaunchFlag("--model", request.modelFolder, reason: "the model's folder", role: .model)]
    flags += sees ? visionFlags(request) : textFlags(request)
    if let path = request.settings.draftPath {
      flags.append(LaunchFlag("--draft-model", path, reason: "draft model for speculative decoding", role: .companion))
    }
    flags += request.settings.loraPaths.prefix(1).map {
      LaunchFlag("--adapter-path", $0, reason: "adapter", role: .companion)
    }
    flags += operation.address.flags(for: ServerAddress(request))
    var environment = ["HF_HUB_OFFLINE": "1", "OPENBLAS_NUM_THREADS": "1"]
    if let threads = request.threads { environment["OMP_NUM_THREADS"] = "\(threads)" }
    return LaunchConfiguration(
      program: sees ? Self.visionProgram : operation.programs[0], flags: flags,
      environment: environment.merging(request.barrierWait) { first, _ in first },
      wrapper: NUMABinding.wrapper(request.placement))
  }

  /// The server of mlx-vlm, a package of its own: mlx_lm.server drops the part of a model that sees.
  static let visionProgram = "mlx_vlm.server"

  private func textFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    [
      LaunchFlag(
        "--decode-concurrency", "\(request.parallel)", reason: "sequences decoded together, as planned",
        isOptional: true),
      LaunchFlag(
        "--prompt-concurrency", "\(min(request.parallel, 8))", reason: "prompts taken together", isOptional: true),
      LaunchFlag(
        "--prompt-cache-size", "\(max(1, request.parallel))", reason: "no more kept caches than planned",
        isOptional: true),
    ]
  }

  private func visionFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    [
      LaunchFlag("--max-num-seqs", "\(request.parallel)", reason: "sequences decoded together, as planned"),
      LaunchFlag("--max-kv-size", "\(request.contextLength)", reason: "tokens that a cache may hold, as planned"),
    ]
  }

  public var operation: EngineOperation {
    var operation = EngineOperation(
      programs: ["mlx_lm.server"], versionArguments: [], address: AddressFlags(alias: nil),
      stopSteps: [
        StopStep(.terminate, patience: .seconds(8)), StopStep(.kill, patience: .seconds(5)),
      ],
      memoryLines: [],
      failures: Self.failures, knownBadBuilds: [],
      limitations: [
        Reason(.noAPIKey, "has no API key, so it is never reachable from other machines"),
        Reason(.healthIsConstant, "answers /health before it is ready, so Plimsoll waits for a token"),
        Reason(.notForProduction, "its authors say that the server is not for production"),
      ])
    operation.trustFlag = "--trust-remote-code"
    operation.package = "mlx_lm"
    operation.otherPrograms = [Self.visionProgram: "mlx_vlm"]
    operation.requestWords = ["\"POST /v1/", "\" 200"]
    return operation
  }

  static let failures = [
    FailurePattern(
      .unknownArchitecture, "Model type", "not supported", remedy: "update mlx-lm, or use another engine"),
    FailurePattern(
      .badModelFile, "missing rope_theta",
      remedy: "the configuration was written by transformers 5: add the older rope_theta key"),
    FailurePattern(
      .badModelFile, "No safetensors found", remedy: "the folder holds no weights: fetch the model again"),
    FailurePattern(
      .badModelFile, "SafetensorError", remedy: "a file is cut short: plimsoll models verify"),
    FailurePattern(.badModelFile, "ValueError: Missing", remedy: "weights and configuration do not belong together"),
    FailurePattern(.badModelFile, "NotADirectoryError", remedy: "MLX takes the model's folder, not a file of it"),
    FailurePattern(.badModelFile, "JSONDecodeError", remedy: "a configuration file is not JSON: fetch it again"),
    // mlx_vlm.server's own words around a checkpoint that it cannot read.
    FailurePattern(
      .badModelFile, "Failed to load model:", remedy: "see the log: the configuration, a file or mlx-vlm's version"),
    FailurePattern(
      .addressInUse, "Address already in use", remedy: "leave out --port and Plimsoll picks a free one"),
    FailurePattern(.outOfMemoryAtLoad, "std::bad_alloc", remedy: "use a smaller model or quantization"),
    FailurePattern(.outOfMemoryAtLoad, "Unable to allocate", remedy: "use a smaller model or quantization"),
    FailurePattern(.outOfMemoryAtLoad, "MemoryError", remedy: "use a smaller model or quantization"),
    FailurePattern(
      .missingLibrary, "ModuleNotFoundError", remedy: "plimsoll engines install mlx"),
    FailurePattern(.unknownFlag, "unrecognized arguments", remedy: "update mlx-lm"),
  ]
}
