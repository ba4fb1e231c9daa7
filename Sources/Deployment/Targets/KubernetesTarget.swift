import Engines
import Hardware
import Planning
import Units

/// Manifests for Kubernetes: written as files, and applied only when that is asked for.
struct KubernetesTarget: Sendable {
  let request: TargetRequest
  /// Files and folders beside the model that lie elsewhere on this machine, with the names that they have in the claim.
  private let brought: [ClaimEntry]
  private let port = 8000

  /// Names of services hold letters, digits and hyphens only, and begin with a letter.
  init(request: TargetRequest) {
    var renamed = request
    let plain = request.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let name = String(String(plain).prefix(50)).split(separator: "-").joined(separator: "-")
    renamed.name = name.first?.isLetter == true ? name : "model-\(name)"
    // The claim is all that a pod sees: what lies beside the model is looked for there.
    let folder = renamed.mount.folder
    let entries = ClaimEntry.entries(of: renamed.launch.companions, beside: renamed.modelPath, in: folder)
    renamed.launch = renamed.launch.withCompanions { path in
      entries.first { $0.path == path }.map { "\(folder)/\($0.name)" } ?? path
    }
    brought = entries
    self.request = renamed
  }

  /// A Deployment with its Service, for a model that fits one node.
  var deployment: TargetFile {
    let document: Manifest = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
      "spec": [
        "replicas": .number(request.replicas),
        // Two copies at once seldom fit the GPUs: the old one goes first.
        "strategy": ["type": "Recreate"],
        "selector": ["matchLabels": labels],
        "template": ["metadata": ["labels": labels], "spec": pod(container(arguments))],
      ],
    ]
    return TargetFile(
      name: "\(request.name).yaml", text: before + document.yaml() + "---\n" + service.yaml(),
      usage: "kubectl apply -f \(request.name).yaml")
  }

  /// A group of pods that start and fall together, for a model larger than a node: tensor parallel inside a node,
  /// pipeline parallel across them.
  var leaderWorkerSet: TargetFile {
    let places = ["COUNT": "\(request.nodes)", "LEADER": "$(LWS_LEADER_ADDRESS)", "RANK": "$(LWS_WORKER_INDEX)"]
    let nodes = request.serving.nodes
    func words(_ own: [String]?) -> [String] {
      arguments + ((nodes?.group ?? []) + (own ?? [])).map { places[$0] ?? $0 }
    }
    let leader = words(nodes?.leader)
    let worker = words(nodes?.worker)
    let document: Manifest = [
      "apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "metadata": metadata,
      "spec": [
        "replicas": .number(request.replicas),
        "leaderWorkerTemplate": [
          "size": .number(request.nodes), "restartPolicy": "RecreateGroupOnPodRestart",
          "leaderTemplate": [
            "metadata": ["labels": Manifest([("app.kubernetes.io/name", .text(request.name)), ("role", "leader")])],
            "spec": pod(container(leader)),
          ],
          "workerTemplate": ["spec": pod(container(worker, answers: false))],
        ],
      ],
    ]
    return TargetFile(
      name: "\(request.name)-lws.yaml", text: before + document.yaml() + "---\n" + service.yaml(),
      usage: "kubectl apply -f \(request.name)-lws.yaml")
  }

  /// KServe's InferenceService around the same container.
  var inferenceService: TargetFile {
    var predictor = pod(container(arguments, name: "kserve-container"))
    if case .map(let entries) = predictor {
      predictor = .map([.init(key: "minReplicas", value: .number(request.replicas))] + entries)
    }
    let document: Manifest = [
      "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
      "metadata": [
        "name": .text(request.name), "labels": labels,
        // Without it KServe makes a Knative service, whose webhook refuses most of what follows: claims as volumes, the
        // pod's security context, node selectors.
        "annotations": ["serving.kserve.io/deploymentMode": "RawDeployment"],
      ],
      "spec": ["predictor": predictor],
    ]
    return TargetFile(
      name: "\(request.name)-kserve.yaml", text: before + document.yaml(),
      usage: "kubectl apply -f \(request.name)-kserve.yaml")
  }
}

extension KubernetesTarget {
  private var arguments: [String] {
    request.containerArguments(port: port).map { TargetQuoting.kubernetes($0) }
  }
  private var labels: Manifest { ["app.kubernetes.io/name": .text(request.name)] }
  private var metadata: Manifest { ["name": .text(request.name), "labels": labels] }

  private var claim: String { request.claim ?? "\(request.name)-model" }
  private var secret: String { "\(request.name)-key" }

  /// What the cluster needs beforehand, as comments above the document.
  private var before: String {
    """
    # Needs a volume claim \(claim) with what is in \(printable(request.mount.folder)),
    \(brought.map { "# \(printable($0.path)) as \(printable($0.name)),\n" }.joined())# and the clients' key, from a file that only you can read:
    #   kubectl create secret generic \(secret) --from-file=api-key=FILE
    # Memory of each pod, requested:
    \(Self.lines(request.hostMemory.requested))
    # and on top of that, up to the limit:
    \(Self.lines(request.hostMemory.spare))

    """
  }

  private static func lines(_ figures: [Figure<ByteCount>]) -> String {
    figures.map { "#   \($0.value): \($0.source.detail)\($0.source.kind == .assumed ? " (assumed)" : "")" }
      .joined(separator: "\n")
  }

  private var service: Manifest {
    [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata,
      "spec": [
        "type": "ClusterIP", "selector": labels, "ports": [["name": "http", "port": 80, "targetPort": .number(port)]],
      ],
    ]
  }

  private func pod(_ container: Manifest) -> Manifest {
    var volumes: [Manifest] = [
      [
        "name": "model",
        "persistentVolumeClaim": ["claimName": .text(claim), "readOnly": true],
      ],
      ["name": "scratch", "emptyDir": [:]],
    ]
    if request.tensorParallel > 1 {
      volumes.append([
        "name": "shared-memory", "emptyDir": ["medium": "Memory", "sizeLimit": Self.amount(HostMemory.sharedMemory)],
      ])
    }
    var spec: [(String, Manifest)] = [
      ("automountServiceAccountToken", false),
      // The variables that Kubernetes makes of a service called vllm are read by vLLM as settings.
      ("enableServiceLinks", false), ("terminationGracePeriodSeconds", .number(request.stopSeconds + 10)),
      (
        "securityContext",
        [
          "runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001,
          "seccompProfile": ["type": "RuntimeDefault"],
        ]
      ),
    ]
    if let product = request.product, let label = request.vendor?.facts.kubernetesProductLabel {
      spec.append(("nodeSelector", Manifest([(label, .text(product))])))
    }
    return Manifest(spec + [("containers", [container]), ("volumes", .list(volumes))])
  }

  private func container(_ arguments: [String], name: String = "server", answers: Bool = true) -> Manifest {
    var mounts: [Manifest] = [
      ["name": "model", "mountPath": "/model", "readOnly": true], ["name": "scratch", "mountPath": "/tmp"],
    ]
    if request.tensorParallel > 1 { mounts.append(["name": "shared-memory", "mountPath": "/dev/shm"]) }
    let image = ContainerImage(request)
    var parts: [(String, Manifest)] = [("name", .text(name)), ("image", .text(image.name))]
    if let program = image.program { parts.append(("command", [.text(program)])) }
    parts += [
      ("args", Manifest(texts: arguments)), ("env", .list(variables)), ("resources", resources),
      ("volumeMounts", .list(mounts)),
      (
        "securityContext",
        ["allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]]]
      ),
    ]
    if answers {
      parts.append(("ports", [["name": "http", "containerPort": .number(port)]]))
      parts += probes
    }
    return Manifest(parts)
  }

  /// The startup probe waits as long as reading the file may take; the others only watch a server that has loaded.
  private var probes: [(String, Manifest)] {
    let health: Manifest = ["path": "/health", "port": .number(port)]
    return [
      (
        "startupProbe",
        ["httpGet": health, "periodSeconds": 10, "failureThreshold": .number((request.loadSeconds + 9) / 10)]
      ),
      ("readinessProbe", ["httpGet": health, "periodSeconds": 5, "failureThreshold": 2]),
      ("livenessProbe", ["httpGet": health, "periodSeconds": 30, "timeoutSeconds": 10, "failureThreshold": 5]),
    ]
  }

  private var variables: [Manifest] {
    let key = request.serving.keyVariable.map { key -> Manifest in
      ["name": .text(key), "valueFrom": ["secretKeyRef": ["name": .text(secret), "key": "api-key"]]]
    }
    return request.containerEnvironment.map { ["name": .text($0.0), "value": .text(TargetQuoting.kubernetes($0.1))] }
      + [key].compactMap { $0 }
  }

  private var resources: Manifest {
    let host = request.hostMemory
    var limits: [(String, Manifest)] = [("memory", Self.amount(host.limit))]
    let count = max(request.tensorParallel, request.devices.count)
    if let name = request.vendor?.facts.kubernetesResource { limits.append((name, .text("\(count)"))) }
    // A request alone: a limit would stop threads in the middle of a token.
    let cpu = request.launch.busyThreads.map { [("cpu", Manifest.text("\($0)"))] } ?? []
    return ["requests": Manifest(cpu + [("memory", Self.amount(host.request))]), "limits": Manifest(limits)]
  }

  private static func amount(_ bytes: ByteCount) -> Manifest { .text("\((bytes.bytes + (1 << 20) - 1) >> 20)Mi") }
}
