import Engines
import Fixtures
import Foundation
import Hardware
import Models
import Planning
import Testing
import Units

@testable import Deployment

/// Every launch command and every target's file against the text kept under `Snapshots`.
///
/// `PLIMSOLL_REWRITE_SNAPSHOTS=1` rewrites them; the change is then read in review.
@Suite struct TargetTests {
  static let cases: [(name: String, request: TargetRequest)] = [
    ("llama-cpu", request(.llamaCpp, model: "/models/a model.gguf", vendor: nil, devices: [])),
    ("llama-nvidia", request(.llamaCpp, model: "/models/m.gguf", vendor: "NVIDIA", devices: [0, 1])),
    ("llama-amd", request(.llamaCpp, model: "/models/m.gguf", vendor: "AMD", devices: [0])),
    ("llama-intel", request(.llamaCpp, model: "/models/m.gguf", vendor: "Intel", devices: [0])),
    ("ampere", request(.ampereLlamaCpp, model: "/models/m.gguf", vendor: nil, devices: [], node: 1)),
    ("vllm-nvidia", request(.vllm, model: "/models/m", vendor: "NVIDIA", devices: [0, 1, 2, 3])),
    ("vllm-amd", request(.vllm, model: "/models/m", vendor: "AMD", devices: [0, 1])),
    ("vllm-gaudi", request(.vllm, model: "/models/m", vendor: "Habana", devices: [0, 1])),
    ("vllm-two-nodes", request(.vllm, model: "/models/m", vendor: "NVIDIA", devices: [0, 1], nodes: 2)),
    ("vllm-cpu", request(.vllm, model: "/models/m", vendor: nil, devices: [])),
    ("vllm-intel", request(.vllm, model: "/models/m", vendor: "Intel", devices: [0, 1])),
    ("llama-companions", companions),
    ("llama-open", open),
    ("mlx", request(.mlx, model: "/models/m", vendor: "Apple", devices: [0])),
    ("mlx-vision", seeing),
    ("llama-embedding", embedding),
  ]

  /// A projector beside the model, and an adapter elsewhere.
  private static var companions: TargetRequest {
    var asked = LaunchRequest(modelPath: "/models/m.gguf", contextLength: 8192, parallel: 2, threads: 15)
    asked.settings.projectorPath = "/models/mmproj.gguf"
    asked.settings.loraPaths = ["/adapters/a.gguf", "/adapters/b.gguf"]
    asked.placement.numaNode = 1
    var request = request(.llamaCpp, model: "/models/m.gguf", vendor: nil, devices: [], node: 1)
    request.launch = LlamaCpp().launch(asked)
    request.numaCPUs = "16-31"
    return request
  }

  private static var seeing: TargetRequest {
    var asked = LaunchRequest(modelPath: "/models/m", contextLength: 8192, parallel: 2)
    asked.seesImages = true
    var request = request(.mlx, model: "/models/m", vendor: "Apple", devices: [0])
    request.launch = MLX().launch(asked)
    return request
  }

  private static var embedding: TargetRequest {
    var asked = LaunchRequest(modelPath: "/models/m.gguf", contextLength: 512, parallel: 4, threads: 15)
    asked.task = .embedding
    var request = request(.llamaCpp, model: "/models/m.gguf", vendor: nil, devices: [])
    request.launch = LlamaCpp().launch(asked)
    return request
  }

  /// Reachable from other machines.
  private static var open: TargetRequest {
    var request = request(.llamaCpp, model: "/models/m.gguf", vendor: "NVIDIA", devices: [0])
    request.host = "0.0.0.0"
    return request
  }

  /// Ampere's way: a server for each NUMA node, and several on a node each on cores of its own.
  private static func ampere(_ count: Int) throws -> [TargetRequest] {
    var machine = Machine(name: "two sockets")
    machine.memory.totalBytes = Figure(.gibibytes(256), .user, "test")
    machine.cpu.cores = Figure(192, .user, "test")
    machine.numaNodes = [(0, "0-95"), (1, "96-191")].map { id, cpus in
      var node = NUMANode(id: id)
      node.cpus = Figure(cpus, .user, "test")
      node.memoryBytes = Figure(.gibibytes(128), .user, "test")
      return node
    }
    var option = PlanOption(
      quantization: "Q8R16", origin: .file, engine: .ampereLlamaCpp, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 8192, parallel: 2)
    option.launch = AmpereLlamaCpp().launch(
      LaunchRequest(modelPath: "/models/m.gguf", contextLength: 8192, parallel: 2, threads: 180))
    return try ServerCopies(of: option, on: machine).placed(count).get().enumerated().map { index, copy in
      var request = request(.ampereLlamaCpp, model: "/models/m.gguf", vendor: nil, devices: [])
      request.name = "demo-\(index)"
      request.launch = try #require(copy.option.launch)
      request.port = 8080 + index
      request.numaNode = copy.option.placement.numaNode
      request.numaCPUs = copy.cpus
      return request
    }
  }

  private static func request(
    _ kind: EngineKind, model: String, vendor: String?, devices: [Int], nodes: Int = 1, node: Int? = nil
  ) -> TargetRequest {
    var asked = LaunchRequest(modelPath: model, contextLength: 8192, parallel: 2, threads: devices.isEmpty ? 15 : nil)
    asked.placement.devices = devices
    asked.placement.tensorParallel = kind == .vllm ? max(1, devices.count) : 1
    asked.placement.pipelineParallel = nodes
    asked.placement.numaNode = node
    asked.deviceVendor = vendor.map { Maker($0) }
    asked.settings.kvMemory = kind == .vllm && devices.isEmpty ? .gibibytes(4) : nil
    let launch = EngineCatalogue.engine(kind).launch(asked)
    var request = TargetRequest(
      name: "demo", engine: kind, launch: launch, modelPath: model, modelBytes: .gibibytes(16))
    request.vendor = vendor.map { Maker($0) }
    request.devices = devices
    request.tensorParallel = asked.placement.tensorParallel
    request.nodes = nodes
    request.product = vendor == "NVIDIA" ? "NVIDIA-H100-80GB-HBM3" : nil
    request.numaNode = node
    request.program = "/usr/bin/true"
    return request
  }

  /// A container counts its devices from 0 by their slots: the larger card behind the smaller one stays so inside.
  @Test func containersKeepThePlansOrderOfDevices() {
    func words(_ devices: [Int]) -> [String] {
      let request = Self.request(.llamaCpp, model: "/models/m.gguf", vendor: "NVIDIA", devices: devices)
      return ContainerTarget(runtime: .docker, request: request).arguments
    }
    #expect(words([3, 1]).contains("CUDA_VISIBLE_DEVICES=1,0"))
    #expect(!words([1, 3]).contains { $0.hasPrefix("CUDA_VISIBLE_DEVICES") })
  }

  @Test(arguments: [TargetKind.systemd, .launchd, .ray])
  func serversForOthersAskForAKeyOrAreRefused(kind: TargetKind) throws {
    for (name, kept) in Self.cases where name == "vllm-cpu" || name == "mlx" {
      var request = kept
      request.host = "0.0.0.0"
      if kind == .systemd, name == "vllm-cpu" {
        // The unit does not start without the file that has the key.
        #expect(try kind.files(request).contains { $0.text.contains("EnvironmentFile=%h") })
      } else if kind == .ray, name == "vllm-cpu" {
        // The job reads it from a file of its node; whoever sees the job sees none.
        let job = try RayTarget(request: request).job()
        #expect(job.entrypoint.hasPrefix("VLLM_API_KEY=\"$(cat \"$HOME/.config/plimsoll/demo.key\")\" && "))
        #expect(job.entrypoint.contains("--host 0.0.0.0") && job.runtime_env.env_vars["VLLM_API_KEY"] == nil)
      } else {
        #expect(throws: DeploymentError.self) { try kind.files(request) }
      }
    }
  }

  /// The name is part of paths, of units and of the command that applies them.
  @Test(arguments: ["../../evil", "a b", "x;id", "%h", "$(id)", "", "-x", "a/b", "x\ny"])
  func namesThatLeaveTheirPlaceAreRefusedByEveryTarget(name: String) throws {
    for (_, kept) in Self.cases {
      var request = kept
      request.name = name
      for kind in TargetKind.allCases {
        let error = #expect(throws: DeploymentError.self) { try kind.files(request) }
        #expect(["bad-name", "no-container"].contains(error?.reason.code))
      }
    }
  }

  @Test func oneMachinesTargetsDoNotSpanSeveral() throws {
    for (name, request) in Self.cases where name == "vllm-two-nodes" {
      for kind in TargetKind.allCases where kind != .process {
        if kind.spansNodes {
          #expect(try kind.files(request).contains { $0.text.contains("pipeline-parallel-size") })
        } else {
          #expect(throws: DeploymentError.self) { try kind.files(request) }
        }
      }
    }
  }

  /// Other nodes have other devices, and Ray tells its workers which are theirs.
  @Test func aRayJobNamesNoDevicesOfThisMachine() throws {
    for (name, request) in Self.cases where name.hasPrefix("vllm") {
      let variables = try RayTarget(request: request).job().runtime_env.env_vars
      #expect(variables.keys.allSatisfy { !$0.contains("VISIBLE") && $0 != "VLLM_HOST_IP" })
    }
  }

  @Test(arguments: [
    ("2.60.0", 2, 4.0, nil as ReasonCode?), ("2.47.1", 2, 4, "ray-too-old"), ("2.60.0", 1, 4, "insufficient-nodes"),
    ("2.60.0", 2, 1, "insufficient-nodes"),
  ])
  func aRayClusterIsCheckedForWhatThePlanNeeds(version: String, alive: Int, gpus: Double, code: ReasonCode?) throws {
    let request = try #require(Self.cases.first { $0.name == "vllm-two-nodes" }?.request)
    let nodes = (0..<3).map { index in
      RayCluster.Node(
        name: "n\(index)", state: index < alive ? "ALIVE" : "DEAD", isHead: index == 0,
        resources: ["CPU": 8, "GPU": gpus])
    }
    #expect(RayNeeds(request).refusal(version: version, nodes: nodes)?.code == code)
  }

  /// Its files are links to the blobs beside the snapshots.
  @Test func snapshotsOfTheHubAreMountedWithTheirBlobs() {
    var request = Self.cases[1].request
    request.modelPath = "/h/hub/models--org--m/snapshots/0a1b/m.gguf"
    #expect(request.mount.folder == "/h/hub/models--org--m")
    #expect(request.mount.inside == "/model/snapshots/0a1b/m.gguf")
  }

  @Test func savedCommandsKeepWhatBindsThem() throws {
    let launch = LaunchConfiguration(
      program: "llama-server", flags: [], wrapper: LaunchFlag("numactl", "--membind=1", reason: "its node"))
    let read = try JSONDecoder().decode(LaunchConfiguration.self, from: JSONEncoder().encode(launch))
    #expect(read == launch)
  }

  @Test(
    .enabled(if: Snapshot.areWanted, "no snapshots are kept yet: PLIMSOLL_REWRITE_SNAPSHOTS=1 writes them"),
    arguments: cases.indices)
  func writesWhatIsKept(_ index: Int) throws {
    let (name, request) = Self.cases[index]
    var text =
      "$ " + ([request.launch.program] + request.launch.arguments).map { shellQuoted($0) }.joined(separator: " ") + "\n"
    for (variable, value) in request.launch.environment.sorted(by: { $0.key < $1.key }) {
      text += "\(variable)=\(value)\n"
    }
    for kind in TargetKind.allCases {
      do {
        for file in try kind.files(request) { text += "\n=== \(kind.rawValue): \(file.name)\n\(file.text)" }
      } catch {
        text += "\n=== \(kind.rawValue): refused, \(error.reason.code)\n"
      }
    }
    try Snapshot(name).check(text)
  }

  /// N servers by T threads, each bound to its cores and its node's memory, in the forms that can say so.
  @Test(.enabled(if: Snapshot.areWanted, "no snapshots are kept yet: PLIMSOLL_REWRITE_SNAPSHOTS=1 writes them"))
  func writesWhatIsKeptOfSeveralServers() throws {
    var text = ""
    let requests = try Self.ampere(4)
    for kind in [TargetKind.docker, .compose, .quadlet, .systemd] {
      for file in try kind.files(requests) { text += "=== \(kind.rawValue): \(file.name)\n\(file.text)\n" }
    }
    try Snapshot("ampere-four").check(text)
    for (request, cpus) in zip(requests, ["0-47", "96-143", "48-95", "144-191"]) {
      let script = try TargetKind.docker.files(request)[0].text
      #expect(script.contains("--cpuset-cpus=\(cpus) \\\n"))
      #expect(script.contains("--cpuset-mems=\(cpus.hasPrefix("0") || cpus.hasPrefix("48") ? 0 : 1) \\\n"))
      // Flags that an image may not know are said by variables, which it passes over.
      #expect(!script.contains("-cram") && !script.contains("--cors-origins") && script.contains("--no-mmap"))
      #expect(script.contains("LLAMA_ARG_CACHE_RAM=0") && script.contains("LLAMA_ARG_FIT=off"))
    }
  }

  @Test func aUnitNamesTheFlagsThatItsProgramKnows() throws {
    var request = Self.cases[0].request
    request.help = "-fit FIT\n  -cram N"
    request.programEnvironment = ["LD_LIBRARY_PATH": "/opt/llama/lib"]
    request.numaNode = 1
    request.numaCPUs = "16-31,48-63"
    let unit = try TargetKind.systemd.files(request)[0].text
    #expect(unit.contains("-fit off") && unit.contains("-cram 0") && !unit.contains("--cors-origins"))
    #expect(unit.contains("Environment=LD_LIBRARY_PATH=/opt/llama/lib"))
    #expect(unit.contains("NUMAMask=1\nCPUAffinity=16-31,48-63\n"))
    // Where the program is another machine's it is called by its name, with the flags that every build knows.
    request.program = nil
    request.help = nil
    let elsewhere = try TargetKind.systemd.files(request)[0].text
    #expect(elsewhere.contains("ExecStart=llama-server -m") && !elsewhere.contains("-cram"))
    #expect(elsewhere.contains("Environment=LLAMA_ARG_CACHE_RAM=0"))
  }

  @Test func imagesAreOfAReleaseAndOfTheProcessorsKind() throws {
    var request = try #require(Self.cases.first { $0.name == "vllm-cpu" }?.request)
    #expect(ContainerImage(request).name.hasSuffix("-x86_64"))
    request.architecture = "aarch64"
    #expect(ContainerImage(request).name.hasSuffix("-arm64"))
    for (_, request) in Self.cases where request.engine == .vllm {
      let image = ContainerImage(request)
      let version = try #require(image.name.firstMatch(of: /[0-9]+\.[0-9]+\.[0-9]+(?=[^\/]*$)/) ?? nil)
      #expect(!VLLM().operation.knownBadBuilds.contains { $0.concerns(String(version.output)) })
      #expect(image.program == "vllm")
    }
    request.image = "example.org/own:1"
    #expect(ContainerImage(request).name == "example.org/own:1")
  }

  @Test func noTargetHoldsAKey() throws {
    for (_, request) in Self.cases {
      var open = request
      open.host = "0.0.0.0"
      for kind in TargetKind.allCases {
        for file in (try? kind.files(open)) ?? [] { #expect(!file.text.contains("plimsoll-key")) }
      }
    }
  }

  @Test func manifestsQuoteWhatYAMLWouldMisread() {
    let document: Manifest = ["a": "on", "b": "1.0", "c": "x: y", "d": "plain/path", "e": "", "f": "a\nb"]
    #expect(document.yaml() == "a: \"on\"\nb: \"1.0\"\nc: \"x: y\"\nd: plain/path\ne: \"\"\nf: \"a\\nb\"\n")
  }

  @Test func systemdWordsAreEscaped() {
    #expect(TargetQuoting.systemdCommand("a b") == "\"a b\"")
    #expect(TargetQuoting.systemdCommand("50%$x") == "50%%$$x")
  }
}

/// A text kept beside the tests.
private struct Snapshot {
  private let path: String

  init(_ name: String) {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    path = "/\(folder)/Snapshots/\(name).txt"
  }

  /// True where snapshots are kept, or are to be written now.
  static var areWanted: Bool {
    ProcessInfo.processInfo.environment["PLIMSOLL_REWRITE_SNAPSHOTS"] == "1"
      || FileManager.default.fileExists(atPath: Snapshot("llama-cpu").path)
  }

  func check(_ text: String) throws {
    if ProcessInfo.processInfo.environment["PLIMSOLL_REWRITE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == kept, "differs from \(path)")
  }
}
