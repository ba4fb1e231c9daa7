import Engines
public import Planning
public import Platform
import Units

/// Starts servers from plans, watches them load, and ends them.
public struct Deployer: Sendable {
  let folders: DataFolders
  let environment: [String: String]
  let transport: any HTTPTransport
  let clock = MonotonicClock()
  /// Tells whose server listens at an address; tests hand in an answer of their own.
  var portOwner: @Sendable (ServerAddress, ProcessGroup) async -> PortOwner
  /// Tells what the kernel killed; tests hand in a log of their own.
  var kernelLog = KernelLog()
  /// The longest that a server's log grows, in bytes.
  var logLimit = LogRotation.limit
  /// The words that stand for `numactl` before a server's command: this program's own launcher; nil to use `numactl`.
  public var launcher: [String]?
  public let store: DeploymentStore
  let finder: EngineFinder

  public init(
    folders: DataFolders, environment: [String: String], transport: any HTTPTransport,
    commands: any CommandRunner = SystemCommandRunner()
  ) {
    self.folders = folders
    self.environment = environment
    self.transport = transport
    portOwner = { await PortOwner.of($0, $1, commands: commands) }
    store = DeploymentStore(folders: folders)
    finder = EngineFinder(folders: folders, environment: environment, commands: commands)
  }

  /// Starts a plan's option and returns once it has answered a token.
  ///
  /// A server that fails is ended, its record and key are removed, and its log is kept and named in the error. The same
  /// holds where the task is cancelled.
  ///
  /// - Parameter onEvent: told what is going on, for a progress line.
  /// - Throws: `DeploymentError`.
  public func deploy(
    _ option: PlanOption, modelPath: String, settings: DeploymentSettings = DeploymentSettings(),
    onEvent: @Sendable (LoadEvent) -> Void = { _ in }
  ) async throws(DeploymentError) -> Deployment {
    guard let launch = option.launch else {
      throw .notLaunchable(
        Reason(.noLaunch, "the plan's option \(option.quantization) has no command: \(option.reason.message)"))
    }
    if let refusal = ModelRisks(of: launch.modelPath.map { $0.hasPrefix("/") ? $0 : modelPath } ?? modelPath)
      .refusal(unless: settings.trust)
    {
      throw .untrusted(refusal)
    }
    let engine = EngineCatalogue.engine(option.engine)
    let installation = await finder.asked(try await usable(engine, launch.program), for: launch)
    if let refusal = Self.draftRefusal(launch, by: installation) { throw .noEngine(refusal) }
    let name = settings.name ?? store.freeName(for: ModelPath(modelPath).stem)
    guard DeploymentStore.isName(name) else { throw .badName(name) }
    try store.claim(name)
    do {
      var deployment = try prepare(name, option, launch, engine, installation, modelPath, settings)
      try start(&deployment, engine)
      return try await watch(deployment, engine, settings, onEvent)
    } catch {
      // A name that was stopped meanwhile may be another command's by now.
      if store.read(name).map({ $0.keeper == ProcessIdentity(running: getpid()) }) ?? true { store.remove(name) }
      throw error
    }
  }

  /// Why a draft model would be loaded for nothing; nil where it is used, or there is none.
  ///
  /// The program around llama.cpp that an earlier Plimsoll installed hands the draft on, and not what it is for.
  static func draftRefusal(_ launch: LaunchConfiguration, by installation: EngineInstallation) -> Reason? {
    guard installation.origin == .installed, let help = installation.help,
      launch.flags.contains(where: { $0.words.first == "--spec-type" }), !help.contains("--spec-type")
    else { return nil }
    return Reason(
      .draftNotUsed, "\(installation.program) was installed by an earlier Plimsoll, whose servers ignore draft models",
      remedy: "plimsoll engines install \(installation.engine.rawValue)")
  }

  /// Makes sure that an engine which can be used is on this machine, before anything is fetched for it.
  ///
  /// - Throws: `DeploymentError.noEngine`.
  public func requireEngine(of option: PlanOption) async throws(DeploymentError) {
    _ = try await usable(EngineCatalogue.engine(option.engine), option.launch?.program)
  }

  /// The name that `engines install` knows what an option is started with by.
  public static func installedName(of option: PlanOption) -> String {
    installedName(EngineCatalogue.engine(option.engine), option.launch?.program)
  }

  private static func installedName(_ engine: any Engine, _ program: String?) -> String {
    program.flatMap { engine.operation.otherPrograms[$0]?.replacing("_", with: "-") } ?? engine.kind.rawValue
  }

  /// The error of a name that no deployment has, with those that are nearest to it.
  private func unknown(_ name: String) -> DeploymentError {
    .unknown(name: name, nearest: nearestNames(to: name, in: store.all().map(\.name)))
  }

  /// Returns the deployments that a name stands for: its own, else the copies that `deployReplicas` numbered.
  ///
  /// - Throws: `DeploymentError.unknown`.
  public func named(_ name: String) throws(DeploymentError) -> [String] {
    if store.exists(name) { return [name] }
    let copies = store.all().map(\.name).filter { copy in
      guard copy.hasPrefix(name + "-") else { return false }
      return copy.dropFirst(name.count + 1).wholeMatch(of: /[0-9]+/) != nil
    }
    guard !copies.isEmpty else { throw unknown(name) }
    return copies
  }

  /// Starts a plan's option, uses it, and ends it again, whatever happens in between.
  ///
  /// - Parameter staysAfter: tells by what came of the use whether the server stays; by default it never does.
  /// - Throws: `DeploymentError`, or what the use throws, after the server has ended.
  public func whileDeployed<Answer>(
    _ option: PlanOption, staysAfter: (Answer) -> Bool = { _ in false }, modelPath: String,
    settings: DeploymentSettings = DeploymentSettings(), onEvent: @Sendable (LoadEvent) -> Void = { _ in },
    _ use: (Deployment) async throws -> Answer
  ) async throws -> Answer {
    var settings = settings
    settings.isKept = true
    let deployment = try await deploy(option, modelPath: modelPath, settings: settings, onEvent: onEvent)
    let outcome: Result<Answer, any Error>
    do { outcome = .success(try await use(deployment)) } catch { outcome = .failure(error) }
    if case .success(let answer) = outcome, staysAfter(answer), var kept = store.read(deployment.name) {
      (kept.keeper, kept.isKept) = (nil, nil)
      // A server that no record names would run on unseen: where none can be written it ends.
      if (try? store.write(kept)) != nil { return answer }
    }
    // The stop runs in a task that a cancellation of this one does not reach.
    try await Task { try await stop(deployment.name) }.value
    onEvent(.stopped(name: deployment.name))
    return try outcome.get()
  }

  /// Ends a deployment and removes its record; its log stays.
  public func stop(_ name: String) async throws(DeploymentError) {
    guard let deployment = store.read(name) else {
      guard store.exists(name) else { throw unknown(name) }
      // A claim whose command died before it wrote the record: find its server by the mark.
      if let leader = ProcessGroup.leader(named: name, in: folders) {
        _ = await ProcessGroup(leader: leader).stop(StopStep.usual)
      }
      store.remove(name)
      return
    }
    await endSupervisor(of: deployment)
    // The supervisor may have written a new process between the first look and its end.
    var ending = store.read(name) ?? deployment
    ending.state = .stopping
    try store.write(ending)
    try await end(ending)
    store.remove(name)
  }

  /// Ends a deployment and starts the same option again, under the same name, address and key.
  ///
  /// One that does not come up again stays on record as failed, so that it can be started once more.
  public func restart(
    _ name: String, onEvent: @Sendable (LoadEvent) -> Void = { _ in }
  ) async throws(DeploymentError) -> Deployment {
    guard let old = store.read(name) else { throw unknown(name) }
    guard let option = old.option else {
      throw .notLaunchable(
        Reason(.noPlan, "the record of \(name) holds no plan", remedy: "stop it and deploy it again"))
    }
    var settings = DeploymentSettings(again: old)
    settings.apiKey = key(of: old)
    try await stop(name)
    do {
      return try await deploy(option, modelPath: old.modelPath, settings: settings, onEvent: onEvent)
    } catch {
      keep(old, key: settings.apiKey, failed: error.reason)
      throw error
    }
  }

  /// Puts a deployment on record that is not running, unless its name has been taken.
  private func keep(_ old: Deployment, key: String?, failed reason: Reason) {
    guard (try? store.claim(old.name)) != nil else { return }
    var record = old
    record.fail(reason, at: clock.wallSeconds())
    record.process = nil
    record.supervisor = nil
    record.keeper = nil
    if let key { try? writeAtomically(Array("\(key)\n".utf8), to: store.keyPath(old.name), mode: 0o600) }
    try? store.write(record)
  }

  /// Returns all deployments as they are now.
  public func list() -> [Deployment] { store.all().map { refreshed($0) } }

  /// Returns one deployment as it is now.
  public func deployment(_ name: String) throws(DeploymentError) -> Deployment {
    guard let deployment = store.read(name) else { throw unknown(name) }
    return refreshed(deployment)
  }

  private func end(_ deployment: Deployment) async throws(DeploymentError) {
    let steps = EngineCatalogue.engine(deployment.engine).operation.stopSteps
    if let leader = deployment.process {
      guard await ProcessGroup(leader: leader).stop(steps) else { throw .stillRunning(name: deployment.name) }
    }
    // One whose number was never written down, because what started it was killed first.
    if let leader = ProcessGroup.leader(named: deployment.name, in: folders) {
      guard await ProcessGroup(leader: leader).stop(steps) else { throw .stillRunning(name: deployment.name) }
    }
  }

  private func refreshed(_ deployment: Deployment) -> Deployment {
    var copy = withShortLog(deployment)
    copy.process = deployment.process ?? ProcessGroup.leader(named: deployment.name, in: folders)
    let isRunning = copy.process.map { ProcessGroup(leader: $0).isRunning } ?? false
    guard !isRunning, !copy.state.isOver, copy.process != nil || copy.isOrphan else { return copy }
    if copy.state == .stopping { return copy }
    let sorting = FailureSorting(engine: EngineCatalogue.engine(copy.engine))
    // The failure on record of one that was ready again is that of an earlier start.
    let earlier = copy.state == .ready ? nil : copy.failure
    let killed = killedByKernel(copy)
    let reason = earlier ?? sorting.reason(of: copy, exitCode: killed == nil ? nil : 128 + Int(SIGKILL))
    // The kernel's word is exact; without it, the last that the server wrote is nearest to its end.
    let wrote = FileStamp(copy.log).map { Double($0.modifiedAt) }
    copy.fail(copy.modelChange ?? reason, at: killed ?? wrote ?? clock.wallSeconds())
    if copy.isSupervised { copy.state = .restarting }
    return copy
  }

  /// When the kernel killed the server for want of memory, in seconds since 1970; nil where it did not.
  private func killedByKernel(_ deployment: Deployment) -> Double? {
    guard let pid = deployment.process?.pid, let since = kernelLog.secondsSinceBoot(ofKilling: pid) else { return nil }
    let moment = clock.wallSeconds() - Double(clock.now()) / 1e9 + since
    // The number may have been another process's before; the two clocks differ by what corrections add up to.
    return moment >= deployment.startedAt - 2 ? moment : nil
  }

  /// Cuts a log that has grown too long; the requests that the part counts are put on record first.
  func withShortLog(_ deployment: Deployment) -> Deployment {
    guard let size = fileSize(deployment.log), size > logLimit else { return deployment }
    let words = EngineCatalogue.engine(deployment.engine).operation.requestWords
    let counted = words.isEmpty ? nil : LogCount(words: words).count(in: deployment.log)
    guard LogRotation.cut(deployment.log, over: logLimit) else { return deployment }
    var copy = deployment
    if let counted { copy.requestsOfCutLog = (copy.requestsOfCutLog ?? 0) + counted }
    try? store.write(copy)
    return copy
  }

  private func usable(_ engine: any Engine, _ program: String?) async throws(DeploymentError) -> EngineInstallation {
    let found = await finder.find(engine, program: program)
    if Task.isCancelled { throw .interrupted }
    // Who names a program wants that one, not another in its place.
    if let named = found.first, named.origin == .configuration, let problem = named.problem { throw .noEngine(problem) }
    if let usable = found.first(where: { $0.problem == nil }) { return usable }
    let name = Self.installedName(engine, program)
    throw .noEngine(
      found.compactMap { $0.problem }.first
        ?? Reason(
          .engineNotFound, "no \(name) was found on this machine", remedy: "plimsoll engines install \(name)"))
  }

  /// The name that a model's deployment gets unless another is asked for.
  public static func defaultName(_ modelPath: String) -> String { plainName(ModelPath(modelPath).stem) }

  /// A text as a deployment's name.
  public static func plainName(_ text: String) -> String { DeploymentStore.plainName(text) }
}
