import Engines
import Units

/// A container without privileges: no capabilities, a read-only root, the model read-only, one port.
struct ContainerTarget: Sendable {
  let runtime: TargetKind
  let request: TargetRequest
  /// The port inside the container; outside it is the one that was asked for.
  static let innerPort = 8000

  /// What the container needs of its host for the devices, as words of `docker run` or `podman run`.
  private var deviceWords: [String] {
    guard !request.devices.isEmpty else { return [] }
    let indices = request.devices.map { "\($0)" }
    switch request.vendor?.lowercased() {
    case "nvidia" where runtime == .podman: return indices.map { "--device=nvidia.com/gpu=\($0)" }
    case "nvidia": return ["--gpus", "\"device=\(indices.joined(separator: ","))\""]
    case "amd":
      return ["--device=/dev/kfd", "--device=/dev/dri", "--group-add=video", "--group-add=render"]
        + ["--env", "ROCR_VISIBLE_DEVICES=\(indices.joined(separator: ","))"]
    case "intel":
      return ["--device=/dev/dri", "--group-add=render", "--env", "ZE_AFFINITY_MASK=\(indices.joined(separator: ","))"]
    case "habana": return ["--runtime=habana", "--env", "HABANA_VISIBLE_DEVICES=\(indices.joined(separator: ","))"]
    default: return []
    }
  }

  /// Shared memory for the workers of tensor parallelism, which is 64 MiB unless said otherwise.
  private var sharedMemory: String? { request.tensorParallel > 1 ? "16g" : nil }

  /// The words of `docker run`; the key comes from the file beside it, never from an argument.
  var arguments: [String] {
    var words = [
      "run", "--detach", "--name", "plimsoll-\(request.name)", "--label", "plimsoll.deployment=\(request.name)",
      "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--tmpfs", "/tmp", "--pids-limit=4096",
      "--publish", "\(request.host):\(request.port):\(Self.innerPort)",
      "--volume", "\(request.mount.folder):/model:ro",
    ]
    if let sharedMemory { words.append("--shm-size=\(sharedMemory)") }
    if request.restart == .onFailure { words.append("--restart=on-failure:5") }
    if let node = request.numaNode { words.append("--cpuset-mems=\(node)") }
    words += deviceWords
    for (name, value) in request.containerEnvironment { words += ["--env", "\(name)=\(value)"] }
    if let variable = keyVariable { words += ["--env", variable] }
    return words + [request.containerImage] + request.containerArguments(port: Self.innerPort)
  }

  /// The variable by which the server gets its key where it is reachable from elsewhere: passed on by name alone.
  private var keyVariable: String? {
    guard !request.isLoopback else { return nil }
    return request.engine == .vllm ? "VLLM_API_KEY" : "LLAMA_API_KEY"
  }

  var script: TargetFile {
    let lines = arguments.map { shellQuoted($0) }
    var text = "#!/bin/sh\n"
    if let keyVariable {
      text += "# The key is read from the environment: export \(keyVariable)=... before this is run.\n"
      text += ": \"${\(keyVariable):?set the API key}\"\n"
    }
    text += "exec \(runtime.rawValue) " + lines.joined(separator: " \\\n  ") + "\n"
    return TargetFile(
      name: "\(request.name).\(runtime.rawValue).sh", text: text, usage: "sh \(request.name).\(runtime.rawValue).sh")
  }

  var compose: TargetFile {
    var service: [(String, Manifest)] = [
      ("image", .text(request.containerImage)),
      ("command", Manifest(texts: request.containerArguments(port: Self.innerPort))),
      ("environment", Manifest(request.containerEnvironment.map { ($0.0, .text($0.1)) })),
      ("ports", [.text("\(request.host):\(request.port):\(Self.innerPort)")]),
      (
        "volumes",
        [["type": "bind", "source": .text(request.mount.folder), "target": "/model", "read_only": true]]
      ),
      ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"]), ("read_only", true), ("tmpfs", ["/tmp"]),
      ("restart", request.restart == .onFailure ? "on-failure:5" : "no"),
    ]
    if let sharedMemory { service.append(("shm_size", .text(sharedMemory))) }
    if let keyVariable { service.append(("env_file", [.text("./\(request.name).env")])); _ = keyVariable }
    service += composeDevices
    let document = Manifest([("services", Manifest([(request.name, Manifest(service))]))])
    return TargetFile(
      name: "compose.yaml", text: document.yaml(), usage: "docker compose -f compose.yaml up -d")
  }

  private var composeDevices: [(String, Manifest)] {
    guard !request.devices.isEmpty else { return [] }
    switch request.vendor?.lowercased() {
    case "nvidia":
      let device: Manifest = [
        "driver": "nvidia", "device_ids": Manifest(texts: request.devices.map { "\($0)" }), "capabilities": ["gpu"],
      ]
      return [("deploy", ["resources": ["reservations": ["devices": [device]]]])]
    case "amd": return [("devices", ["/dev/kfd", "/dev/dri"]), ("group_add", ["video", "render"])]
    case "intel": return [("devices", ["/dev/dri"]), ("group_add", ["render"])]
    case "habana": return [("runtime", "habana")]
    default: return []
    }
  }

  /// A Podman quadlet, from which systemd makes a service.
  var quadlet: TargetFile {
    var lines = [
      "[Unit]", "Description=\(request.engine.rawValue) server \(request.name)", "", "[Container]",
      "Image=\(request.containerImage)", "ContainerName=plimsoll-\(request.name)",
      "Exec="
        + request.containerArguments(port: Self.innerPort).map { SystemdTarget.quoted($0) }.joined(separator: " "),
      "PublishPort=\(request.host):\(request.port):\(Self.innerPort)", "Volume=\(request.mount.folder):/model:ro",
      "DropCapability=ALL", "NoNewPrivileges=true", "ReadOnly=true", "Tmpfs=/tmp",
    ]
    for (name, value) in request.containerEnvironment {
      lines.append("Environment=" + SystemdTarget.quoted("\(name)=\(value)"))
    }
    if keyVariable != nil { lines.append("EnvironmentFile=%h/.config/plimsoll/\(request.name).env") }
    if let sharedMemory { lines.append("ShmSize=\(sharedMemory)") }
    for word in deviceWords where word.hasPrefix("--device=") { lines.append("AddDevice=\(word.dropFirst(9))") }
    lines += [
      "", "[Service]", "Restart=on-failure", "RestartSec=5", "TimeoutStartSec=\(request.loadSeconds)",
      "TimeoutStopSec=\(request.stopSeconds + 10)", "", "[Install]", "WantedBy=default.target", "",
    ]
    return TargetFile(
      name: "\(request.name).container", text: lines.joined(separator: "\n"),
      usage: "put it in ~/.config/containers/systemd, then systemctl --user daemon-reload")
  }
}
