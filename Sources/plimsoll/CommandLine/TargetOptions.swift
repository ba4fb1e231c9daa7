public import ArgumentParser
public import Deployment
import Workflows

/// Where a plan is deployed to, when that is not a process of this machine.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "\(TargetKind.allCases.map { $0 == .process ? "process (default)" : $0.rawValue }.joined(separator: ", ")).",
      valueName: "name"),
    completion: .list(TargetKind.allCases.map(\.rawValue)))
  var target: TargetKind?
  @Option(help: ArgumentHelp("Folder for the target's files.", valueName: "dir"), completion: .directory) var out:
    String?
  @Flag(help: "Apply the files with the target's own tool.") var apply = false
  @Option(help: ArgumentHelp("Container image to use instead of the engine's own.", visibility: .hidden)) var image:
    String?
  @Option(help: ArgumentHelp("Kubernetes: the volume claim that holds the model.", visibility: .hidden)) var claim:
    String?
  @Option(help: ArgumentHelp("Kubernetes: copies of the server (default: as planned).", visibility: .hidden))
  var podReplicas: Int?
  @Option(help: ArgumentHelp("Ray: the cluster's address; its token is read from RAY_AUTH_TOKEN.", visibility: .hidden))
  var address: String?

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
    for option in given where option.isGiven && !option.targets.contains(kind) {
      let names = TargetKind.allCases.filter { option.targets.contains($0) }.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(option.name) is for --target \(names)")
    }
    if let podReplicas, !(1...1000).contains(podReplicas) { throw ValidationError("--pod-replicas is from 1 to 1000") }
  }

  /// What was asked for, else a process.
  var kind: TargetKind { target ?? .process }

  var wishes: TargetWishes {
    var wishes = TargetWishes()
    wishes.kind = kind
    wishes.folder = out
    wishes.applies = apply
    wishes.image = image
    wishes.claim = claim
    wishes.podReplicas = podReplicas
    wishes.address = address
    return wishes
  }
}

extension TargetKind: ExpressibleByArgument {}
