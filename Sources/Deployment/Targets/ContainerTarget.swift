import Engines
import Hardware
import Planning
import Units

/// A container without privileges: no capabilities, a read-only root, the model read-only, one port.
struct ContainerTarget: Sendable {
  let runtime: TargetKind
  let request: TargetRequest
  /// The port inside the container; outside it is the one that was asked for.
  static let innerPort = 8000

  private var image: ContainerImage { ContainerImage(request) }

  /// How the container reaches the devices.
  private var access: ContainerAccess { request.devices.isEmpty ? .none : request.vendor?.facts.container ?? .none }

  /// What the container needs of its host for the devices, as words of `docker run` or `podman run`.
  private var deviceWords: [String] {
    guard !request.devices.isEmpty else { return [] }
    let indices = request.devices.map { "\($0)" }
    switch access {
    case .toolkit(let cdi, _) where runtime == .podman: return indices.map { "--device=\(cdi)=\($0)" }
    case .toolkit: return ["--gpus", "\"device=\(indices.joined(separator: ","))\""]
    case .files(let paths, let groups): return paths.map { "--device=\($0)" } + groups.map { "--group-add=\($0)" }
    case .runtime(let name) where runtime != .podman: return ["--runtime=\(name)"]
    case .runtime, .none: return []
    }
  }

  /// What Podman wants to be told before its verb.
  private var globalWords: [String] {
    guard runtime == .podman, case .runtime(let name) = access else { return [] }
    return ["--runtime=\(name)"]
  }

  /// What variables tell the server: the plan's own, and which devices are its.
  private var environment: [(String, String)] {
    let chosen = request.devices.isEmpty ? nil : request.vendor?.facts.containerVariable
    let devices = chosen.map { [($0, request.devices.map { "\($0)" }.joined(separator: ","))] } ?? []
    return devices + innerOrder + request.containerEnvironment
  }

  /// A toolkit numbers a container's devices anew, in the order of their slots: a plan that takes them in another says so.
  private var innerOrder: [(String, String)] {
    let sorted = request.devices.sorted()
    guard case .toolkit = access, sorted != request.devices, let variable = request.vendor?.facts.visibility?.variable
    else { return [] }
    let inner = request.devices.compactMap { sorted.firstIndex(of: $0) }.map { "\($0)" }.joined(separator: ",")
    return [(variable, inner)]
  }

  /// Room for temporary files, where some engines run what they compile.
  private var scratch: String { request.serving.container.images?.runsTemporaryFiles == true ? "/tmp:exec" : "/tmp" }

  /// What keeps threads and memory on the plan's NUMA node, or the threads on the server's part of the machine.
  private var bindingWords: [String] {
    (request.numaCPUs.map { ["--cpuset-cpus=\($0)"] } ?? []) + (request.numaNode.map { ["--cpuset-mems=\($0)"] } ?? [])
  }

  /// Shared memory for the workers of tensor parallelism, which is 64 MiB unless said otherwise.
  private var sharedMemory: String? {
    request.tensorParallel > 1 ? "\(HostMemory.sharedMemory.bytes >> 30)g" : nil
  }

  /// The words of `docker run`; the key comes from the file beside it, never from an argument.
  var arguments: [String] {
    var words = [
      "run", "--detach", "--name", "plimsoll-\(request.name)", "--label", "plimsoll.deployment=\(request.name)",
      "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--tmpfs", scratch, "--pids-limit=4096",
      "--publish", "\(TargetQuoting.published(request.host, request.port)):\(Self.innerPort)",
    ]
    for mount in request.mounts { words += ["--mount", TargetQuoting.bindMount(mount.folder, at: mount.point)] }
    words += userWords
    if let sharedMemory { words.append("--shm-size=\(sharedMemory)") }
    if request.restart == .onFailure { words.append("--restart=on-failure:5") }
    words += bindingWords + deviceWords
    for (name, value) in environment { words += ["--env", "\(name)=\(value)"] }
    if let variable = keyVariable { words += ["--env", variable] }
    if let program = image.program { words += ["--entrypoint", program] }
    return words + [image.name] + request.containerArguments(port: Self.innerPort)
  }

  /// Whom the server runs as: without capabilities root itself reads only what is everybody's, and a model is its owner's.
  private var userWords: [String] {
    guard let user = request.user else { return [] }
    return runtime == .podman ? ["--userns=keep-id"] : ["--user=\(user)"]
  }

  /// The variable by which the server gets its key where it is reachable from elsewhere: passed on by name alone.
  private var keyVariable: String? {
    request.isLoopback ? nil : request.serving.keyVariable
  }

  var script: TargetFile {
    let lines = arguments.map { shellQuoted($0) }
    var text = "#!/bin/sh\n"
    if let keyVariable {
      text += "# The key is read from the environment: export \(keyVariable)=... before this is run.\n"
      text += ": \"${\(keyVariable):?set the API key}\"\n"
    }
    text +=
      "exec " + ([runtime.rawValue] + globalWords).joined(separator: " ") + " " + lines.joined(separator: " \\\n  ")
      + "\n"
    var file = TargetFile(
      name: "\(request.name).\(runtime.rawValue).sh", text: text, usage: "sh \(request.name).\(runtime.rawValue).sh")
    // A container that was made and could not be started; one that runs under the name is another's.
    let made = "\(runtime.rawValue) ps -aq --filter name=^plimsoll-\(request.name)$ --filter status=created"
    file.undo = "id=$(\(made)); [ -z \"$id\" ] || \(runtime.rawValue) rm $id"
    return file
  }

  /// One file for all servers, a service for each.
  static func compose(_ targets: [ContainerTarget]) -> TargetFile {
    let services = Manifest(targets.map { ($0.request.name, $0.service) })
    return TargetFile(
      name: "compose.yaml", text: Manifest([("services", services)]).mappingTexts(TargetQuoting.compose).yaml(),
      usage: "docker compose -f compose.yaml up -d")
  }

  private var service: Manifest {
    var service: [(String, Manifest)] = [
      ("image", .text(image.name)),
      ("command", Manifest(texts: request.containerArguments(port: Self.innerPort))),
      ("environment", Manifest(environment.map { ($0.0, .text($0.1)) })),
      ("ports", [.text("\(TargetQuoting.published(request.host, request.port)):\(Self.innerPort)")]),
      (
        "volumes",
        .list(
          request.mounts.map {
            ["type": "bind", "source": .text($0.folder), "target": .text($0.point), "read_only": true]
          })
      ),
      ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"]), ("read_only", true),
      ("tmpfs", [.text(scratch)]),
      ("restart", request.restart == .onFailure ? "on-failure:5" : "no"),
    ]
    if let user = request.user { service.append(("user", .text(user))) }
    if let program = image.program { service.insert(("entrypoint", [.text(program)]), at: 1) }
    if let sharedMemory { service.append(("shm_size", .text(sharedMemory))) }
    // Compose binds no memory: it lies where the node's own CPUs first touch it.
    if let cpus = request.numaCPUs { service.append(("cpuset", .text(cpus))) }
    if keyVariable != nil { service.append(("env_file", [.text("./\(request.name).env")])) }
    return Manifest(service + composeDevices)
  }

  private var composeDevices: [(String, Manifest)] {
    switch access {
    case .toolkit(_, let driver):
      let device: Manifest = [
        "driver": .text(driver), "device_ids": Manifest(texts: request.devices.map { "\($0)" }),
        "capabilities": ["gpu"],
      ]
      return [("deploy", ["resources": ["reservations": ["devices": [device]]]])]
    case .files(let paths, let groups):
      return [("devices", Manifest(texts: paths)), ("group_add", Manifest(texts: groups))]
    case .runtime(let name): return [("runtime", .text(name))]
    case .none: return []
    }
  }

  /// A Podman quadlet, from which systemd makes a service.
  var quadlet: TargetFile {
    var lines = keyVariable == nil ? [] : SystemdTarget.keyFileComment(request)
    lines += [
      "[Unit]", "Description=\(request.engine.rawValue) server \(request.name)", "", "[Container]",
      "Image=\(TargetQuoting.systemdCommand(image.name))", "ContainerName=plimsoll-\(request.name)",
      "Exec="
        + request.containerArguments(port: Self.innerPort).map { TargetQuoting.systemdCommand($0) }.joined(
          separator: " "),
      "PublishPort=\(TargetQuoting.published(request.host, request.port)):\(Self.innerPort)",
      "DropCapability=ALL", "NoNewPrivileges=true", "ReadOnly=true", "Tmpfs=\(scratch)",
    ]
    if request.user != nil { lines.append("UserNS=keep-id") }
    for mount in request.mounts {
      lines.append("Mount=" + TargetQuoting.systemdCommand(TargetQuoting.bindMount(mount.folder, at: mount.point)))
    }
    for (name, value) in environment {
      lines.append("Environment=" + TargetQuoting.systemdCommand("\(name)=\(value)"))
    }
    if keyVariable != nil { lines.append("EnvironmentFile=%h/.config/plimsoll/\(request.name).env") }
    if let sharedMemory { lines.append("ShmSize=\(sharedMemory)") }
    for word in deviceWords where word.hasPrefix("--device=") { lines.append("AddDevice=\(word.dropFirst(9))") }
    if let program = image.program { lines.append("PodmanArgs=--entrypoint=\(program)") }
    lines += globalWords.map { "GlobalArgs=\($0)" }
    // What quadlets have no key for.
    for word in bindingWords + deviceWords where !word.hasPrefix("--device=") { lines.append("PodmanArgs=\(word)") }
    lines += [
      "", "[Service]", "Restart=\(request.restart == .never ? "no" : "on-failure")", "RestartSec=5",
      "TimeoutStartSec=\(request.loadSeconds)",
      "TimeoutStopSec=\(request.stopSeconds + 10)", "", "[Install]", "WantedBy=default.target", "",
    ]
    return TargetFile(
      name: "\(request.name).container", text: lines.joined(separator: "\n"), folder: ".config/containers/systemd",
      start: "systemctl --user daemon-reload && systemctl --user start \(request.name).service",
      stop: "systemctl --user stop \(request.name).service")
  }
}
