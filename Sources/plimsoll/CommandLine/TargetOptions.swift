import ArgumentParser
import Deployment
import Engines
import Foundation
import Hardware
import Hub
import Models
import Planning
import Platform
import Units

/// Where a plan is deployed to, when that is not a process of this machine.
struct TargetOptions: ParsableArguments {
  @Option(
    help: "Where to run: \(TargetKind.allCases.map { $0.rawValue }.joined(separator: ", ")).",
    transform: { text in
      guard let kind = TargetKind(rawValue: text) else { throw ValidationError("there is no target called \(text)") }
      return kind
    })
  var target = TargetKind.process
  @Option(help: "Folder for the target's files.") var out: String?
  @Flag(help: "Run what was written: docker, podman, systemctl, launchctl, kubectl, or a request to Ray.") var apply =
    false
  @Option(help: "Another container image than the engine's own.") var image: String?
  @Option(help: "Kubernetes: the volume claim that holds the model.") var claim: String?
  @Option(help: "Kubernetes: copies of the server; else as planned.") var podReplicas: Int?
  @Option(help: "Ray: the cluster's address; its token is read from RAY_AUTH_TOKEN.") var address: String?

  func validate() throws {
    // They become lines of units and manifests.
    for (name, value) in [("--image", image), ("--claim", claim)] {
      if let value, value.isEmpty || value.contains(where: { $0.isWhitespace || $0.asciiValue ?? 33 < 33 }) {
        throw ValidationError("\(name) is one word")
      }
    }
    let clusters: Set<TargetKind> = [.kubernetes, .leaderWorkerSet, .kserve]
    let images = clusters.union([.docker, .podman, .compose, .quadlet])
    let given: [(name: String, isGiven: Bool, targets: Set<TargetKind>)] = [
      ("--out", out != nil, Set(TargetKind.allCases).subtracting([.process])),
      ("--apply", apply, Set(TargetKind.allCases).subtracting([.process])), ("--image", image != nil, images),
      ("--claim", claim != nil, clusters), ("--pod-replicas", podReplicas != nil, clusters),
      ("--address", address != nil, [.ray]),
    ]
    for option in given where option.isGiven && !option.targets.contains(target) {
      let names = TargetKind.allCases.filter { option.targets.contains($0) }.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(option.name) is for --target \(names)")
    }
    if let podReplicas, !(1...1000).contains(podReplicas) { throw ValidationError("--pod-replicas is from 1 to 1000") }
  }

  /// The request for one server of a plan's option.
  ///
  /// - Parameter nodes: machines that it spans, a stage of the layers on each.
  func request(_ copy: ServerCopy, name: String, model: String, machine: Machine, nodes: Int) throws -> TargetRequest {
    let option = copy.option
    guard let launch = option.launch else {
      throw Failure(.doesNotFit, option.reason.code, option.reason.message, remedy: option.reason.remedy)
    }
    // A bare configuration stands for the weights that it describes.
    let bytes = max(option.loadedBytes ?? .zero, option.tensorBytes?.value ?? .zero)
    var request = TargetRequest(
      name: name, engine: option.engine, launch: launch, modelPath: model, modelBytes: bytes)
    request.diskBytesPerSecond = machine.diskBytesPerSecond
    request.memoryBytes = option.memory?.devices.first { $0.isHost }?.highBytes
    let place = option.placement
    request.nodes = nodes
    request.devices = place.devices.prefix(place.devices.count / nodes).map { machine.ordinal(of: $0) }
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
    request.image = image
    request.claim = claim
    return request
  }

  /// The target's files as other programs read them.
  private struct Document: Encodable {
    struct File: Encodable {
      var name: String
      var text: String
      var usage: String
      /// Where it was written.
      var path: String?
    }
    var schema = "plimsoll.target/1"
    var target: TargetKind
    var files: [File] = []
  }

  /// Writes or shows the target's files, and runs them where that was asked for.
  func carryOut(_ requests: [TargetRequest], prints: Bool, json: Bool, context: CommandContext) async throws {
    let files = try target.files(requests)
    guard let request = requests.first else { return }
    var document = Document(target: target)
    for file in files {
      document.files.append(.init(name: file.name, text: file.text, usage: file.usage))
      if prints || (out == nil && !apply) {
        guard !json else { continue }
        Terminal.result(file.text)
        Terminal.note("# \(file.name): \(file.usage)")
        continue
      }
      let folder = out ?? "\(context.folders.data)/targets/\(request.name)"
      let path = "\(folder)/\(file.name)"
      let isNew = !FileManager.default.fileExists(atPath: path)
      try DataFolders.make(folder)
      try writeAtomically(Array(file.text.utf8), to: path)
      document.files[document.files.count - 1].path = path
      do {
        if apply, target != .ray { try await run(file, in: folder, context) }
      } catch {
        // What nobody asked to have written is not left behind by a failure.
        if out == nil, isNew { try? FileManager.default.removeItem(atPath: path) }
        throw error
      }
      if !json { Terminal.result(path) }
    }
    if json { try JSONOutput.print(document) }
    guard apply, !prints, target == .ray else { return }
    guard let address else { throw Failure(.usage, .noAddress, "--target ray --apply needs --address") }
    let cluster = RayCluster(address: address, token: context.environment["RAY_AUTH_TOKEN"], transport: CurlTransport())
    Terminal.note("Ray \(try await cluster.checked(for: request)) at \(address)")
    Terminal.result("submitted as \(try await cluster.submit(request))")
  }

  /// Runs the command that a file is for; what a failed one put in place is taken away again, or back to what it was.
  private func run(_ file: TargetFile, in folder: String, _ context: CommandContext) async throws {
    let commands = SystemCommandRunner()
    let place = file.place.map { "\(context.environment["HOME"] ?? "")/\($0)" }
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
    Terminal.note(printable(result.output))
  }
}
