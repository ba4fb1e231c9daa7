import Benchmarking
import Deployment
import Engines
import Hardware
import Models
import Planning
import Platform
import Records
import Reporting
import Units

/// The main job: probe, plan, deploy, benchmark, store, stop, report. Each step is also a command of its own.
struct MainJob {
  let context: CommandContext
  var store: RunStore
  var deployer: Deployer
  var say: @Sendable (String) -> Void

  /// Deploys a plan's option, measures it, and stops the server again, whatever happens in between.
  ///
  /// - Throws: `DeploymentError`, `RecordError`, or `CancellationError` after everything was kept and cleaned.
  func measured(
    _ plan: Plan, _ option: PlanOption, modelPath: String, settings: BenchmarkSettings, tags: [String]
  ) async throws -> Run {
    var asked = DeploymentSettings()
    asked.modelBytes = option.loadedBytes
    asked.diskBytesPerSecond = plan.machine.diskBytesPerSecond
    let say = say
    let run = try await deployer.whileDeployed(option, modelPath: modelPath, settings: asked) { event in
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
    let startedAt = context.clock.wallSeconds()
    var run = Run(id: Run.newID(at: startedAt), startedAt: startedAt, target: deployment.name)
    run.machine = plan.machine
    run.plan = plan
    run.model = plan.model
    run.describe(deployment, by: deployer)
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
  var sentence: String {
    let rate = summary.outputTokensPerSecond.map { "\($0.formatted(significant: 3)) output tokens/s" } ?? "no output"
    let first = summary.timeToFirstToken.mean.map { ", first token after \(formattedSeconds($0)) on average" } ?? ""
    let failed = summary.errors == 0 ? "" : ", \(summary.errors) failed"
    return "\(name): \(rate)\(first)\(failed)"
  }
}
