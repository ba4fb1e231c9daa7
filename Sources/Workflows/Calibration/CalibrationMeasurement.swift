import Benchmarking
import Deployment
import Engines
import Foundation
public import Hardware
public import Models
public import Planning
import Platform
import Records
import Units

/// A short measurement of one model on this machine: by llama-bench where it is installed, else through the server.
public struct CalibrationMeasurement: Sendable {
  let workspace: Workspace
  let machine: Machine
  let model: Model
  let threads: Int?
  let estimator: SpeedEstimator

  private let input = 256
  private let output = 48

  /// - Parameter threads: threads for computing; nil leaves them to the engine.
  public init(
    _ workspace: Workspace, machine: Machine, model: Model, threads: Int?, estimator: SpeedEstimator
  ) {
    self.workspace = workspace
    self.machine = machine
    self.model = model
    self.threads = threads
    self.estimator = estimator
  }

  /// Measures and returns samples beside what the shipped constants predict.
  public func samples() async throws -> [SpeedCalibration.Sample] {
    if model.format == .gguf, let rows = await llamaBench() { return rows }
    return try await throughServer()
  }

  private var path: String { model.files.first?.path ?? model.name }

  private func llamaBench() async -> [SpeedCalibration.Sample]? {
    var words = ["-m", path, "-p", "\(input)", "-n", "\(output)", "-r", "2", "-o", "json"]
    if let threads { words += ["-t", "\(threads)"] }
    guard let done = await SystemCommandRunner().run("llama-bench", words, timeout: .seconds(600)), done.exitCode == 0,
      let output = LlamaBenchOutput(json: Data(done.output.utf8))
    else { return nil }
    return output.rows.compactMap { row in
      sample(row.measure, row.tokensPerSecond, threads: row.threads ?? threads, by: "llama-bench")
    }
  }

  private func throughServer() async throws -> [SpeedCalibration.Sample] {
    var settings = DeploymentSettings()
    settings.modelBytes = model.files.reduce(ByteCount.zero) { $0 + $1.bytes }
    let summary = try await workspace.deployer.whileDeployed(option(), modelPath: path, settings: settings) {
      try await benchmark($0)
    }.summary
    let decode = summary.timePerOutputToken.p50.flatMap {
      sample(.decode, 1 / $0, threads: threads, by: "plimsoll bench")
    }
    let prefill = summary.timeToFirstToken.p50.flatMap {
      sample(.prefill, Double(input) / $0, threads: threads, by: "plimsoll bench")
    }
    return [decode, prefill].compactMap { $0 }
  }

  private func benchmark(_ deployment: Deployment) async throws -> Run {
    let dataset = DatasetSettings(input: .constant(input), output: .constant(output))
    let stage = Stage(load: .concurrency(1), stop: StopRule(requests: 6))
    let settings = BenchmarkSettings(stages: [stage], dataset: dataset)
    let target = BenchmarkTarget(
      name: deployment.name, baseURL: deployment.url, model: deployment.modelName,
      processes: deployment.process.map { [$0.pid] } ?? [])
    var run = Run(id: Run.newID(), startedAt: workspace.clock.wallSeconds(), target: deployment.name)
    run.machine = machine
    run.engine = deployment.engine.rawValue
    run.tags = ["calibration"]
    try DataFolders.make(workspace.folders.data)
    let store = try RunStore(path: workspace.folders.database)
    return try await RecordedBenchmark(settings: settings, target: target, run: run, store: store).measured()
  }

  private func option() -> PlanOption {
    let kind = engine
    let length = min(model.shape.contextLength, 1024)
    var option = PlanOption(
      quantization: model.quantization?.value ?? "", origin: .file, engine: kind, verdict: .fits,
      reason: Reason(.calibration, "started to be measured"), contextLength: length, parallel: 1)
    option.placement = placement
    option.launch = EngineCatalogue.engine(kind).launch(
      LaunchRequest(modelPath: path, contextLength: length, parallel: 1, placement: placement, threads: threads))
    return option
  }

  private var engine: EngineKind {
    model.format == .gguf ? .llamaCpp : model.format == .mlx ? .mlx : .vllm
  }

  private var placement: Placement {
    var placement = Placement()
    placement.devices = machine.accelerators.isEmpty ? [] : [0]
    return placement
  }

  /// A measured rate beside the prediction for the same lengths and threads.
  func sample(_ measure: SpeedMeasure, _ rate: Double, threads: Int?, by tool: String) -> SpeedCalibration.Sample? {
    guard let predicted = predicted(measure, threads: threads) else { return nil }
    return SpeedCalibration.Sample(
      measure: measure, engine: engine.speedName,
      quantKind: QuantKind(named: model.quantization?.value ?? ""), threads: threads,
      weightBytes: model.tensorBytes.map { Double($0.value.bytes) }, predicted: predicted, measured: rate,
      source: Source(.measured, "\(tool), \(input) tokens in, \(output) out: \(model.name)"),
      constants: estimator.efficiencies.fingerprint)
  }

  private func predicted(_ measure: SpeedMeasure, threads: Int?) -> Double? {
    let request = Question(
      machine: machine,
      form: ModelForm(
        name: model.quantization?.value ?? "", model: model, tensors: model.tensors,
        weightBytes: model.tensorBytes?.value ?? .zero),
      engine: engine, placement: placement, threads: threads,
      workload: Workload(name: "calibration", inputTokens: input, outputTokens: output))
    let prediction = estimator.prediction(request)
    return (measure == .decode ? prediction.decode : prediction.prefill)?.expected
  }
}
