import Units

extension LlamaCpp {
  public var operation: EngineOperation {
    var operation = EngineOperation(
      programs: ["llama-server", "llama-server-vulkan"], versionArguments: ["--version"],
      address: AddressFlags(alias: "--alias", apiKeyFile: "--api-key-file"),
      stopSteps: [
        // SIGINT was seen to end it in 0.03 to 0.6 s.
        StopStep(.interrupt, patience: .seconds(5)), StopStep(.terminate, patience: .seconds(3)),
        StopStep(.kill, patience: .seconds(5)),
      ],
      memoryLines: Self.memoryLines, failures: Self.failures, knownBadBuilds: Self.knownBadBuilds,
      limitations: [
        Reason(.ggufOnly, "reads GGUF files and nothing else"),
        Reason(
          .oneProcess, "no tensor parallelism across machines (its RPC server is insecure)"),
      ])
    // From its own table of arguments; the prompt cache above all may grow to 8 GiB unless it is told.
    operation.flagVariables = [
      "-cram": "LLAMA_ARG_CACHE_RAM", "--ctx-checkpoints": "LLAMA_ARG_CTX_CHECKPOINTS", "-fit": "LLAMA_ARG_FIT",
      "--offline": "LLAMA_OFFLINE", "--spec-type": "LLAMA_ARG_SPEC_TYPE",
      "--spec-draft-n-max": "LLAMA_ARG_SPEC_DRAFT_N_MAX", "-ngld": "LLAMA_ARG_N_GPU_LAYERS_DRAFT",
    ]
    // "load_tensors: offloaded 31/31 layers to GPU"; a build for processors alone has no such line.
    operation.layerWords = ["load_tensors:", "offloaded"]
    operation.pageFlag = "--no-webui"
    operation.requestWords = ["slot", "release:", "stop processing"]
    return operation
  }

  /// Checkpoints of each slot that a server is started with: the last turns of a conversation find theirs, and the plan
  /// has room for them. Each is as large as the windows and states of all layers.
  static let contextCheckpoints = 4

  static let memoryLines = [
    MemoryLine("weights", "load_tensors:", "model buffer size ="),
    MemoryLine("KV cache", "llama_kv_cache:", "KV buffer size ="),
    MemoryLine("recurrent state", "llama_memory_recurrent:", "RS buffer size ="),
    MemoryLine("compute", "compute buffer size ="),
    MemoryLine("output", "output buffer size ="),
  ]

  /// In the words of builds 7e4c0a9 and 11549, each seen in a real failure unless its comment says otherwise.
  static let failures = [
    FailurePattern(
      .unknownArchitecture, "unknown model architecture",
      remedy: "update llama.cpp: this build is older than the model, or the model was never supported"),
    FailurePattern(
      .addressInUse, "couldn't bind", remedy: "leave out --port and Plimsoll picks a free one"),
    FailurePattern(
      .outOfMemoryAtLoad, "failed to allocate",
      remedy: "plan with a smaller --context, fewer --parallel, a smaller quantization or -ctk q8_0"),
    FailurePattern(
      .outOfMemoryAtLoad, "unable to allocate",
      remedy: "plan with a smaller --context, fewer --parallel or a smaller quantization"),
    // Words of ggml's CUDA and Vulkan back ends, from their sources.
    FailurePattern(
      .outOfMemoryAtLoad, "out of memory", remedy: "plan with fewer layers on the device or a smaller --context"),
    FailurePattern(
      .outOfMemoryAtLoad, "ErrorOutOfDeviceMemory",
      remedy: "plan with fewer layers on the device or a smaller --context"),
    FailurePattern(
      .unsupportedConfiguration, "V cache quantization requires flash_attn",
      remedy: "switch flash attention on, or keep the values in f16"),
    FailurePattern(
      .badModelFile, "is not within the file bounds", remedy: "the file is cut short: fetch it again and verify it"),
    FailurePattern(.badModelFile, "invalid magic", remedy: "this is not a GGUF file"),
    FailurePattern(.badModelFile, "failed to open GGUF file", remedy: "check the path and who may read it"),
    FailurePattern(
      .badModelFile, "error loading model", remedy: "verify the file: plimsoll inspect MODEL, plimsoll models verify"
    ),
    FailurePattern(
      .badModelFile, "gguf_init_from", remedy: "verify the file: plimsoll inspect MODEL, plimsoll models verify"),
    FailurePattern(
      .unknownFlag, "invalid argument", remedy: "this build of llama.cpp is too old for the plan: update it"),
    FailurePattern(
      .driverError, "CUDA error", remedy: "see plimsoll doctor: driver and engine must be made for the same CUDA"),
    FailurePattern(
      .missingLibrary, "libgomp.so.1: cannot open shared object",
      remedy: "sudo apt install libgomp1 (Fedora: libgomp), then try again"),
    FailurePattern(
      .missingLibrary, "cannot open shared object file", remedy: "install the library named, or another build"),
    FailurePattern(
      .missingLibrary, "error while loading shared libraries", remedy: "install the library named, or another build"),
    FailurePattern(
      .missingInstruction, "AMX is not ready to be used",
      remedy: "this build was made for another processor: plimsoll engines install llama.cpp brings one for all"),
    FailurePattern(.badModelFile, "failed to load model", remedy: "see the log for the engine's own reason"),
  ]

  static let knownBadBuilds = [
    KnownBadBuild(
      fixedIn: "8146",
      reason: Reason(
        .knownHole, "builds before b8146 can be taken over by a crafted GGUF (CVE-2026-27940)",
        remedy: "update llama.cpp; until then load only files that plimsoll inspect accepts")),
    // Fixed by commit c78fb909b of 23 April 2026; b9072 of May is the first build known to hold it.
    KnownBadBuild(
      fixedIn: "9072",
      reason: Reason(
        .knownHole, "builds from before May 2026 let a request's n_discard overwrite memory (CVE-2026-21869)",
        remedy: "update llama.cpp; until then let only yourself reach the server")),
    KnownBadBuild(
      mark: "commit 7e4c0a9",
      reason: Reason(
        .knownFault, "this build needs AMX and AVX-512 and dies with an illegal instruction on other processors",
        remedy: "plimsoll engines install llama.cpp")),
  ]
}
