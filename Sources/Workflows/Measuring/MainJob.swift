public import Benchmarking
public import Deployment
import Engines
import Hardware
import Models
public import Planning
import Platform
public import Records
import Reporting
import Units

/// What the main job measures.
public struct MainJobLoad: Hashable, Sendable {
  /// Requests in flight, one stage for each number.
  public var concurrency = [1, 2, 4]
  public var inputTokens = 128
  public var outputTokens = 48
  /// Requests of each stage; nil grows with the concurrency.
  public var requests: Int?
  /// Tokens of context of one request; nil holds the requests and what a chat template adds.
  public var context: Int?
  /// Threads for computing; nil leaves room for the client.
  public var threads: Int?
  /// True where nothing may lie in the host's memory.
  public var isOnAcceleratorsOnly = false

  public init() {}

  /// The benchmark of it.
  public var settings: BenchmarkSettings {
    let dataset = DatasetSettings(input: .constant(inputTokens), output: .constant(outputTokens))
    let stages = concurrency.map { load in
      Stage(load: .concurrency(load), stop: StopRule(requests: requests ?? Self.usualRequests(at: load)))
    }
    return BenchmarkSettings(stages: stages, dataset: dataset)
  }

  /// Requests of a stage with so many in flight, unless a number is asked for.
  public static func usualRequests(at concurrency: Int) -> Int { max(6, 2 * concurrency) }

  /// Tokens of context for a request of so many: chat templates and the tokenizer's rounding add to each prompt.
  static func room(forRequestOf tokens: Int) -> Int { tokens * 5 / 4 + 128 }

  /// The question that its plan answers.
  func request(_ source: FoundModel, _ machine: Machine) -> PlanRequest {
    let most = concurrency.max() ?? 1
    let workload = Workload(
      name: "run", inputTokens: inputTokens, outputTokens: outputTokens, concurrency: most)
    var request = PlanRequest(model: source.model, machine: machine, workload: workload)
    request.siblings = source.siblings
    // What is started is what there is.
    request.quantizations = .files
    request.contextLength = context ?? max(512, Self.room(forRequestOf: inputTokens + outputTokens))
    request.threads = threads
    request.isOnAcceleratorsOnly = isOnAcceleratorsOnly
    // What is measured is one server.
    request.replicas = 1
    return request
  }
}

/// The main job: probe, plan, deploy, benchmark, store, stop, learn. Each step is also a command of its own.
public struct MainJob: Sendable {
  /// Who hears of it, each in its turn.
  public struct Listener: Sendable {
    /// Takes a line for each step.
    public var say: @Sendable (String) -> Void = { _ in }
    /// Takes the plan before anything is fetched or started.
    public var onPlan: @Sendable (Plan) -> Void = { _ in }
    /// Takes what the benchmark does.
    public var onProgress: @Sendable (BenchmarkEvent) -> Void = { _ in }
    /// Takes the run once it is measured and stored, a whole one or what an interruption left of it.
    public var onMeasured: @Sendable (Run) -> Void = { _ in }

    public init() {}
  }

  let workspace: Workspace
  let load: MainJobLoad
  let listener: Listener
  /// True where models are fetched and engines installed without asking.
  var isAgreed = false
  /// True where the server stays after it was measured.
  var isServerKept = false

  public init(
    _ workspace: Workspace, load: MainJobLoad, isAgreed: Bool = false, isServerKept: Bool = false,
    listener: Listener = Listener()
  ) {
    self.workspace = workspace
    self.load = load
    self.isAgreed = isAgreed
    self.isServerKept = isServerKept
    self.listener = listener
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// The run with its requests.
    public var archive: RunArchive
    /// What later predictions learned from it, in one line.
    public var lesson: String
    /// The server, where it was to stay.
    public var deployment: Deployment?
  }

  /// Does all of it for a model as a command names it. What is missing is found before anything takes time: the model's
  /// files, then the engine, then the bandwidth that is measured.
  ///
  /// - Throws: `Failure` and `DeploymentError` where it cannot be, or was interrupted, after everything was kept and
  ///   cleaned; `RecordError`.
  public func done(_ model: String, tags: [String] = []) async throws -> Outcome {
    listener.say("probe: this machine")
    let machine = await workspace.thisMachine()
    listener.say("inspect: \(printable(model))")
    let named = try await ModelSource(model, in: workspace).found()
    try await PublishedFiles(in: workspace).requireReach(of: named)
    return try await done(named, on: machine.needsMeasuring ? await workspace.machineToPlan() : machine, tags: tags) {
      guard $0.needsMeasuring else { return nil }
      var machine = $0
      try workspace.measure(&machine)
      return machine
    }
  }

  /// Does it on this machine as it was probed, or on a part of it.
  func done(_ model: String, on machine: Machine, tags: [String] = []) async throws -> Outcome {
    listener.say("inspect: \(printable(model))")
    return try await done(try await ModelSource(model, in: workspace).found(), on: machine, tags: tags) { _ in nil }
  }

  /// - Parameter measure: the machine with what is measured of it now; nil where nothing has to be.
  private func done(
    _ named: FoundModel, on probed: Machine, tags: [String], measure: (Machine) throws -> Machine?
  ) async throws -> Outcome {
    let source = try await PublishedFiles(in: workspace).chosen(for: named) { formPlan($0, on: probed) }
    var (machine, plan) = (probed, plan(source, on: probed))
    try await require(plan.deployable(), of: source)
    if let measured = try measure(probed) {
      // With another bandwidth another option may be the best, on an engine that is not there yet.
      (machine, plan) = (measured, self.plan(source, on: measured))
      try await require(plan.deployable(), of: source)
    }
    let store = try RunStore(path: workspace.folders.database)
    listener.say("plan: every quantization of \(printable(source.model.name)) on this machine")
    listener.onPlan(plan)
    for doubt in plan.graveReasons { listener.say("warning: \(printable(doubt.message)) [\(doubt.code.rawValue)]") }
    let option = try plan.deployable()
    let path = option.launch?.modelPath ?? source.model.name
    try await source.fetch(path, isAgreed: isAgreed)
    if let refusal = ModelRisks(of: path).refusal(unless: ModelTrust()) { throw DeploymentError.untrusted(refusal) }
    try ModelDamage.refuse(path)
    let time = load.expectedSeconds(option).map { ", about \($0.roughTime) at the predicted speed" } ?? ""
    listener.say("deploy and benchmark: concurrency \(load.concurrency.map { "\($0)" }.joined(separator: ", "))\(time)")
    let (run, deployment) = try await measured(plan, option, modelPath: path, tags: tags, store)
    let archive = try store.archive(run.id)
    return Outcome(
      archive: archive, lesson: workspace.learn(from: run, option: option, model: source.model, on: machine),
      deployment: deployment)
  }

  private func plan(_ source: FoundModel, on machine: Machine) -> Plan {
    var request = load.request(source, machine)
    request.enginesHere = workspace.enginesHere
    return workspace.planner(for: machine).plan(request)
  }

  /// The plan that says which form of a catalogue's model is run: as `fit` chooses it for one user.
  private func formPlan(_ found: FoundModel, on machine: Machine) -> Plan {
    var request = PlanRequest(model: found.model, machine: machine)
    request.published = found.published
    request.replicas = 1
    request.enginesHere = workspace.enginesHere
    return workspace.planner(for: machine).plan(request)
  }

  /// Refuses what cannot be measured; the engine is there afterwards.
  private func require(_ option: PlanOption, of source: FoundModel) async throws {
    if let task = option.launch?.task, task != .generation {
      throw Failure(
        .refusedInput, .noTokens,
        "\(printable(source.model.name)) is for \(task.rawValue): there are no tokens to measure",
        remedy: "plimsoll deploy starts it as a server")
    }
    try await workspace.makeReady(option, isAgreed: isAgreed)
  }

  /// Deploys a plan's option and measures it. The server is stopped again whatever happens in between, unless it is to stay
  /// and was measured to the end.
  ///
  /// - Throws: `DeploymentError`, `RecordError`, or `Failure` after an interruption, when everything was kept and cleaned.
  private func measured(
    _ plan: Plan, _ option: PlanOption, modelPath: String, tags: [String], _ store: RunStore
  ) async throws -> (Run, Deployment?) {
    var asked = DeploymentSettings()
    asked.modelBytes = option.loadedBytes
    asked.diskBytesPerSecond = plan.machine.diskBytesPerSecond
    if isServerKept { asked.usualPorts = DeploymentSettings.stablePorts }
    let (say, loading) = (listener.say, workspace.audience.loading)
    let (run, deployment) = try await workspace.deployer.whileDeployed(
      option, staysAfter: { [isServerKept] in isServerKept && $0.0.status == .complete }, modelPath: modelPath,
      settings: asked
    ) { event in
      switch event {
      case .started(let name, let log): say("started \(name), log at \(log)")
      case .loading: loading(event)
      case .ready(let seconds): say("ready (first token after \(formattedSeconds(seconds)))")
      case .stopped(let name): say("stopped \(name)")
      }
    } _: {
      (try await benchmark(plan, option, $0, tags, store), $0)
    }
    listener.onMeasured(run)
    if run.status == .incomplete {
      throw Failure.interrupted(keeping: [run])
    }
    return (run, isServerKept ? deployment : nil)
  }

  private func benchmark(
    _ plan: Plan, _ option: PlanOption, _ deployment: Deployment, _ tags: [String], _ store: RunStore
  ) async throws -> Run {
    let startedAt = workspace.clock.wallSeconds()
    var run = Run(id: Run.newID(at: startedAt), startedAt: startedAt, target: deployment.name)
    run.machine = plan.machine
    run.plan = plan
    run.model = plan.model
    run.describe(deployment, by: workspace.deployer)
    run.tags = tags
    let target = BenchmarkTarget(
      name: deployment.name, baseURL: deployment.url, model: deployment.modelName,
      processes: deployment.process.map { [$0.pid] } ?? [])
    let recorded = RecordedBenchmark(settings: load.settings, target: target, run: run, store: store) {
      [listener] event in
      listener.onProgress(event)
      if case .stageFinished(let stage) = event { listener.say(stage.sentence) }
    }
    let measured = try await recorded.measured()
    if let failure = recorded.storingFailure {
      // What was measured is seen all the same.
      listener.onMeasured(measured)
      throw failure
    }
    return measured
  }
}

extension StageResult {
  /// The stage in one line.
  public var sentence: String { LiveStage.summary(of: self) }
}
