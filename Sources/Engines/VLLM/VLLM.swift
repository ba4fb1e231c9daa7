import Models
import Units

extension EngineKind {
  public static let vllm = EngineKind("vllm", VLLM())
}

/// vLLM's OpenAI server: safetensors on NVIDIA, AMD, Gaudi and Intel accelerators, or the CPU build.
public struct VLLM: Engine {
  public var kind: EngineKind { .vllm }

  public init() {}

  public func launch(_ request: LaunchRequest) -> LaunchConfiguration {
    let flags =
      [LaunchFlag("serve", request.modelFolder, reason: "the model's folder", role: .model)] + scheduleFlags(request)
      + companionFlags(request.settings) + parallelFlags(request.placement) + memoryFlags(request)
      + operation.address.flags(for: ServerAddress(request))
    return LaunchConfiguration(
      program: operation.programs[0], flags: flags, environment: environment(request),
      // On processors it binds itself to the node that its environment names.
      wrapper: request.placement.devices.isEmpty && request.placement.numaNode != nil
        ? nil : NUMABinding.wrapper(request.placement))
  }

  private func scheduleFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    var flags = [
      LaunchFlag(
        "--max-model-len", "\(request.contextLength)", reason: "the planned context; unset it is the model's own"),
      LaunchFlag("--max-num-seqs", "\(request.parallel)", reason: "sequences at once, as planned"),
    ]
    if request.settings.isBatchStated == true {
      flags.append(
        LaunchFlag(
          "--max-num-batched-tokens", "\(request.settings.batch)", reason: "tokens computed at once, as planned"))
    }
    // Since 0.10.1; older ones say --task.
    if let task = request.task, task != .generation {
      flags.append(
        LaunchFlag("--runner", "pooling", reason: "the model is for \(task.rawValue): no tokens are generated"))
    }
    if let capability = request.computeCapability, capability < 8.0 {
      flags.append(
        LaunchFlag(
          "--dtype", "half", reason: "no bf16 arithmetic before compute capability 8.0, and this has \(capability)"))
    }
    if request.settings.enforceEager {
      flags.append(
        LaunchFlag("--enforce-eager", reason: "starts in seconds instead of minutes, without compiled graphs"))
    }
    return flags
  }

  private func companionFlags(_ settings: EngineSettings) -> [LaunchFlag] {
    var flags: [LaunchFlag] = []
    if let method = settings.speculationMethod {
      flags = [
        LaunchFlag(
          "--speculative-config.method", method.rawValue.replacing("-", with: "_"), reason: "how tokens are guessed"),
        LaunchFlag(
          "--speculative-config.num_speculative_tokens", "\(settings.guesses)",
          reason: "guesses for each check, as the plan counts with"),
      ]
    }
    if let path = settings.draftPath {
      flags.insert(
        LaunchFlag(
          "--speculative-config.model", path, reason: "draft model for speculative decoding", role: .companion), at: 0)
    }
    guard let rank = settings.loraRank.flatMap(VLLMAdapters.rank), !settings.loraPaths.isEmpty else { return flags }
    flags += [
      LaunchFlag("--enable-lora", reason: "makes places for adapters beside the model's matrices"),
      LaunchFlag("--max-loras", "\(settings.loraPaths.count)", reason: "adapters at once: all of them"),
      LaunchFlag("--max-lora-rank", "\(rank)", reason: "the least that holds the adapters' ranks"),
    ]
    for (index, path) in settings.loraPaths.enumerated() {
      let name = Self.adapterName(path, index, among: settings.loraPaths)
      // A flag that is given again replaces the one before: one takes them all.
      let words = ["\(name)=\(path)"]
      var flag = LaunchFlag(reason: "the adapter, which requests name as their model", role: .namedCompanion)
      flag.words = index == 0 ? ["--lora-modules"] + words : words
      flags.append(flag)
    }
    return flags
  }

  /// The folder's name in letters that every request can hold; with its number where two are called alike.
  private static func adapterName(_ path: String, _ index: Int, among paths: [String]) -> String {
    func plain(_ path: String) -> String {
      let last = path.split(separator: "/").last.map(String.init) ?? "adapter"
      return String(last.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
    }
    let name = plain(path)
    return paths.map(plain).filter { $0 == name }.count > 1 ? "\(name)-\(index + 1)" : name
  }

  private func parallelFlags(_ placement: Placement) -> [LaunchFlag] {
    var flags: [LaunchFlag] = []
    if placement.tensorParallel > 1 {
      flags.append(
        LaunchFlag(
          "--tensor-parallel-size", "\(placement.tensorParallel)", reason: "each layer divided over the GPUs of a node")
      )
    }
    if placement.pipelineParallel > 1 {
      flags.append(
        LaunchFlag("--pipeline-parallel-size", "\(placement.pipelineParallel)", reason: "layers divided over nodes"))
    }
    if placement.dataParallel > 1 {
      flags.append(LaunchFlag("--data-parallel-size", "\(placement.dataParallel)", reason: "copies behind one address"))
    }
    if placement.expertParallel > 1 {
      flags.append(LaunchFlag("--enable-expert-parallel", reason: "experts spread over the devices"))
    }
    return flags
  }

  private func memoryFlags(_ request: LaunchRequest) -> [LaunchFlag] {
    var flags: [LaunchFlag] = []
    if request.kvType.key == "fp8" || request.kvType.key.hasPrefix("fp8_") {
      flags.append(LaunchFlag("--kv-cache-dtype", request.kvType.key, reason: "half the cache for each token"))
    }
    guard !request.placement.devices.isEmpty else { return flags }
    if let bytes = request.settings.kvMemory {
      flags.append(LaunchFlag("--kv-cache-memory-bytes", "\(bytes.bytes)", reason: "exactly the planned cache"))
    } else {
      flags.append(
        LaunchFlag(
          "--gpu-memory-utilization", "\(request.settings.gpuMemoryUtilization)",
          reason: "share of each device that it may fill; the cache takes what the weights leave"))
    }
    return flags
  }

  private func environment(_ request: LaunchRequest) -> [String: String] {
    // Its own processes talk over ports that take pickles: they must stay on this machine.
    var environment = [
      "VLLM_HOST_IP": "127.0.0.1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1",
    ]
    if request.placement.devices.isEmpty {
      // Whole GiB only: a fraction is refused when the server starts.
      let space = max(1, Int(((request.settings.kvMemory?.gibibytes ?? 4)).rounded(.up)))
      environment["VLLM_CPU_KVCACHE_SPACE"] = "\(space)"
      if let node = request.placement.numaNode { environment["VLLM_CPU_VISIBLE_MEMORY_NODES"] = "\(node)" }
      if let threads = request.threads {
        environment["OMP_NUM_THREADS"] = "\(threads)"
        environment["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
      }
      return environment.merging(request.barrierWait) { first, _ in first }
    }
    return environment.merging(DeviceSelection(request).environment) { first, _ in first }
  }
}
