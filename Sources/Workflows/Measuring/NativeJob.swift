import Benchmarking
import Deployment
public import Engines
import Models
import Planning
import Platform
public import Records
import Reporting
import Units

/// The engine's own benchmark, stored beside the served runs.
public struct NativeJob: Sendable {
  let workspace: Workspace
  let settings: NativeBenchmark.Settings
  /// Where its program is; nil to look for it.
  let program: String?

  public init(in workspace: Workspace, settings: NativeBenchmark.Settings, program: String?) {
    self.workspace = workspace
    self.settings = settings
    self.program = program
  }

  /// What was measured, and the latest served run of the same target.
  public struct Outcome: Sendable {
    public var run: Run
    public var results: [NativeResult]
    public var served: RunListing?
    /// What kept the run from being stored; nil where it was.
    public var storingFailure: (any Error)?
  }

  /// Measures a model's file, or a deployment's model.
  public func measured(_ target: String, engine: String?, tags: [String]) async throws -> Outcome {
    let deployment = workspace.deployer.list().first { $0.name == target }
    let engine = engine ?? deployment?.engine.rawValue ?? "llama.cpp"
    guard let kind = EngineKind(rawValue: engine).flatMap({ EngineCatalogue.engine($0).nativeProgram }) else {
      throw Failure(.usage, .noNativeBenchmark, "\(engine) has no benchmark of its own that is known here")
    }
    var run = await workspace.newRun(
      of: BenchmarkTarget(name: deployment?.name ?? target, baseURL: "", model: ""), tags: tags)
    run.engine = engine
    run.plimsoll = .current
    run.tags.append("in-process")
    if run.model == nil { run.model = (try? ModelReader.read(path: target)).map { ModelSummary($0) } }
    try DataFolders.make(workspace.folders.data)
    let store = try RunStore(path: workspace.folders.database)
    let place = program ?? programPlace(of: kind.name, path: workspace.environment["PATH"] ?? "")
    let results = try await NativeBenchmark(kind, path: place)
      .run(model: deployment?.modelPath ?? target, settings: settings)
    run.engineBuild = results.compactMap { $0.build }.first
    run.settings["native"] = JSONOutput.line(results)
    run.stages = results.map { $0.stage }
    run.summary = run.stages.last { $0.summary.outputTokensPerSecond != nil }?.summary ?? run.summary
    run.status = .complete
    let failure = StoringFailure()
    failure.storing { [run] in try store.begin(run) }
    failure.finish(&run, in: store)
    let served = try? store.list(RunFilter()).first {
      $0.target == run.target && $0.id != run.id && $0.timePerOutputToken != nil && $0.isValid
    }
    return Outcome(run: run, results: results, served: served, storingFailure: failure.error)
  }
}
