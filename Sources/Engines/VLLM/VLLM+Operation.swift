import Units

extension VLLM {
  public var operation: EngineOperation {
    var operation = EngineOperation(
      programs: ["vllm"], versionArguments: ["--version"],
      address: AddressFlags(alias: "--served-model-name", apiKeyVariable: "VLLM_API_KEY"),
      stopSteps: [
        // SIGTERM to the group ended all three processes within 4 s; with many GPUs it takes longer.
        StopStep(.terminate, patience: .seconds(20)), StopStep(.kill, patience: .seconds(10)),
      ],
      memoryLines: [
        MemoryLine("weights", "Model loading took"), MemoryLine("weights", "Checkpoint size:"),
        MemoryLine("KV cache", "Available KV cache memory:"), MemoryLine("KV cache", "Explicitly set ("),
      ],
      failures: Self.failures, knownBadBuilds: Self.knownBadBuilds,
      limitations: [
        Reason(.allInMemory, "weights and KV cache must fit on the GPUs: no offload to the CPU"),
        Reason(.slowStart, "compiles graphs at each start: minutes before the first token"),
      ])
    operation.trustFlag = "--trust-remote-code"
    operation.package = "vllm"
    // A build without one of its kernels says so at each start, as a warning with the ImportError in it.
    operation.chatter = [" INFO ", " WARNING ", " DEBUG "]
    return operation
  }

  private static let readFirst =
    "the repository wants to run its own code: read it, then say --trust-remote-code if you accept it"

  /// Words of errors in vLLM's sources and those of transformers and PyTorch, the specific before the general.
  static let failures = [
    FailurePattern(
      .outOfMemoryAtLoad, "CUDA out of memory", remedy: "plan with more GPUs, a smaller context or a smaller model"
    ),
    FailurePattern(
      .outOfMemoryAtLoad, "HIP out of memory", remedy: "plan with more GPUs, a smaller context or a smaller model"),
    FailurePattern(
      .outOfMemoryAtLoad, "No available memory for the cache blocks",
      remedy: "the weights leave nothing for the cache: more GPUs, or a smaller model"),
    FailurePattern(
      .outOfMemoryAtLoad, "larger than the available KV cache memory",
      remedy: "plan with a smaller --context, or --kv-type fp8"),
    FailurePattern(
      .outOfMemoryAtLoad, "Free memory on device", "less than desired",
      remedy: "another program holds the GPU's memory: stop it, or lower the share"),
    FailurePattern(.outOfMemoryAtLoad, "DefaultCPUAllocator: can't allocate", remedy: "lower the cache space"),
    FailurePattern(
      .unknownArchitecture, "Model architectures", "not supported", remedy: "update vLLM, or use another engine"),
    FailurePattern(
      .unknownArchitecture, "does not recognize this architecture", remedy: "update vLLM and transformers"),
    // Only sentences of an error: each start prints `trust_remote_code=False` among the settings.
    FailurePattern(
      .remoteCode, "contains custom code which must be executed", remedy: readFirst),
    FailurePattern(.remoteCode, "requires you to execute the", "in that repo", remedy: readFirst),
    FailurePattern(.remoteCode, "consider setting `trust_remote_code=True`", remedy: readFirst),
    FailurePattern(
      .gpuCount, "must be divisible by tensor parallel size",
      remedy: "use a number of GPUs that divides the attention heads"),
    FailurePattern(.gpuCount, "World size", "is larger than the number of available", remedy: "plan with fewer GPUs"),
    FailurePattern(
      .unsupportedQuantization, "quantization method", "not supported", remedy: "use another quantization"),
    FailurePattern(
      .noAccelerator, "Failed to infer device type",
      remedy: "this vLLM was made for another accelerator, or the driver is missing: plimsoll doctor"),
    FailurePattern(
      .driverError, "driver on your system is too old", remedy: "update the GPU driver: plimsoll doctor"),
    FailurePattern(.driverError, "CUDA error", remedy: "see the log, then plimsoll doctor"),
    FailurePattern(.driverError, "NCCL error", remedy: "GPUs cannot reach each other: see the log for the link"),
    FailurePattern(.addressInUse, "Address already in use", remedy: "leave out --port and Plimsoll picks a free one"),
    FailurePattern(.badModelFile, "SafetensorError", remedy: "a file is cut short: plimsoll models verify"),
    FailurePattern(.badModelFile, "Cannot find any model weights", remedy: "the folder holds no weights"),
    FailurePattern(.badModelFile, "Invalid repository ID or local directory", remedy: "the folder is not a model"),
    FailurePattern(
      .unsupportedConfiguration, "max_model_len", "is greater than", remedy: "plan with a smaller --context"),
    FailurePattern(.unknownFlag, "unrecognized arguments", remedy: "update vLLM"),
    FailurePattern(.missingLibrary, "ModuleNotFoundError:", remedy: "plimsoll engines install vllm"),
    FailurePattern(.missingLibrary, "ImportError:", remedy: "reinstall vLLM for this machine's driver"),
  ]

  static let knownBadBuilds = [
    KnownBadBuild(
      since: "0.10.1", fixedIn: "0.14.0",
      reason: Reason(
        .knownHole,
        "vLLM from 0.10.1 to before 0.14.0 runs a repository's code even without --trust-remote-code (CVE-2026-22807)",
        remedy: "update vLLM; until then refuse repositories with auto_map"))
  ]
}
