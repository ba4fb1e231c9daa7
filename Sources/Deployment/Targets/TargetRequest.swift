public import Engines
public import Hardware
import Planning
public import Units

/// What a target is asked to write down: a plan's launch, and the place where it will run.
public struct TargetRequest: Hashable, Sendable {
  public var name: String
  public var engine: EngineKind
  public var launch: LaunchConfiguration
  /// The model's file or folder, as an absolute path on the machine that runs it.
  public var modelPath: String
  public var modelBytes: ByteCount
  /// The upper end of the plan's memory estimate on the CPU side.
  public var memoryBytes: ByteCount?
  /// Who made the devices; nil for the CPU.
  public var vendor: Maker?
  /// The processors' architecture, as `uname -m` says it.
  public var architecture: String?
  /// As their maker's driver counts them.
  public var devices: [Int] = []
  /// The product label of the GPUs, for a node selector.
  public var product: String?
  /// Machines that one copy spans.
  public var nodes = 1
  public var tensorParallel = 1
  public var replicas = 1
  public var host = "127.0.0.1"
  public var port = 8080
  /// Another image than the engine's own.
  public var image: String?
  /// Reads of the disk that holds the model, bytes a second.
  public var diskBytesPerSecond: Double?
  /// The volume claim that holds the model, in Kubernetes.
  public var claim: String?
  public var numaNode: Int?
  /// The CPUs of that node that are the server's, as Linux lists them; without a node, those of the machine.
  public var numaCPUs: String?
  /// True where the memory is spread over all nodes.
  public var interleaves = false
  /// The program as it was found on this machine; nil where it runs elsewhere.
  public var program: String?
  /// The program's help text, by which flags it does not know are left out.
  public var help: String?
  /// What the program needs of its environment beside the plan, from `config.yaml`.
  public var programEnvironment: [String: String] = [:]
  /// A folder of this machine for logs, for service managers that keep none.
  public var logFolder: String?
  public var restart = RestartPolicy.onFailure
  /// The user and group, as `1000:1000`, who may read the model on this machine; nil where that is root or not known.
  public var user: String?

  public init(
    name: String, engine: EngineKind, launch: LaunchConfiguration, modelPath: String, modelBytes: ByteCount
  ) {
    self.name = name
    self.engine = engine
    self.launch = launch
    self.modelPath = modelPath
    self.modelBytes = modelBytes
  }
}

extension TargetRequest {
  /// What the engine says of how it is packed and placed.
  var serving: ServingFacts { EngineCatalogue.engine(engine).serving }

  /// True where only this machine reaches the server.
  var isLoopback: Bool { ServerAddress(host: host, port: port).isLoopback }

  /// The folder that is mounted, and the model's path below it as the server sees it.
  var mount: (folder: String, inside: String) {
    // A snapshot of the Hub's cache is links to the blobs beside it, so the whole repository's folder is mounted.
    if let cached = ModelPath(modelPath).cached { return (cached.folder, "/model/" + cached.inside) }
    let parts = modelPath.split(separator: "/", omittingEmptySubsequences: false)
    let last = parts.last.map { String($0) } ?? modelPath
    // A GGUF is a file in a folder; anything else is the folder itself.
    guard last.lowercased().hasSuffix(".gguf") else { return (modelPath, "/model") }
    return (parts.dropLast().joined(separator: "/"), "/model/\(last)")
  }

  /// A folder of this machine that the server sees, read-only.
  struct Mount: Hashable {
    var folder: String
    var point: String
  }

  /// The model's folder, and those of the files beside the model that lie elsewhere.
  var mounts: [Mount] {
    companionFolders.reduce(into: [Mount(folder: mount.folder, point: "/model")]) { all, folder in
      all.append(Mount(folder: folder, point: "/companion\(all.count)"))
    }
  }

  private var companionFolders: [String] {
    launch.companions.filter { $0.hasPrefix("/") && !isBelowModel($0) }.map { Self.folder(of: $0) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The folder of a GGUF file; any other companion is a folder itself.
  private static func folder(of path: String) -> String {
    guard path.lowercased().hasSuffix(".gguf") else { return path }
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }

  private func isBelowModel(_ path: String) -> Bool { path.hasPrefix(mount.folder + "/") }

  /// A companion's path as the server sees it.
  private func inside(_ path: String) -> String {
    if isBelowModel(path) { return "/model" + path.dropFirst(mount.folder.count) }
    guard let own = mounts.dropFirst().first(where: { $0.folder == Self.folder(of: path) }) else { return path }
    return own.point + path.dropFirst(own.folder.count)
  }

  /// The engine's words inside a container: the mounted model, and all addresses of the container.
  func containerArguments(port: Int) -> [String] {
    let names = EngineCatalogue.engine(engine).operation.address
    let address = ServerAddress(host: "0.0.0.0", port: port, alias: name)
    let seen = containerLaunch.withCompanions(at: inside)
    return seen.withModel(at: mount.inside).addressed(to: address, by: names).arguments
  }

  /// The launch as an image takes it. The flags of an image that the user names are not known, nor those of all engines' own.
  private var containerLaunch: LaunchConfiguration {
    guard image != nil || serving.container.images?.knowsOptionalFlags == false else { return launch }
    return launch.understoodByAnyBuild(of: EngineCatalogue.engine(engine).operation)
  }

  /// The launch of a program of this machine, or of one that is called by its name on another.
  var programLaunch: LaunchConfiguration {
    let operation = EngineCatalogue.engine(engine).operation
    var own = launch.addressed(to: ServerAddress(host: host, port: port, alias: name), by: operation.address)
    own = help.map { own.understood(byHelp: $0) } ?? (program == nil ? own.understoodByAnyBuild(of: operation) : own)
    own.program = program ?? launch.program
    own.environment.merge(programEnvironment) { mine, _ in mine }
    return own
  }

  /// The environment inside a container: what binds to this machine's devices is the container's business there.
  var containerEnvironment: [(String, String)] {
    let bound = Set(DeviceSelection.variables + (serving.nodes?.ownVariables ?? []))
    let own = serving.container.images?.environment.sorted { $0.key < $1.key } ?? []
    return containerLaunch.environment.filter { !bound.contains($0.key) }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value)
    }
      + [("HOME", "/tmp")] + own.map { ($0.key, $0.value) }
  }

  /// What one server is given of its host's memory; each machine loads its own stage of the layers.
  var hostMemory: HostMemory {
    HostMemory(
      engine: engine, planned: memoryBytes, weights: modelBytes, devices: devices.count, nodes: nodes,
      sharesMemory: tensorParallel > 1)
  }

  /// Why the engine cannot run in a container; nil where it can.
  public var containerRefusal: Reason? {
    if case .none(let reason) = serving.container { reason } else { nil }
  }

  /// Which engines span machines, as the command that takes one.
  static var spanningRemedy: String? {
    EngineCatalogue.all.first { $0.serving.nodes != nil }.map { "use --engine \($0.kind.rawValue)" }
  }

  /// Seconds within which the server must have loaded: three times the reading, and five minutes for start and compiling.
  var loadSeconds: Int {
    300 + Int(3 * Double(modelBytes.bytes) / max(1e6, diskBytesPerSecond ?? 100e6))
  }

  /// Seconds that the engine takes to end, over all its stop steps but the last.
  var stopSeconds: Int {
    let steps = EngineCatalogue.engine(engine).operation.stopSteps.filter { $0.signal != .kill }
    return max(5, steps.reduce(0) { $0 + Int($1.patience.components.seconds) })
  }
}

/// Where a plan can be deployed to.
public enum TargetKind: String, Hashable, Sendable, Codable, CaseIterable {
  case process, docker, podman, compose, quadlet, systemd, launchd, kubernetes, leaderWorkerSet = "lws", kserve, ray

  /// Returns the files that the target consists of; a container's command line counts as a shell script.
  ///
  /// - Throws: `DeploymentError.notLaunchable` where the engine cannot run there, or the name is none.
  public func files(_ request: TargetRequest) throws(DeploymentError) -> [TargetFile] {
    // It becomes the name of files, and a word of the command that applies them.
    guard DeploymentStore.isName(request.name) else { throw .badName(request.name) }
    if let refusal = request.textRefusal { throw .notLaunchable(refusal) }
    if ![.process, .systemd, .launchd, .ray].contains(self), let refusal = request.containerRefusal {
      throw .notLaunchable(refusal)
    }
    if let refusal = openRefusal(request) { throw .notLaunchable(refusal) }
    if request.nodes > 1, !spansNodes {
      throw .notLaunchable(
        Reason(
          .oneNodeTarget, "a server over \(request.nodes) machines is not one of \(rawValue)",
          remedy: "--target lws or --target ray"))
    }
    switch self {
    case .process: return []
    case .docker, .podman: return [ContainerTarget(runtime: self, request: request).script]
    case .compose: return [ContainerTarget.compose([ContainerTarget(runtime: .docker, request: request)])]
    case .quadlet: return [ContainerTarget(runtime: .podman, request: request).quadlet]
    case .systemd: return [SystemdTarget(request: request).unit]
    case .launchd: return [LaunchdTarget(request: request).agent]
    case .kubernetes: return [KubernetesTarget(request: request).deployment]
    case .leaderWorkerSet:
      guard request.serving.nodes != nil else {
        throw .notLaunchable(
          Reason(
            .oneNodeEngine, "\(request.engine.rawValue) does not span machines", remedy: TargetRequest.spanningRemedy))
      }
      return [KubernetesTarget(request: request).leaderWorkerSet]
    case .kserve: return [KubernetesTarget(request: request).inferenceService]
    case .ray: return [try RayTarget(request: request).file()]
    }
  }

  /// Returns the files for several servers side by side on one machine; Compose takes them all in one.
  public func files(_ copies: [TargetRequest]) throws(DeploymentError) -> [TargetFile] {
    var files: [TargetFile] = []
    for copy in copies { files += try self.files(copy) }
    guard self == .compose, copies.count > 1 else { return files }
    return [ContainerTarget.compose(copies.map { ContainerTarget(runtime: .docker, request: $0) })]
  }

  /// True where one server may span several machines.
  public var spansNodes: Bool { self == .leaderWorkerSet || self == .ray }

  /// True where Kubernetes runs the server, at its own addresses and ports.
  public var isOnKubernetes: Bool { [.kubernetes, .leaderWorkerSet, .kserve].contains(self) }

  /// True where several servers of one machine are written side by side; elsewhere the cluster makes the copies.
  public var hasCopies: Bool { [.docker, .podman, .compose, .quadlet, .systemd, .launchd].contains(self) }

  /// Why a server that other machines reach is not started: it would ask nobody for a key.
  private func openRefusal(_ request: TargetRequest) -> Reason? {
    guard [.systemd, .launchd, .ray].contains(self), !request.isLoopback else { return nil }
    let canDemand = EngineCatalogue.engine(request.engine).operation.address.canDemandKey
    if self != .launchd, canDemand { return nil }
    let what =
      canDemand
      ? "the target \(rawValue) has no way to give the server a key" : "\(request.engine.rawValue) has no API key"
    return Reason(
      .noAPIKey, "\(what), so it is only started on the loopback address",
      remedy: "leave --host out, and put a proxy that checks a key in front of it")
  }
}
