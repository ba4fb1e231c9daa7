public import Deployment
import Engines
import Foundation
import Hardware
import Hub
import Planning
import Platform
import Units

/// Where a plan is deployed to, when that is not a process of this machine.
public struct TargetWishes: Sendable {
  public var kind = TargetKind.process
  /// The folder for the target's files; nil for one of Plimsoll's own.
  public var folder: String?
  /// True where what was written is also run.
  public var applies = false
  /// Another container image than the engine's own.
  public var image: String?
  /// Kubernetes: the volume claim that holds the model.
  public var claim: String?
  /// Kubernetes: copies of the server; nil for as many as were planned.
  public var podReplicas: Int?
  /// Ray: the cluster's address.
  public var address: String?

  public init() {}
}

/// What a deployment to another place wrote.
public struct TargetDocument: Encodable, Sendable {
  public struct File: Encodable, Sendable {
    public var name: String
    public var text: String
    public var usage: String
    /// Where it was written; nil where it was only shown.
    public var path: String?
  }
  public var schema = "plimsoll.target/1"
  public var target: TargetKind
  public var files: [File] = []
}

extension DeployJob {
  /// Writes the target's files, or only returns them, and runs them where that was asked for.
  ///
  /// - Parameter printsOnly: true where nothing is written, fetched or run.
  /// - Returns: the files, and the name that a cluster gave the job where one was submitted.
  public func delivered(
    _ prepared: Prepared, printsOnly: Bool
  ) async throws -> (document: TargetDocument, submitted: String?) {
    let target = wishes.target
    if target.applies, !printsOnly, !target.kind.isOnKubernetes, target.kind != .ray { try await fetch(prepared) }
    let requests = try await requests(prepared)
    let isShown = printsOnly || (target.folder == nil && !target.applies)
    var document = TargetDocument(target: target.kind)
    for file in try target.kind.files(requests) {
      let path = isShown ? nil : try await written(file, of: requests)
      document.files.append(.init(name: file.name, text: file.text, usage: file.usage, path: path))
    }
    guard target.applies, !printsOnly, target.kind == .ray, let request = requests.first else { return (document, nil) }
    guard let address = target.address else {
      throw Failure(.usage, .noAddress, "--target ray --apply needs --address")
    }
    let cluster = RayCluster(
      address: address, token: workspace.environment["RAY_AUTH_TOKEN"], transport: CurlTransport())
    workspace.audience.note("Ray \(try await cluster.checked(for: request)) at \(address)")
    return (document, try await cluster.submit(request))
  }

  /// What the target is asked for: one server, or several side by side where the target has them.
  private func requests(_ prepared: Prepared) async throws -> [TargetRequest] {
    let option = prepared.option
    let kind = wishes.target.kind
    let copies = try copies(prepared, planned: kind.hasCopies ? option.placement.replicas : 1)
    // A saved plan was made for what it was made for.
    let stages = option.placement.pipelineParallel
    let devices = prepared.plan.machine.accelerators.count
    // Ways over the network need fewer stages than machines, and all devices.
    let isCutOverAll =
      stages < wishes.nodes && stages * option.placement.tensorParallel == devices && devices % wishes.nodes == 0
    guard wishes.nodes == 1 || stages == wishes.nodes || isCutOverAll else {
      throw Failure(
        .usage, .otherNodes,
        "the plan has \(stages) stages, and --nodes asks for \(wishes.nodes) machines",
        remedy: "plan again with --nodes \(wishes.nodes)")
    }
    let isHere = wishes.elsewhere == nil
    // What is installed here says nothing of another machine.
    var program =
      isHere
      ? await workspace.engineFinder.find(EngineCatalogue.engine(option.engine), program: option.launch?.program)
        .first { $0.problem == nil } : nil
    if let usable = program, let launch = option.launch {
      program = await workspace.engineFinder.asked(usable, for: launch)
    }
    return try copies.enumerated().map { [program] index, copy in
      var request = try request(
        copy, name: name(prepared, index, of: copies.count), model: prepared.path, machine: prepared.plan.machine)
      request.launch = request.launch.placed(at: prepared.path)
      if wishes.settings.trust.runsRepositoryCode {
        request.launch = request.launch.trusting(EngineCatalogue.engine(option.engine).operation)
      }
      // Where the cluster makes the copies, it makes as many as were planned.
      request.replicas = wishes.target.podReplicas ?? (kind.hasCopies ? 1 : max(1, option.placement.replicas))
      request.host = wishes.settings.host
      request.restart = wishes.restart ?? .onFailure
      // The owner of the model on this machine is whoever deploys it; root in a container has no rights beyond a user's.
      if isHere, getuid() != 0 { request.user = "\(getuid()):\(getgid())" }
      request.port = (wishes.settings.port > 0 ? wishes.settings.port : 8080) + index
      request.program = program?.program
      request.help = program?.help
      request.programEnvironment = program?.environment ?? [:]
      request.logFolder = isHere ? workspace.folders.logs : nil
      return request
    }
  }

  /// The request for one server of a plan's option.
  private func request(_ copy: ServerCopy, name: String, model: String, machine: Machine) throws -> TargetRequest {
    let option = copy.option
    guard let launch = option.launch else {
      throw Failure(.doesNotFit, option.refusal.code, option.refusal.message, remedy: option.refusal.remedy)
    }
    // A bare configuration stands for the weights that it describes.
    let bytes = max(option.loadedBytes ?? .zero, option.tensorBytes?.value ?? .zero)
    var request = TargetRequest(
      name: name, engine: option.engine, launch: launch, modelPath: model, modelBytes: bytes)
    request.diskBytesPerSecond = machine.diskBytesPerSecond
    request.memoryBytes = option.memory?.devices.first { $0.isHost }?.highBytes
    let place = option.placement
    request.nodes = wishes.nodes
    request.devices = place.devices.prefix(place.devices.count / wishes.nodes).map { machine.ordinal(of: $0) }
    let accelerator = place.devices.first.flatMap {
      machine.accelerators.indices.contains($0) ? machine.accelerators[$0] : nil
    }
    request.vendor = accelerator?.vendor.value
    request.architecture = machine.cpu.architecture?.value
    // The node's label is the driver's own name for the card; a catalogue's name would match no node.
    if let model = accelerator?.model, model.source.kind == .probed {
      request.product = model.value.split(separator: " ").joined(separator: "-")
    }
    request.tensorParallel = option.placement.tensorParallel
    request.numaNode = place.numaNode
    request.interleaves = place.interleave == true
    request.numaCPUs = copy.cpus
    request.image = wishes.target.image
    request.claim = wishes.target.claim
    return request
  }

  /// Writes a file, and runs what it is for where that was asked for.
  ///
  /// - Returns: the path.
  private func written(_ file: TargetFile, of requests: [TargetRequest]) async throws -> String {
    let target = wishes.target
    let folder = target.folder ?? "\(workspace.folders.data)/targets/\(requests.first?.name ?? "")"
    let path = "\(folder)/\(file.name)"
    let isNew = !FileManager.default.fileExists(atPath: path)
    try DataFolders.make(folder)
    try writeAtomically(Array(file.text.utf8), to: path)
    guard target.applies, target.kind != .ray else { return path }
    do {
      try await run(file, in: folder)
    } catch {
      // What nobody asked to have written is not left behind by a failure.
      if target.folder == nil, isNew { try? FileManager.default.removeItem(atPath: path) }
      throw error
    }
    return path
  }

  /// Runs the command that a file is for; what a failed one put in place is taken away again, or back to what it was.
  private func run(_ file: TargetFile, in folder: String) async throws {
    let commands = SystemCommandRunner()
    let place = file.place.map { "\(workspace.environment["HOME"] ?? "")/\($0)" }
    let earlier = place.flatMap { FileManager.default.contents(atPath: $0) }
    let result = await commands.run(
      "/bin/sh", ["-c", "cd \(shellQuoted(folder)) && \(file.usage)"], timeout: .seconds(600))
    guard let result, result.exitCode == 0 else {
      if let place, let earlier {
        try? writeAtomically(Array(earlier), to: place)
      } else if let undo = file.undo {
        _ = await commands.run("/bin/sh", ["-c", undo], timeout: .seconds(60))
      }
      let words = result.map { $0.errorOutput.isEmpty ? $0.output : $0.errorOutput } ?? "it did not end"
      throw Failure(.engineFailed, .targetFailed, "\(file.usage): \(printable(String(words.prefix(400))))")
    }
    workspace.audience.note(printable(result.output))
  }
}
