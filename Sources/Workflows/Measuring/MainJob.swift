public import Benchmarking
import Deployment
import Hardware
public import Planning
import Platform
public import Records
import Units

/// The main job: probe, plan, deploy, benchmark, store, stop, report. Each step is also a command of its own.
public struct MainJob: Sendable {
  let workspace: Workspace
  let store: RunStore
  let say: @Sendable (String) -> Void

  /// - Parameter say: takes a line for each step.
  public init(_ workspace: Workspace, store: RunStore, say: @escaping @Sendable (String) -> Void) {
    self.workspace = workspace
    self.store = store
    self.say = say
  }

  /// Deploys a plan's option, measures it, and stops the server again, whatever happens in between.
  ///
  /// - Throws: `DeploymentError`, `RecordError`, or `CancellationError` after everything was kept and cleaned.
  public func measured(
    _ plan: Plan, _ option: PlanOption, modelPath: String, settings: BenchmarkSettings, tags: [String]
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
      try await benchmark(plan, option, $0, settings, tags)
    }
    if run.status == .incomplete {
      say("kept what was measured as \(run.id), marked incomplete")
      throw CancellationError()
    }
    return run
  }

  private func benchmark(
    _ plan: Plan, _ option: PlanOption, _ deployment: Deployment, _ settings: BenchmarkSettings, _ tags: [String]
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
    let say = say
    let recorded = RecordedBenchmark(settings: settings, target: target, run: run, store: store) { event in
      if case .stageFinished(let stage) = event { say(stage.sentence) }
    }
    return try await recorded.measured()
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
