public import Hardware
public import Models
import Units

extension EngineKind {
  public static let llamaCpp = EngineKind("llama.cpp", LlamaCpp())
}

/// llama.cpp's `llama-server`: GGUF on anything, with layers on accelerators, the CPU, or both.
public struct LlamaCpp: Engine {
  public var kind: EngineKind { .llamaCpp }

  public init() {}

  public func capability(of model: Model, quantization: String, on machine: Machine) -> Capability {
    guard model.format == .gguf else {
      return .no(
        Reason(
          .unsupportedFormat,
          model.format == .config
            ? "llama.cpp needs GGUF, and no GGUF file of this model is known"
            : "llama.cpp needs GGUF; this model is \(model.format.rawValue)",
          remedy: "use a GGUF repository of the model, or convert it with convert_hf_to_gguf.py"))
    }
    if let defect = model.defect { return .no(defect) }
    guard model.isArchitectureKnown else {
      return .no(
        Reason(
          .unknownArchitecture,
          "llama.cpp 11434 does not support the architecture \(model.architecture): llama-server refuses the file",
          remedy: "use another model, or a newer build of llama.cpp"))
    }
    guard !AmpereLlamaCpp.ownQuantizations.contains(quantization.uppercased()) else {
      return .no(
        Reason(
          .unsupportedQuantization, "\(quantization) exists only in Ampere's build of llama.cpp",
          remedy: "use --engine ampere-llama.cpp on an Ampere processor, or another quantization"))
    }
    // Its backends (11434) are CUDA, HIP, MUSA, Vulkan, Metal, SYCL, CANN, OpenCL and some more: none is for Gaudi.
    if machine.accelerators.contains(where: { $0.vendor.value == .habana }) {
      return .no(
        Reason(
          .wrongAccelerator, "llama.cpp has no backend for Gaudi", remedy: "use the model's safetensors with vLLM"))
    }
    // What only loading needs is told: a header alone may be planned with.
    return .yes(notes: uses(of: model) + model.warnings.filter { $0.code == .incompleteHeader })
  }

  /// What it is started with for a model that does more than write text, or something else.
  private func uses(of model: Model) -> [Reason] {
    switch model.task {
    case .embedding:
      [Reason(.embeddingModel, "llama-server serves embeddings (--embeddings): no tokens are generated")]
    case .reranking: [Reason(.reranker, "llama-server serves scores of pairs (--reranking): no tokens are generated")]
    case .generation where !model.seesImages: []
    case .generation:
      model.companions.contains { $0.role == .projector }
        ? [Reason(.visionProjector, "images go through the projector (mmproj) beside the model")]
        : [
          Reason(
            .noProjector, "text only: images need the projector (mmproj), which is not beside the model",
            remedy: "fetch the mmproj file of the same repository, and add --mmproj FILE")
        ]
    }
  }

  public func launch(_ request: LaunchRequest) -> LaunchConfiguration {
    let flags =
      modelFlags(request) + contextFlags(request) + computeFlags(request)
      + deviceFlags(request.placement, request.settings) + taskFlags(request.task)
      + serverFlags + operation.address.flags(for: ServerAddress(request))
    return LaunchConfiguration(
      program: operation.programs[0], flags: flags,
      environment: DeviceSelection(request).environment.merging(request.barrierWait) { first, _ in first },
      wrapper: NUMABinding.wrapper(request.placement))
  }
}

extension LlamaCpp {
  private func modelFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    let settings = request.settings
    var flags = [
      LaunchFlag("-m", request.modelPath, reason: "the model; a split model by its first file", role: .model)
    ]
    if let path = settings.projectorPath {
      flags.append(
        LaunchFlag("--mmproj", path, reason: "the projector for images, found beside the model", role: .companion))
    }
    flags += speculationFlags(settings, isOnDevice: !request.placement.devices.isEmpty)
    flags += settings.loraPaths.map { LaunchFlag("--lora", $0, reason: "adapter", role: .companion) }
    if !settings.memoryMap {
      flags.append(
        LaunchFlag("--no-mmap", reason: "reads the weights into memory, as planned", role: .unmapped))
    } else if request.placement.numaNode != nil, request.placement.devices.isEmpty {
      flags.append(Self.weightsOnNode)
    }
    return flags
  }

  private func speculationFlags(_ settings: EngineSettings, isOnDevice: Bool) -> [LaunchFlag] {
    guard let method = settings.speculationMethod else { return [] }
    let kind = method == .draftModel ? "draft-simple" : "draft-\(method.rawValue)"
    let guessing = [
      LaunchFlag(
        "--spec-type", kind,
        reason: settings.draftPath == nil
          ? "the model's own prediction layers guess tokens"
          : "how the draft guesses; without this, newer builds load it in vain",
        // Without it nothing would guess, and a build that has no such kind must say so.
        isOptional: method == .draftModel),
      LaunchFlag(
        "--spec-draft-n-max", "\(settings.guesses)", reason: "guessed tokens for each check, as planned",
        isOptional: true),
    ]
    guard let path = settings.draftPath else { return guessing }
    let file = LaunchFlag("-md", path, reason: "draft model for speculative decoding", role: .companion)
    let layers = LaunchFlag(
      "-ngld", isOnDevice ? "999" : "0", reason: "layers of the draft model on the GPU, as planned", isOptional: true)
    return [file] + guessing + [layers]
  }

  private func contextFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    let settings = request.settings.asServed(
      for: request.task, contextLength: request.contextLength, parallel: request.parallel,
      guesses: request.settings.guesses)
    var flags = [
      LaunchFlag(
        "-c", "\(request.contextLength)", reason: "context of all slots together; default: the model's own"),
      LaunchFlag("-np", "\(request.parallel)", reason: "slots; default: 4 that share one cache"),
      settings.kvUnified
        ? LaunchFlag("--kv-unified", reason: "slots share one cache", role: .sharedCache)
        : LaunchFlag("--no-kv-unified", reason: "each slot has its own part of the cache", isOptional: true),
      LaunchFlag("-b", "\(settings.batch)", reason: "logical batch, in tokens"),
      LaunchFlag("-ub", "\(settings.ubatch)", reason: "physical batch; sets the compute buffer"),
      LaunchFlag(
        "-fa", settings.flashAttention ? "on" : "off", reason: "flash attention, as planned"),
      LaunchFlag("-ctk", request.kvType.key, reason: "type of the key cache"),
      LaunchFlag("-ctv", request.kvType.value, reason: "type of the value cache"),
    ]
    if settings.swaFull {
      flags.append(LaunchFlag("--swa-full", reason: "sliding-window layers keep the whole context"))
    }
    flags += [
      LaunchFlag(
        "-cram", "0", reason: "no prompt cache; default: up to 8 GiB of memory", isOptional: true
      ),
      LaunchFlag(
        "--ctx-checkpoints", "\(Self.contextCheckpoints)",
        reason: "checkpoints of a slot for its next turn; default: 32", isOptional: true),
      LaunchFlag("-fit", "off", reason: "the engine must not change the plan", isOptional: true),
    ]
    return flags
  }

  private func computeFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    var flags: [LaunchFlag] = []
    if let threads = request.threads {
      flags += [
        LaunchFlag(
          "-t", "\(threads)", reason: "one thread for each core that this server has",
          role: .threads),
        LaunchFlag(
          "-tb", "\(request.promptThreads ?? threads)",
          reason: request.promptThreads.map { $0 == threads } ?? true
            ? "the same for prompts" : "threads for prompts: the fastest number by prediction", role: .promptThreads),
      ]
    }
    flags.append(
      LaunchFlag("--poll", "0", reason: "threads sleep between tokens, which leaves their cores to others"))
    if request.placement.numaNode != nil {
      flags.append(
        LaunchFlag("--numa", "numactl", reason: "threads stay on the node that numactl gives", role: .nodeBinding))
    } else if request.placement.interleave == true {
      flags.append(
        LaunchFlag(
          "--numa", "distribute", reason: "threads spread over all nodes, like the memory", role: .nodeBinding))
    }
    return flags
  }

  private func deviceFlags(_ placement: Placement, _ settings: EngineSettings) -> [LaunchFlag] {
    guard !placement.devices.isEmpty else {
      return [LaunchFlag("-ngl", "0", reason: "CPU only; default: layers go to any GPU")]
    }
    var flags = [
      LaunchFlag("-ngl", placement.gpuLayers.map { "\($0)" } ?? "999", reason: "layers on the GPU, as planned"),
      LaunchFlag("-sm", placement.splitMode.rawValue, reason: "how layers are divided among devices"),
    ]
    flags += settings.overrideTensor.map {
      LaunchFlag("-ot", $0, reason: "tensors kept elsewhere than their layer")
    }
    if settings.cpuMoeLayers > 0 {
      flags.append(
        LaunchFlag("--n-cpu-moe", "\(settings.cpuMoeLayers)", reason: "experts of the first layers stay in main memory")
      )
    }
    if placement.tensorSplit.count > 1 {
      let shares = placement.tensorSplit.map { share in Int(exactly: share).map { "\($0)" } ?? "\(share)" }
      flags.append(
        LaunchFlag("-ts", shares.joined(separator: ","), reason: "share of the layers for each GPU, as planned"))
    }
    return flags
  }

  private func taskFlags(_ task: ModelTask?) -> [LaunchFlag] {
    switch task {
    case .embedding?: [LaunchFlag("--embeddings", reason: "the model makes vectors: no tokens are generated")]
    case .reranking?: [LaunchFlag("--reranking", reason: "the model scores pairs: no tokens are generated")]
    default: []
    }
  }

  private var serverFlags: [LaunchFlag] {
    [
      LaunchFlag("-lv", "4", reason: "log buffer sizes"),
      LaunchFlag("--metrics", reason: "request counts for plimsoll ps"),
      LaunchFlag("--no-webui", reason: "no web page; --webui serves it", isOptional: true),
      LaunchFlag("--offline", reason: "no downloads", isOptional: true),
      LaunchFlag(
        "--cors-origins", "localhost", reason: "no access for other web pages",
        isOptional: true),
    ]
  }
}

extension ServerAddress {
  /// The address that a request asks for.
  init(_ request: LaunchRequest) {
    self.init(host: request.host, port: request.port, alias: request.alias, apiKeyFile: request.apiKeyFile)
  }
}
