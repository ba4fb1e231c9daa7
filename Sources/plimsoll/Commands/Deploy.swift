import ArgumentParser
import Deployment
import Engines
import Foundation
import Hardware
import Models
import Planning
import Platform
import Units

/// A plan becomes a server.
struct Deploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Plan a model, start it as a server, and wait until it answers a token.",
    discussion: """
      Example: plimsoll deploy SmolLM2-135M-Instruct.Q4_1.gguf --context 4096 --parallel 2
      A model named hf:org/name is planned from its listing, and what the plan chose is fetched.
      The server stays when the command ends; plimsoll ps, logs and stop manage it. --print shows what would be run, and
      --target writes it for containers, systemd, launchd, Kubernetes or Ray.
      """)
  @Argument(help: "A model as plimsoll plan takes it; a saved plan has its own.") var model: String?
  @OptionGroup var options: PlanOptions
  @OptionGroup var machine: MachineOption
  @OptionGroup var server: DeployOptions
  @OptionGroup var targets: TargetOptions
  @Option(help: "A plan saved by plimsoll plan --json, instead of planning now.") var plan: String?
  @Flag(name: .customLong("print"), help: "Show what would be run, flag by flag with the reasons, and run nothing.")
  var prints = false
  @Flag(help: "Fetch a model from the Hub without asking, however large.") var yes = false
  @Flag(
    help: ArgumentHelp(
      "Print JSON: what was started (plimsoll.deployments/1), with --print the commands (plimsoll.launch/1), with "
        + "--target the files (plimsoll.target/1)."))
  var json = false

  func validate() throws {
    guard plan != nil else {
      if model == nil { throw ValidationError("name a model, or a plan by --plan") }
      return
    }
    // What of a plan spans machines is said where it is deployed.
    let given = PlanOptions.given(in: CommandLine.arguments).filter { $0 != "--nodes" }
    let unused = given + (machine.expression == nil ? [] : ["--on"])
    if !unused.isEmpty {
      throw ValidationError("the plan of --plan is made already: plan anew with \(unused.joined(separator: ", "))")
    }
  }

  func run() async throws {
    let context = CommandContext()
    if let expression = machine.expression, !prints, targets.target == .process {
      throw Failure(
        .usage, .notThisMachine, "a server can't be started on \(expression) from here",
        remedy: "--print or --target")
    }
    // What would run code is refused before anything is planned; what is fetched first is judged again below.
    if let model { try refuse(ModelRisks(of: model)) }
    if options.nodes > 1, !targets.target.spansNodes {
      throw Failure(
        .usage, .oneNodeTarget,
        "--target \(targets.target.rawValue) is one machine, and --nodes asks for \(options.nodes)",
        remedy: "--target lws or --target ray")
    }
    let source = plan == nil ? model : nil
    let found = if let source { try await ModelSource(source, context: context).found() } else { nil as FoundModel? }
    let plan = try await chosenPlan(found, context)
    var option = try plan.deployable()
    option.launch = option.launch?.withCompanions { path in
      let whole = URL(fileURLWithPath: path).path
      return FileManager.default.fileExists(atPath: whole) ? whole : path
    }
    let path = URL(fileURLWithPath: option.launch?.modelPath ?? model ?? "").path
    if let model, self.plan != nil { try SavedPlan(path: path).requireModel(model) }
    try refuse(ModelRisks(of: path))
    if let refusal = found?.download?.pickles(at: path), !server.allowPickle {
      throw DeploymentError.untrusted(refusal)
    }
    if targets.target != .process {
      try refuseWhatOnlyAProcessHas()
      if targets.apply, !prints, ![.kubernetes, .leaderWorkerSet, .kserve, .ray].contains(targets.target) {
        try await fetch(found, path)
      }
      return try await targets.carryOut(
        try await requests(option, path, plan.machine, context), prints: prints, json: json, context: context)
    }
    if prints { return try describe(option, path, on: plan.machine, context) }
    if let refusal = ListenAddress(server.host).refusal { throw DeploymentError.notLaunchable(refusal) }
    try await context.deployer.requireEngine(of: option)
    try await fetch(found, path)
    try ModelDamage.refuse(path)
    var made = try await context.deployer.deployReplicas(
      server.replicas, of: option, modelPath: path,
      settings: try server.settings(option, on: plan.machine),
      machine: plan.machine
    ) { LoadDisplay.show($0, on: context.terminal) }
    if server.restart == .onFailure { made = try made.map { try context.deployer.supervise($0, by: Self.program()) } }
    if json { return try JSONOutput.print(DeploymentListing(made.map { .init(deployment: $0) })) }
    for deployment in made {
      Terminal.result("\(deployment.name) answers at \(deployment.url)")
      if let file = deployment.address.apiKeyFile { Terminal.note("clients need the key in \(file)") }
    }
  }

  /// The servers that are asked for, else as many as were planned.
  private func copies(of option: PlanOption, on machine: Machine, planned: Int) throws -> [ServerCopy] {
    switch ServerCopies(of: option, on: machine).placed(server.replicas ?? max(1, planned)) {
    case .success(let placed): return placed
    case .failure(let reason): throw DeploymentError.doesNotFit(reason)
    }
  }

  private struct Launches: Encodable {
    var schema = "plimsoll.launch/1"
    var launches: [LaunchConfiguration]
  }

  /// Shows the command with its reasons; of several servers those of the others, too.
  private func describe(_ option: PlanOption, _ path: String, on machine: Machine, _ context: CommandContext) throws {
    let copies = try copies(of: option, on: machine, planned: option.placement.replicas)
    let name = server.name ?? Deployer.defaultName(path)
    let all = try copies.enumerated().map { index, copy in
      try LaunchDescription(
        copy.option, name: copies.count > 1 ? "\(name)-\(index)" : name, server: server, folders: context.folders)
    }
    if json { return try JSONOutput.print(Launches(launches: all.compactMap(\.launch))) }
    Terminal.result((all.dropFirst().map { $0.command() } + [all[0].text()]).joined(separator: "\n\n"))
  }

  /// What the target is asked for: one server, or several side by side where the target has them.
  private func requests(_ option: PlanOption, _ path: String, _ machine: Machine, _ context: CommandContext)
    async throws
    -> [TargetRequest]
  {
    let copies = try copies(
      of: option, on: machine, planned: targets.target.hasCopies ? option.placement.replicas : 1)
    // A saved plan was made for what it was made for.
    guard options.nodes == 1 || option.placement.pipelineParallel == options.nodes else {
      throw Failure(
        .usage, .otherNodes,
        "the plan has \(option.placement.pipelineParallel) stages, and --nodes asks for \(options.nodes) machines",
        remedy: "plan anew with --nodes \(options.nodes)")
    }
    // What is installed here says nothing of another machine.
    let usable =
      self.machine.expression == nil
      ? await context.engineFinder.find(EngineCatalogue.engine(option.engine), program: option.launch?.program)
        .first { $0.problem == nil } : nil
    var found = usable
    if let usable, let launch = option.launch { found = await context.engineFinder.asked(usable, for: launch) }
    let name = server.name ?? Deployer.defaultName(path)
    return try copies.enumerated().map { [found] index, copy in
      var request = try targets.request(
        copy, name: copies.count > 1 ? "\(name)-\(index)" : name, model: path, machine: machine,
        nodes: options.nodes)
      request.launch = request.launch.placed(at: path)
      if server.trustRemoteCode {
        request.launch = request.launch.trusting(EngineCatalogue.engine(option.engine).operation)
      }
      // Where the cluster makes the copies, it makes as many as were planned.
      request.replicas = targets.podReplicas ?? (targets.target.hasCopies ? 1 : max(1, option.placement.replicas))
      request.host = server.host
      request.restart = server.restart ?? .onFailure
      // The owner of the model on this machine is whoever deploys it; root in a container has no rights beyond a user's.
      if self.machine.expression == nil, getuid() != 0 { request.user = "\(getuid()):\(getgid())" }
      request.port = (server.port > 0 ? server.port : 8080) + index
      request.program = found?.program
      request.help = found?.help
      request.programEnvironment = found?.environment ?? [:]
      request.logFolder = self.machine.expression == nil ? context.folders.logs : nil
      return request
    }
  }

  /// Refuses files that would run code of their own when they are loaded, unless that was agreed to.
  private func refuse(_ risks: ModelRisks) throws {
    if let refusal = risks.refusal(unless: server.trust) { throw DeploymentError.untrusted(refusal) }
  }

  /// Makes the model's files be there, and judges what came.
  private func fetch(_ found: FoundModel?, _ path: String) async throws {
    try await found?.fetch(path, isAgreed: yes, loadsPickles: server.trust.loadsPickles)
    let risks = ModelRisks(of: path)
    try refuse(risks)
    if let note = risks.note(unless: server.trust) { Terminal.note(printable(note)) }
  }

  /// Other targets restart, copy and name their servers in their own ways.
  private func refuseWhatOnlyAProcessHas() throws {
    if (server.replicas ?? 1) > 1, !targets.target.hasCopies {
      throw Failure(
        .usage, .processOnly, "--replicas is for servers of one machine, not for --target \(targets.target.rawValue)",
        remedy: targets.target == .ray ? "submit it once for each name" : "--pod-replicas")
    }
    let isCluster = [.kubernetes, .leaderWorkerSet, .kserve].contains(targets.target)
    let given = [
      ("--port", server.port > 0 && isCluster), ("--host", server.host != "127.0.0.1" && isCluster),
      ("--restart", server.restart != nil && !targets.target.hasCopies), ("--key", server.key),
      ("--patience", server.patience != nil), ("--port-range", server.portRange != nil),
    ].filter(\.1).map(\.0)
    guard let first = given.first else { return }
    throw Failure(
      .usage, .processOnly,
      "--target \(targets.target.rawValue) does not read \(first)",
      remedy: "leave it out")
  }

  /// This program's own path, which its name need not tell.
  static func program() -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Bundle.main.executablePath
      ?? CommandLine.arguments[0]
  }

  /// The saved plan, else one made now, of the files that there are.
  private func chosenPlan(_ found: FoundModel?, _ context: CommandContext) async throws -> Plan {
    if let found {
      var asked = options
      if asked.quantizations == "usual" { asked.quantizations = "files" }
      // One port is one server; other targets copy their servers in their own ways.
      let isSingle = targets.target != .process || server.port > 0
      return try await context.plan(
        found, asked, machine, findsLimits: false, replicas: server.replicas ?? (isSingle ? 1 : nil))
    }
    let plan = plan ?? ""
    guard let data = FileManager.default.contents(atPath: plan) else {
      throw Failure(.refusedInput, .noSuchFile, "no such file: \(plan)")
    }
    guard let saved = try? JSONDecoder().decode(Plan.self, from: data) else {
      throw Failure(.refusedInput, .badPlan, "\(plan) is not a plan that plimsoll plan --json wrote")
    }
    return saved
  }
}
