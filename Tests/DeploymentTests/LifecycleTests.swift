import Engines
import Fixtures
import Foundation
import Hardware
import Planning
import Platform
import Synchronization
import Testing
import Units

@testable import Deployment

/// Answers as a server with a model would after so many questions; nothing is sent anywhere.
private final class ScriptedServer: HTTPTransport {
  private let questions = Mutex(0)
  private let readyAfter: Int

  init(readyAfter: Int) { self.readyAfter = readyAfter }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let count = questions.withLock {
      $0 += 1
      return $0
    }
    guard count > readyAfter else { return HTTPResponse(status: 503) }
    let body = #"{"choices":[{"text":"x"}],"usage":{"completion_tokens":1}}"#
    return HTTPResponse(status: 200, body: Array(body.utf8))
  }
}

/// A deployer over a folder of its own, with a shell script for an engine.
private struct Bench {
  let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
  let folders: DataFolders
  var deployer: Deployer

  init(script: String, readyAfter: Int) throws {
    folders = DataFolders(environment: ["PLIMSOLL_HOME": home])
    deployer = Deployer(
      folders: folders, environment: ["PATH": "/usr/bin:/bin"], transport: ScriptedServer(readyAfter: readyAfter))
    // The script listens nowhere: the answers come from the scripted transport.
    deployer.portOwner = { _, _ in .own }
    try install(script)
  }

  /// Puts an engine in place that does what the script says.
  func install(_ script: String) throws {
    let bin = "\(folders.engines)/llama.cpp/bin"
    try DataFolders.make(bin)
    let program = "#!/bin/sh\ncase $1 in --version) echo version: 99999; exit;; --help) exit;; esac\n\(script)\n"
    try writeAtomically(Array(program.utf8), to: "\(bin)/llama-server", mode: 0o755)
  }

  func option() -> PlanOption {
    var option = PlanOption(
      quantization: "Q4_1", origin: .file, engine: .llamaCpp, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.launch = LlamaCpp().launch(LaunchRequest(modelPath: "/m/x.gguf", contextLength: 512, parallel: 1))
    return option
  }

  func remove() { try? FileManager.default.removeItem(atPath: home) }
}

@Suite struct LifecycleTests {
  @Test func startsRecordsAndStops() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 2)
    defer { bench.remove() }
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    #expect(made.state == .ready && made.keeper == nil && made.address.port > 0)
    #expect(made.command.contains("--port") && !made.command.contains("-fit"))
    #expect(bench.deployer.list().map { $0.name } == ["x"])
    let process = try #require(made.process)
    #expect(process.isRunning)
    try await bench.deployer.stop("x")
    #expect(!process.isRunning)
    #expect(bench.deployer.list().isEmpty)
  }

  @Test func aServerThatDiesGivesItsOwnWordsAndLeavesNothing() async throws {
    let bench = try Bench(script: "echo \"E load: unknown model architecture: 'zz'\"; exit 1", readyAfter: 1_000_000)
    defer { bench.remove() }
    let error = await #expect(throws: DeploymentError.self) {
      try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    }
    #expect(error?.reason.code == "unknown-architecture")
    #expect(error?.reason.message.contains("'zz'") == true)
    #expect(DiskTree().list(bench.folders.deployments).isEmpty)
  }

  @Test func aServerThatNeverAnswersIsGivenUp() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 1_000_000)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.patience = 0.3
    let error = await #expect(throws: DeploymentError.self) {
      try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    }
    #expect(error?.reason.code == "never-answered")
    #expect(DiskTree().list(bench.folders.deployments).isEmpty)
    #expect(ProcessGroup.leader(named: "x", in: bench.folders) == nil)
  }

  @Test func aServerThatIgnoresPolitenessIsKilled() async throws {
    let log = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString).log"
    let leader = try startDetached(
      "/bin/sh", ["-c", "trap '' INT TERM; sleep 60 & while true; do sleep 0.1; done"], environment: [:], log: log)
    defer { unlink(log) }
    let steps = [StopStep(.interrupt, patience: .milliseconds(200)), StopStep(.kill, patience: .seconds(3))]
    #expect(await ProcessGroup(leader: leader).stop(steps))
    #expect(!leader.isRunning)
  }

  @Test func aNumberUsedAgainIsNotTheServer() {
    let stranger = ProcessIdentity(pid: getpid(), startTicks: 1)
    #expect(!ProcessGroup(leader: stranger).isRunning)
  }

  @Test func aPortThatIsTakenIsRefusedBeforeTheStart() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, length)
        _ = listen(socket, 1)
        _ = getsockname(socket, $0, &length)
      }
    }
    var settings = DeploymentSettings()
    settings.port = Int(UInt16(bigEndian: address.sin_port))
    let error = await #expect(throws: DeploymentError.self) {
      try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    }
    #expect(error?.reason.code == "address-in-use")
  }

  /// Whoever took the port would answer too, and would see the key.
  @Test func aStrangerOnThePortIsNeverAskedNorBelieved() async throws {
    var bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    bench.deployer.portOwner = { _, _ in .stranger("other") }
    let error = await #expect(throws: DeploymentError.self) {
      try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    }
    #expect(error?.reason.code == "address-in-use" && error?.reason.message.contains("(other)") == true)
    #expect(ProcessGroup.leader(named: "x", in: bench.folders) == nil)
  }

  @Test func twoAtOnceGetTwoPortsOfARange() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 40)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.portRange = 51180...51199
    let asked = settings
    let option = bench.option()
    let deployer = bench.deployer
    let ports = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<3 {
        var own = asked
        own.name = "copy-\(index)"
        group.addTask { [own] in
          try await deployer.deploy(option, modelPath: "/m/x.gguf", settings: own).address.port
        }
      }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(ports.count == 3)
    for index in 0..<3 { try await deployer.stop("copy-\(index)") }
  }

  @Test func beyondLoopbackAKeyIsMadeInAFileOfItsOwn() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.host = "0.0.0.0"
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    let file = try #require(made.address.apiKeyFile)
    let key = try #require(bench.deployer.key(of: made))
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(!made.command.contains { $0.contains(key) })
    try await bench.deployer.stop(made.name)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  /// Whoever starts it again: without its key it would serve everybody.
  @Test func aServerWhoseKeyIsGoneIsNotStarted() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.host = "0.0.0.0"
    var made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    let file = try #require(made.address.apiKeyFile)
    for content in [nil, ""] as [String?] {
      unlink(file)
      if let content { try writeAtomically(Array(content.utf8), to: file, mode: 0o600) }
      let error = #expect(throws: DeploymentError.self) { try bench.deployer.start(&made, LlamaCpp()) }
      #expect(error?.reason.code == .noAPIKey)
    }
    try await bench.deployer.stop(made.name)
  }

  /// The address is none of this machine's: whoever tried to bind it would say that.
  @Test func anEngineWithoutAKeyIsRefusedBeforeAnythingIsBound() throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.host = "192.0.2.1"
    try DataFolders.make(bench.folders.deployments)
    let installation = EngineInstallation(
      engine: .mlx, program: "/usr/bin/true", origin: .path, version: nil, environment: [:], problem: nil, warnings: [])
    let launch = MLX().launch(LaunchRequest(modelPath: "/m", contextLength: 512, parallel: 1))
    let error = #expect(throws: DeploymentError.self) {
      try bench.deployer.prepare("x", bench.option(), launch, MLX(), installation, "/m", settings)
    }
    #expect(error?.reason.code == .noAPIKey)
  }

  /// Loopback is all of 127.0.0.0/8: no key is asked for, and the port is looked for on that address.
  @Test(.enabled(if: ListenAddress("127.0.0.2").refusal == nil, "127.0.0.2 is not set up"))
  func anyLoopbackAddressServes() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.host = "127.0.0.2"
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    #expect(made.state == .ready && made.address.apiKeyFile == nil)
    #expect(made.url.hasPrefix("http://127.0.0.2:"))
    try await bench.deployer.stop(made.name)
  }

  @Test func aRestartKeepsTheKeyAndWhatWasAsked() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.demandsKey = true
    settings.patience = 77
    settings.diskBytesPerSecond = 2e9
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    let key = try #require(bench.deployer.key(of: made))
    let again = try await bench.deployer.restart(made.name)
    #expect(bench.deployer.key(of: again) == key)
    #expect(again.address == made.address && again.process != made.process)
    #expect(again.patience == 77 && again.diskBytesPerSecond == 2e9)
    try await bench.deployer.stop(made.name)
  }

  @Test func aRestartThatFailsStaysOnRecord() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.demandsKey = true
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    let key = bench.deployer.key(of: made)
    try bench.install("exit 3")
    // The scripted answers come from nowhere: a slow shell would be believed before it ended.
    var silent = bench.deployer
    silent.portOwner = { _, _ in .nobody }
    let deployer = silent
    await #expect(throws: DeploymentError.self) { try await deployer.restart(made.name) }
    let kept = try bench.deployer.deployment(made.name)
    #expect(kept.state == .failed && kept.failure?.code == "engine-crashed")
    #expect(bench.deployer.key(of: kept) == key)
    try bench.install("sleep 60")
    #expect(try await bench.deployer.restart(made.name).state == .ready)
    try await bench.deployer.stop(made.name)
  }

  @Test func aFollowedLogGoesOnInThatOfTheNextStart() async throws {
    let bench = try Bench(script: "echo first; sleep 60", readyAfter: 1)
    defer { bench.remove() }
    let made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    var log = try DeploymentLog(of: made.name, by: bench.deployer)
    #expect(log.next() == "first\n")
    #expect(log.next() == "")
    var again = made
    again.log = bench.home + "/second.log"
    try writeAtomically(Array("second\n".utf8), to: again.log)
    try bench.deployer.store.write(again)
    #expect(log.next() == "second\n")
    try await bench.deployer.stop(made.name)
    #expect(log.next() == nil)
  }
}

/// Addresses, commands that were killed, and supervisors that are gone.
extension LifecycleTests {
  @Test(arguments: [("999.1.1.1", "bad-host" as ReasonCode), ("192.0.2.1", "not-this-host"), ("bad host", "bad-host")])
  func anAddressThatIsNotOursIsSaid(host: String, code: ReasonCode) async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var settings = DeploymentSettings()
    settings.host = host
    let error = await #expect(throws: DeploymentError.self) {
      try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf", settings: settings)
    }
    #expect(error?.reason.code == code && error?.outcome == .usage)
    #expect(ListenAddress("127.0.0.1").refusal == nil && ListenAddress("localhost").refusal == nil)
  }

  /// Its command was killed while it loaded; it answers all the same, and stays.
  @Test func oneThatAnswersIsReadyWhoeverWaited() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var left = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    left.state = .loading
    left.keeper = ProcessIdentity(pid: 1, startTicks: 1)
    try bench.deployer.store.write(left)
    let now = await bench.deployer.current()
    #expect(now.map(\.state) == [.ready] && now.map(\.isOrphan) == [false])
    left.isKept = true
    try bench.deployer.store.write(left)
    let kept = await bench.deployer.current()
    #expect(kept.map(\.state) == [.ready] && kept.map(\.isOrphan) == [true])
    try await bench.deployer.stop(left.name)
  }

  @Test func aSupervisorThatIsGoneIsNoticedAndAHealthyServerIsLeftInPeace() async throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    var made = try await bench.deployer.deploy(bench.option(), modelPath: "/m/x.gguf")
    let doctor = Doctor(deployer: bench.deployer, hubCache: bench.home)
    func finding() async -> Finding? {
      await doctor.examine(.init(name: "test")).first { $0.check == made.name }
    }
    made.failure = Reason("engine-ended", "it ended before")
    made.restart = .onFailure
    made.restarts = 1
    made.supervisor = ProcessIdentity(running: getpid())
    try bench.deployer.store.write(made)
    #expect(await finding() == nil)
    made.supervisor = ProcessIdentity(pid: 1, startTicks: 1)
    try bench.deployer.store.write(made)
    #expect(await finding()?.found.contains("supervisor is gone") == true)
    try await bench.deployer.stop(made.name)
  }

  /// What it did for its last request is not why it ended.
  @Test(arguments: [
    (137, "engine-ended"), (nil as Int?, "engine-ended"), (1, "engine-ended"),
  ])
  func oneThatServedIsNotSaidToHaveFailedAtLoad(code: Int?, reason: String) throws {
    let bench = try Bench(script: "sleep 60", readyAfter: 0)
    defer { bench.remove() }
    let log = "\(bench.home)/log"
    try DataFolders.make(bench.home)
    try writeAtomically(Array("0.1 I srv  update_slots: all slots are idle\n".utf8), to: log)
    var served = Deployment(
      name: "x", engine: .llamaCpp, engineBuild: nil, modelPath: "/m", address: ServerAddress(port: 1), command: [],
      environment: [:], startedAt: 0, log: log)
    served.readySeconds = 1
    let found = FailureSorting(engine: LlamaCpp()).reason(of: served, exitCode: code)
    #expect(found.code.rawValue == reason && !found.message.contains("idle"))
    served.readySeconds = nil
    #expect(FailureSorting(engine: LlamaCpp()).reason(of: served, exitCode: code).message.contains("idle"))
    // The kernel counted nothing since the start: somebody else killed it.
    served.memoryKills = .max
    let killed = FailureSorting(engine: LlamaCpp()).reason(of: served, exitCode: 137)
    #expect(killed.code == "engine-ended" && killed.message.contains("not for want of memory"))
  }

  @Test func aLauncherThatKnowsNoDraftsIsNotStartedWithOne() {
    var asked = LaunchRequest(modelPath: "/m", contextLength: 512, parallel: 1)
    var installation = EngineInstallation(
      engine: .llamaCpp, program: "/x", origin: .installed, version: "11549", environment: [:], problem: nil,
      warnings: [])
    installation.help = "-md MODEL_DRAFT"
    #expect(Deployer.draftRefusal(LlamaCpp().launch(asked), by: installation) == nil)
    asked.settings.draftPath = "/d"
    #expect(Deployer.draftRefusal(LlamaCpp().launch(asked), by: installation)?.code == "draft-not-used")
    installation.help = "-md MODEL_DRAFT --spec-type"
    #expect(Deployer.draftRefusal(LlamaCpp().launch(asked), by: installation) == nil)
    // Builds of others that do not know the flag use the draft without it.
    (installation.origin, installation.help) = (.path, "-md MODEL_DRAFT")
    #expect(Deployer.draftRefusal(LlamaCpp().launch(asked), by: installation) == nil)
    #expect(LlamaCpp().serving.recipes[0].files.values.contains { $0.contains("--spec-type") })
  }

  @Test func theSupervisorGetsNoSecrets() {
    let given = ServerEnvironment.supervising([
      "HF_TOKEN": "a", "OPENAI_API_KEY": "b", "AWS_SECRET_ACCESS_KEY": "c", "PLIMSOLL_HOME": "/p", "PATH": "/bin",
      "HOME": "/h", "XDG_DATA_HOME": "/d",
    ])
    #expect(Set(given.keys) == ["PLIMSOLL_HOME", "PATH", "HOME", "XDG_DATA_HOME"])
  }
}
