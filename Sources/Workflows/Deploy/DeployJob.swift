public import Deployment
import Engines
import Foundation
import Hardware
import Models
public import Planning
import Platform
public import Reporting
import Units

/// What is asked of a deployment beside the plan.
public struct DeployWishes: Sendable {
  /// Name, address, patience, key, trust.
  public var settings = DeploymentSettings()
  /// Copies on one machine; nil for as many as were planned.
  public var replicas: Int?
  /// Whether the server is started again when it ends by itself; nil for what is usual where it runs.
  public var restart: RestartPolicy?
  /// The machine that was named instead of this one; nil for this one.
  public var elsewhere: String?
  /// Machines that one server spans.
  public var nodes = 1
  public var target = TargetWishes()
  /// True where a model is fetched and an engine installed without asking.
  public var isFetchAgreed = false

  public init() {}
}

/// Turns a plan into servers of this machine, or into what another place needs to run them.
///
/// Made in the order of the work: `init` refuses what cannot be, `prepared` finds model and plan, then one of
/// `started`, `launches` and `requests`.
public struct DeployJob: Sendable {
  let workspace: Workspace
  let wishes: DeployWishes

  /// A plan's option with the model's path, ready to be started.
  public struct Prepared: Sendable {
    public var plan: Plan
    public var option: PlanOption
    public var path: String
    var found: FoundModel?
    /// What the server is called where the file's name says nothing; nil to call it after the file.
    var name: String?
  }

  /// - Throws: `Failure` where the wishes contradict each other.
  public init(_ wishes: DeployWishes, in workspace: Workspace, printsOnly: Bool) throws {
    self.workspace = workspace
    self.wishes = wishes
    if let elsewhere = wishes.elsewhere, !printsOnly, wishes.target.kind == .process {
      throw Failure(
        .usage, .notThisMachine, "a server can't be started on \(elsewhere) from here",
        remedy: "add --print for the command to run there, or --target kubernetes (or another) for its files")
    }
    if wishes.nodes > 1, !wishes.target.kind.spansNodes {
      throw Failure(
        .usage, .oneNodeTarget,
        "--target \(wishes.target.kind.rawValue) is one machine, and --nodes asks for \(wishes.nodes)",
        remedy: "--target lws or --target ray")
    }
    if wishes.target.kind != .process { try refuseWhatOnlyAProcessHas() }
  }

  /// Finds the model and plans it, or takes a saved plan; what would run code of its own is refused before anything is
  /// planned or fetched.
  ///
  /// - Parameters:
  ///   - model: the model's name; nil where the saved plan has its own.
  ///   - saved: the path of a saved plan; nil to plan now.
  ///   - plan: plans the model that was found; the second argument is how many copies the plan is for.
  public func prepared(
    _ model: String?, saved: String?, plan: (FoundModel, _ replicas: Int?) async throws -> Plan
  ) async throws -> Prepared {
    if let model { try refuse(ModelRisks(of: model)) }
    var found: FoundModel?
    let chosen: Plan
    if let saved {
      chosen = try Self.read(saved)
    } else {
      // One port is one server; other targets copy their servers in their own ways.
      let isSingle = wishes.target.kind != .process || wishes.settings.port > 0
      let replicas = wishes.replicas ?? (isSingle ? 1 : nil)
      let named = try await ModelSource(model ?? "", in: workspace).found()
      let files = PublishedFiles(in: workspace)
      try await files.requireReach(of: named)
      let source = try await files.chosen(for: named) { try await plan($0, replicas) }
      found = source
      chosen = try await plan(source, replicas)
    }
    var option = try chosen.deployable()
    option.launch = option.launch?.withCompanions { path in
      let whole = URL(fileURLWithPath: path).path
      return FileManager.default.fileExists(atPath: whole) ? whole : path
    }
    if wishes.settings.showsPage { option.launch = try option.launch?.withPage(of: option.engine) }
    let path = URL(fileURLWithPath: option.launch?.modelPath ?? model ?? "").path
    if let model, saved != nil { try SavedPlan(path: path).requireModel(try file(of: model)) }
    try refuse(ModelRisks(of: path))
    if let refusal = found?.download?.pickles(at: path), !wishes.settings.trust.loadsPickles {
      throw DeploymentError.untrusted(refusal)
    }
    let name = model.flatMap { LocalApp.reference($0) }.map { Deployer.plainName($0.name) }
    return Prepared(plan: chosen, option: option, path: path, found: found, name: name)
  }

  /// Where a model of another application lies; any other name as it is.
  private func file(of model: String) throws -> String {
    guard let (app, name) = LocalApp.reference(model) else { return model }
    return try app.model(name, workspace.environment).path
  }

  /// Starts the servers on this machine and returns once each has answered a token.
  ///
  /// - Parameter program: this program, which a supervisor is.
  public func started(_ prepared: Prepared, program: String) async throws -> [Deployment] {
    let deployer = workspace.deployer
    if let refusal = ListenAddress(wishes.settings.host).refusal { throw DeploymentError.notLaunchable(refusal) }
    try await workspace.makeReady(prepared.option, isAgreed: wishes.isFetchAgreed)
    try await fetch(prepared)
    try ModelDamage.refuse(prepared.path)
    let made = try await deployer.deployReplicas(
      wishes.replicas, of: prepared.option, modelPath: prepared.path,
      settings: settings(prepared, prepared.option), machine: prepared.plan.machine,
      onEvent: workspace.audience.loading)
    guard wishes.restart == .onFailure else { return made }
    return try made.map { try deployer.supervise($0, by: program) }
  }

  /// The commands that would be run, one for each server.
  public func launches(_ prepared: Prepared) throws -> [LaunchDescription] {
    let copies = try copies(prepared, planned: prepared.option.placement.replicas)
    return try copies.enumerated().map { index, copy in
      try LaunchDescription(
        copy.option, name: name(prepared, index, of: copies.count),
        settings: settings(prepared, copy.option), folders: workspace.folders)
    }
  }

  /// Makes the model's files be there, and judges what came.
  func fetch(_ prepared: Prepared) async throws {
    let trust = wishes.settings.trust
    try await prepared.found?.fetch(
      prepared.path, isAgreed: wishes.isFetchAgreed, loadsPickles: trust.loadsPickles)
    let risks = ModelRisks(of: prepared.path)
    try refuse(risks)
    if let note = risks.note(unless: trust) { workspace.audience.note(printable(note)) }
  }

  /// The servers that are asked for, else as many as were planned.
  func copies(_ prepared: Prepared, planned: Int) throws -> [ServerCopy] {
    let copies = ServerCopies(of: prepared.option, on: prepared.plan.machine)
    switch copies.placed(wishes.replicas ?? max(1, planned)) {
    case .success(let placed): return placed
    case .failure(let reason): throw DeploymentError.doesNotFit(reason)
    }
  }

  /// The deployment's name; one of several copies has its number behind it.
  func name(_ prepared: Prepared, _ index: Int, of count: Int) -> String {
    let name = wishes.settings.name ?? prepared.name ?? Deployer.defaultName(prepared.path)
    return count > 1 ? "\(name)-\(index)" : name
  }

  private func settings(_ prepared: Prepared, _ option: PlanOption) -> DeploymentSettings {
    var settings = wishes.settings
    settings.name = settings.name ?? prepared.name
    settings.restart = wishes.restart ?? .never
    settings.modelBytes = option.loadedBytes
    settings.diskBytesPerSecond = prepared.plan.machine.diskBytesPerSecond
    return settings
  }

  /// Refuses files that would run code of their own when they are loaded, unless that was agreed to.
  private func refuse(_ risks: ModelRisks) throws {
    if let refusal = risks.refusal(unless: wishes.settings.trust) { throw DeploymentError.untrusted(refusal) }
  }

  /// Other targets restart, copy and name their servers in their own ways.
  private func refuseWhatOnlyAProcessHas() throws {
    let kind = wishes.target.kind
    let settings = wishes.settings
    if (wishes.replicas ?? 1) > 1, !kind.hasCopies {
      throw Failure(
        .usage, .processOnly, "--replicas is for servers of one machine, not for --target \(kind.rawValue)",
        remedy: kind == .ray ? "submit it once for each name" : "--pod-replicas")
    }
    let given = [
      ("--port", settings.port > 0 && kind.isOnKubernetes),
      ("--host", settings.host != "127.0.0.1" && kind.isOnKubernetes),
      ("--restart", wishes.restart != nil && !kind.hasCopies), ("--key", settings.demandsKey),
      ("--patience", settings.patience != nil),
      ("--port-range", settings.portRange != nil),
    ].filter(\.1).map(\.0)
    guard let first = given.first else { return }
    throw Failure(
      .usage, .processOnly, "--target \(kind.rawValue) does not read \(first)", remedy: "leave it out")
  }

  private static func read(_ path: String) throws -> Plan {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .refusedInput, .noSuchFile, "no such file: \(path)",
        remedy: "make one: plimsoll plan MODEL --json > plan.json")
    }
    guard let saved = try? JSONDecoder().decode(Plan.self, from: data) else {
      throw Failure(
        .refusedInput, .badPlan, "\(path) is not a plan that plimsoll plan --json wrote",
        remedy: "make one: plimsoll plan MODEL --json > plan.json")
    }
    return saved
  }
}

extension LaunchConfiguration {
  /// - Throws: `Failure` where the engine has no web page of its own.
  fileprivate func withPage(of kind: EngineKind) throws -> LaunchConfiguration {
    guard let shown = showingPage(EngineCatalogue.engine(kind).operation) else {
      throw Failure(
        .usage, .noWebPage, "\(kind.rawValue) has no web page of its own",
        remedy: "leave --webui out, and use plimsoll chat or point Open WebUI at the server")
    }
    return shown
  }
}
