import Engines
import Planning
import Platform
import Units

extension Deployer {
  /// Makes the record of a server to be: its address, its whole command, its environment.
  ///
  /// The port is chosen and written down in one go, so that two commands at once get two ports.
  func prepare(
    _ name: String, _ option: PlanOption, _ launch: LaunchConfiguration, _ engine: any Engine,
    _ installation: EngineInstallation, _ modelPath: String, _ settings: DeploymentSettings
  ) throws(DeploymentError) -> Deployment {
    try store.withPorts { () throws(DeploymentError) in
      try record(name, option, launch, engine, installation, modelPath, settings)
    }
  }

  private func record(
    _ name: String, _ option: PlanOption, _ launch: LaunchConfiguration, _ engine: any Engine,
    _ installation: EngineInstallation, _ modelPath: String, _ settings: DeploymentSettings
  ) throws(DeploymentError) -> Deployment {
    let address = try address(name, engine, settings)
    let placed = launch.placed(at: modelPath).addressed(to: address, by: engine.operation.address)
    let launch = settings.trust.runsRepositoryCode ? placed.trusting(engine.operation) : placed
    let known = installation.help.map { launch.understood(byHelp: $0) } ?? launch
    let wrapper = bound(known.wrapper?.words ?? [])
    do { try DataFolders.make(folders.logs) } catch { throw .unwritable(cause: "\(error)") }
    LogRotation.prune(folders.logs, of: name)
    let started = clock.wallSeconds()
    var deployment = Deployment(
      name: name, engine: engine.kind, engineBuild: installation.version, modelPath: modelPath, address: address,
      command: wrapper + [installation.program] + known.arguments,
      environment: known.environment.merging(installation.environment) { mine, _ in mine },
      startedAt: started, log: logPath(name, at: started))
    deployment.option = option
    if settings.trust != ModelTrust() { deployment.trust = settings.trust }
    if settings.restart != .never { deployment.restart = settings.restart }
    deployment.patience = settings.patience
    deployment.diskBytesPerSecond = settings.diskBytesPerSecond
    deployment.modelStamp = FileStamp(modelPath)
    deployment.plannedBytes = option.memory?.expectedBytes
    // While it loads, this command answers for it, whatever comes after.
    deployment.keeper = ProcessIdentity(running: getpid())
    if settings.isKept { deployment.isKept = true }
    try store.write(deployment)
    return deployment
  }

  /// The words that bind a server, by this program's own launcher where there is one: it takes the options of `numactl`,
  /// which need not be installed then.
  private func bound(_ words: [String]) -> [String] {
    guard let launcher, words.first == "numactl" else { return words }
    return launcher + words.dropFirst() + ["--"]
  }

  /// The log of a start at a moment; each start has its own.
  func logPath(_ name: String, at seconds: Double) -> String {
    "\(folders.logs)/\(name)-\(isoTimestamp(seconds).filter { $0.isNumber || $0 == "T" }).log"
  }

  /// Chooses the port and makes the key where other machines can reach the server.
  private func address(
    _ name: String, _ engine: any Engine, _ settings: DeploymentSettings
  ) throws(DeploymentError) -> ServerAddress {
    // Whether the engine can demand a key comes before anything is bound, for a moment or for good.
    let isOpen = !ServerAddress(host: settings.host, port: 1).isLoopback
    if isOpen || settings.demandsKey, let refusal = engine.operation.address.refusal(of: engine.kind) {
      throw .notLaunchable(refusal)
    }
    if let refusal = ListenAddress(settings.host).refusal { throw .notLaunchable(refusal) }
    let others = store.all().filter { $0.name != name }
    // One that loads does not listen yet.
    let holder = others.first {
      $0.address.port == settings.port && $0.process?.isRunning ?? $0.keeper?.isRunning ?? false
    }
    if settings.port > 0, holder != nil || !FreePort.isFree(settings.port, host: settings.host) {
      let user = holder.map { "already used by \($0.name)" } ?? "in use"
      throw .noPort(
        Reason(
          .addressInUse, "port \(settings.port) is \(user)", remedy: "leave out --port and Plimsoll picks a free one"))
    }
    let reserved = Set(others.map(\.address.port))
    guard let port = settings.port > 0 ? settings.port : freePort(settings, except: reserved) else {
      let range = settings.portRange.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
      throw .noPort(
        Reason(
          .addressInUse, "no port\(range) is free",
          remedy: "name others with --port-range, or stop a server: plimsoll ps lists them"))
    }
    var address = ServerAddress(host: settings.host, port: port, alias: name)
    if engine.operation.address.alias == nil { address.alias = nil }
    guard isOpen || settings.demandsKey else { return address }
    address.apiKeyFile = store.keyPath(name)
    do {
      let key = settings.apiKey ?? Self.newKey()
      try writeAtomically(Array("\(key)\n".utf8), to: store.keyPath(name), mode: 0o600)
    } catch {
      throw .unwritable(cause: "\(error)")
    }
    return address
  }

  private func freePort(_ settings: DeploymentSettings, except reserved: Set<Int>) -> Int? {
    if let usual = settings.usualPorts,
      let port = FreePort.find(in: usual, except: reserved, host: settings.host)
    {
      return port
    }
    return FreePort.find(in: settings.portRange, except: reserved, host: settings.host)
  }

  /// A key of 256 random bits, from the system's generator.
  static func newKey() -> String {
    var random = SystemRandomNumberGenerator()
    return "plimsoll-" + hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// Starts the process and writes its number down at once.
  func start(_ deployment: inout Deployment, _ engine: any Engine) throws(DeploymentError) {
    if let refusal = ProcessLimits.raisingOpenFiles() { throw .notLaunchable(refusal) }
    var variables = ServerEnvironment.inherited(environment).merging(deployment.environment) { _, mine in mine }
    variables[DeploymentMark.variable] = DeploymentMark.value(deployment.name, in: folders)
    let key = key(of: deployment)
    // A server that was to ask for a key is not started without one, whoever starts it again.
    if let file = deployment.address.apiKeyFile, key?.isEmpty ?? true {
      throw .notLaunchable(
        Reason(
          .noAPIKey, "the key of \(deployment.name) cannot be read from \(file)",
          remedy: "plimsoll restart \(deployment.name) makes a new one"))
    }
    if let name = engine.operation.address.apiKeyVariable, let key { variables[name] = key }
    do {
      deployment.process = try startDetached(
        deployment.command[0], Array(deployment.command.dropFirst()), environment: variables, log: deployment.log)
    } catch {
      let isWrapped = deployment.command[0] == deployment.option?.launch?.wrapper?.words.first
      throw .noEngine(
        Reason(
          .engineNotFound, "\(error)",
          remedy: isWrapped ? "install \(deployment.command[0]), which binds it to its node" : "plimsoll engines"))
    }
    deployment.state = .loading
    deployment.memoryKills = MemoryKills.count()
    do {
      try store.write(deployment)
    } catch {
      deployment.process?.signalGroup(SIGKILL)
      throw error
    }
  }

  /// Reads the deployment's API key, nil where it demands none.
  public func key(of deployment: Deployment) -> String? {
    deployment.address.apiKeyFile.flatMap { DiskTree().text($0, limit: 4096) }
  }
}
