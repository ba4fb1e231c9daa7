public import Benchmarking
import Deployment
import Engines
import Hardware
import Models
public import Planning
import Platform
public import Records
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
      Stage(load: .concurrency(load), stop: StopRule(requests: requests ?? max(6, 2 * load)))
    }
    return BenchmarkSettings(stages: stages, dataset: dataset)
  }

  /// The question that its plan answers.
  func request(_ source: FoundModel, _ machine: Machine) -> PlanRequest {
    let most = concurrency.max() ?? 1
    let workload = Workload(
      name: "run", inputTokens: inputTokens, outputTokens: outputTokens, concurrency: most)
    var request = PlanRequest(model: source.model, machine: machine, workload: workload)
    request.siblings = source.siblings
    // What is started is what there is.
    request.quantizations = .files
    // Chat templates and the tokenizer's rounding add to each prompt: room for them.
    let perSlot = context ?? max(512, (inputTokens + outputTokens) * 5 / 4 + 128)
    request.contextLength = perSlot
    request.threads = threads
    request.isOnAcceleratorsOnly = isOnAcceleratorsOnly
    // What is measured is one server.
    request.replicas = 1
    return request
  }
}

/// The main job: probe, plan, deploy, benchmark, store, stop, learn. Each step is also a command of its own.
public struct MainJob: Sendable {
  let workspace: Workspace
  let load: MainJobLoad
  let say: @Sendable (String) -> Void
  let onPlan: @Sendable (Plan) -> Void
  let onProgress: @Sendable (BenchmarkEvent) -> Void

  /// - Parameters:
  ///   - say: takes a line for each step.
  ///   - onPlan: takes the plan before anything is fetched or started.
  ///   - onProgress: takes what the benchmark does.
  public init(
    _ workspace: Workspace, load: MainJobLoad, say: @escaping @Sendable (String) -> Void,
    onPlan: @escaping @Sendable (Plan) -> Void = { _ in },
    onProgress: @escaping @Sendable (BenchmarkEvent) -> Void = { _ in }
  ) {
    self.workspace = workspace
    self.load = load
    self.say = say
    self.onPlan = onPlan
    self.onProgress = onProgress
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// The run with its requests.
    public var archive: RunArchive
    /// What later predictions learned from it, in one line.
    public var lesson: String
  }

  /// Does all of it for a model as a command names it.
  ///
  /// - Parameters:
  ///   - isFetchAgreed: true where a large model is fetched without asking.
  /// - Throws: `Failure` and `DeploymentError` where it cannot be, `RecordError`, or `CancellationError` after everything
  ///   was kept and cleaned.
  public func done(_ model: String, tags: [String] = [], isFetchAgreed: Bool = false) async throws -> Outcome {
    say("probe: this machine")
    var machine = await workspace.thisMachine()
    if machine.needsMeasuring { try workspace.measure(&machine) }
    return try await done(model, on: machine, tags: tags, isFetchAgreed: isFetchAgreed)
  }

  /// Does it on this machine as it was probed, or on a part of it.
  func done(
    _ model: String, on machine: Machine, tags: [String] = [], isFetchAgreed: Bool = false
  ) async throws -> Outcome {
    say("inspect: \(printable(model))")
    let source = try await PublishedFiles(in: workspace).chosen(
      for: try await ModelSource(model, in: workspace).found()
    ) { [machine] in formPlan($0, on: machine) }
    let store = try RunStore(path: workspace.folders.database)
    say("plan: every quantization of \(printable(source.model.name)) on this machine")
    let plan = workspace.planner(for: machine).plan(load.request(source, machine))
    onPlan(plan)
    let option = try plan.deployable()
    let path = option.launch?.modelPath ?? model
    try await makeReady(option, path, of: source, isFetchAgreed: isFetchAgreed)
    say("deploy and benchmark: concurrency \(load.concurrency.map { "\($0)" }.joined(separator: ", "))")
    let run = try await measured(plan, option, modelPath: path, tags: tags, store)
    let archive = try store.archive(run.id)
    return Outcome(
      archive: archive, lesson: workspace.learn(from: run, option: option, model: source.model, on: machine))
  }

  /// The plan that says which form of a catalogue's model is run: as `fit` chooses it for one user.
  private func formPlan(_ found: FoundModel, on machine: Machine) -> Plan {
    var request = PlanRequest(model: found.model, machine: machine)
    request.published = found.published
    request.replicas = 1
    return workspace.planner(for: machine).plan(request)
  }

  /// Refuses what cannot be measured, and makes the files be there.
  private func makeReady(
    _ option: PlanOption, _ path: String, of source: FoundModel, isFetchAgreed: Bool
  ) async throws {
    if let task = option.launch?.task, task != .generation {
      throw Failure(
        .refusedInput, .noTokens,
        "\(printable(source.model.name)) is for \(task.rawValue): there are no tokens to measure",
        remedy: "plimsoll deploy starts it as a server")
    }
    try await workspace.deployer.requireEngine(of: option)
    try await source.fetch(path, isAgreed: isFetchAgreed)
    if let refusal = ModelRisks(of: path).refusal(unless: ModelTrust()) { throw DeploymentError.untrusted(refusal) }
    try ModelDamage.refuse(path)
  }

  /// Deploys a plan's option, measures it, and stops the server again, whatever happens in between.
  ///
  /// - Throws: `DeploymentError`, `RecordError`, or `CancellationError` after everything was kept and cleaned.
  private func measured(
    _ plan: Plan, _ option: PlanOption, modelPath: String, tags: [String], _ store: RunStore
  ) async throws -> Run {
    var asked = DeploymentSettings()
    asked.modelBytes = option.loadedBytes
    asked.diskBytesPerSecond = plan.machine.diskBytesPerSecond
    let say = say
    let run = try await workspace.deployer.whileDeployed(option, modelPath: modelPath, settings: asked) { event in
      switch event {
      case .started(let name, let log): say("started \(name), log at \(log)")
      case .loading: break
      case .ready(let seconds): say("ready: it answered a token after \(formattedSeconds(seconds))")
      case .stopped(let name): say("stopped \(name)")
      }
    } _: {
      try await benchmark(plan, option, $0, tags, store)
    }
    if run.status == .incomplete {
      say("kept what was measured as \(run.id), marked incomplete")
      throw CancellationError()
    }
    return run
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
      [say, onProgress] event in
      onProgress(event)
      if case .stageFinished(let stage) = event { say(stage.sentence) }
    }
    let measured = try await recorded.measured()
    if let failure = await recorded.storingFailure { throw failure }
    return measured
  }
}

extension StageResult {
  /// The stage in one line.
  public var sentence: String {
    let rate = summary.outputTokensPerSecond.map { "\($0.formatted(significant: 3)) output tokens/s" } ?? "no output"
    let first = summary.timeToFirstToken.mean.map { ", first token after \(formattedSeconds($0)) on average" } ?? ""
    let failed = summary.errors == 0 ? "" : ", \(summary.errors) failed"
    return "\(name): \(rate)\(first)\(failed)"
  }
}
