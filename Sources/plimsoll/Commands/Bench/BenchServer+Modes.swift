import Benchmarking
import Platform
import Records
import Reporting
import Workflows

extension BenchServer {
  /// Measures both servers in turns and says which is faster.
  func runInTurns(
    with other: String, _ settings: BenchmarkSettings, _ store: RunStore, _ workspace: Workspace
  ) async throws {
    let display = BenchDisplay(terminal: workspace.terminal, stages: nil, keepsStages: false)
    let found = try await TurnsJob(
      in: workspace, store: store, pairs: comparison.pairs, tolerance: comparison.tolerance
    ).measured(target, other, try server.words(), settings, engine: server.engine, tags: tag, onProgress: display.show)
    display.clear()
    if json {
      try JSONOutput.print(found.verdict)
    } else {
      Terminal.result(TurnsSummary(found.a, found.b, found.verdict).rendered())
    }
    if let failure = found.storingFailure { throw failure }
    if found.a.status == .incomplete { throw Failure.interrupted(keeping: [found.a, found.b]) }
    for run in [found.a, found.b] { try BenchVerdict(run, goals: settings.goals).check() }
  }

  /// Runs the engine's own benchmark and stores it beside the served ones.
  func runNative(_ workspace: Workspace) async throws {
    let found = try await NativeJob(in: workspace, settings: try native.settings(), program: native.nativeProgram)
      .measured(target, engine: server.engine, tags: tag)
    if json {
      try JSONOutput.print(found.run)
    } else {
      Terminal.result(NativeSummary(found.run, found.results, served: found.served).rendered())
    }
    if let failure = found.storingFailure { throw failure }
  }
}
