import Engines
import Planning
import Units

/// A user unit for systemd, so that a server survives a reboot and is started again when it fails.
struct SystemdTarget: Sendable {
  let request: TargetRequest

  /// What tells the reader of a unit where the key is expected.
  static func keyFileComment(_ request: TargetRequest) -> [String] {
    guard let variable = request.serving.keyVariable else { return [] }
    let file = "~/.config/plimsoll/\(printable(request.name)).env"
    return ["# Needs \(file), readable by you alone, with \(variable)=THE-KEY."]
  }

  var unit: TargetFile {
    let operation = EngineCatalogue.engine(request.engine).operation
    let launch = request.programLaunch
    // The program itself is no place for variables.
    let words =
      [TargetQuoting.systemdSetting(launch.program)] + launch.arguments.map { TargetQuoting.systemdCommand($0) }
    var lines = request.isLoopback ? [] : Self.keyFileComment(request)
    if request.program == nil {
      lines.append("# \(launch.program) is searched for on systemd's own path: give the whole path if it is elsewhere.")
    }
    lines.append("# To start with the machine, before anybody logs in: loginctl enable-linger")
    lines += [
      "[Unit]", "Description=\(request.engine.rawValue) server \(request.name)", "StartLimitIntervalSec=600",
      "StartLimitBurst=5", "", "[Service]", "ExecStart=" + words.joined(separator: " "),
    ]
    for (name, value) in launch.environment.sorted(by: { $0.key < $1.key }) {
      lines.append("Environment=" + TargetQuoting.systemdSetting("\(name)=\(value)"))
    }
    if !request.serving.cacheVariables.isEmpty {
      // Everything else is read-only to it, and it keeps what it compiles.
      lines += ["CacheDirectory=plimsoll/\(request.name)"]
      lines += request.serving.cacheVariables.map { "Environment=\($0)=%C/plimsoll/\(request.name)" }
    }
    // The key, where there is one, is in this file (mode 0600), by the variable of its engine. Off the loopback address
    // the unit does not start without it.
    let mayLack = request.isLoopback ? "-" : ""
    lines.append("EnvironmentFile=\(mayLack)%h/.config/plimsoll/\(request.name).env")
    if let node = request.numaNode { lines += ["NUMAPolicy=bind", "NUMAMask=\(node)"] }
    if request.interleaves { lines += ["NUMAPolicy=interleave", "NUMAMask=all"] }
    // Its own CPUs as a list, else those of its node.
    if let cpus = request.numaCPUs ?? request.numaNode.map({ _ in "numa" }) { lines.append("CPUAffinity=\(cpus)") }
    if request.memoryBytes != nil { lines.append("MemoryHigh=\(request.hostMemory.limit.bytes)") }
    lines += [
      "Restart=\(request.restart == .never ? "no" : "on-failure")", "RestartSec=5", "KillSignal=\(signal(operation))",
      "TimeoutStopSec=\(request.stopSeconds + 5)",
      "KillMode=control-group", "NoNewPrivileges=true", "PrivateTmp=true", "ProtectSystem=strict", "LimitNOFILE=65536",
      "",
      "[Install]", "WantedBy=default.target", "",
    ]
    let name = "plimsoll-\(request.name).service"
    return TargetFile(
      name: name, text: lines.joined(separator: "\n"), folder: ".config/systemd/user",
      start: "systemctl --user daemon-reload && systemctl --user enable --now \(name)",
      stop: "systemctl --user disable --now \(name)")
  }

  private func signal(_ operation: EngineOperation) -> String {
    switch operation.stopSteps.first?.signal {
    case .interrupt: "SIGINT"
    default: "SIGTERM"
    }
  }
}
