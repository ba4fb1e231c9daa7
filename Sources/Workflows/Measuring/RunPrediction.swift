public import Benchmarking
import Engines
import Hardware
public import Models
public import Planning
public import Records
import Units

extension Question {
  /// What a deployed option is asked under a load.
  init(_ option: PlanOption, of model: Model, on machine: Machine, workload: Workload) {
    self.init(
      machine: machine,
      form: ModelForm(
        name: option.quantization, model: model, tensors: model.tensors,
        weightBytes: option.tensorBytes?.value ?? model.tensorBytes?.value ?? .zero),
      engine: option.engine, placement: option.placement, contextLength: option.contextLength,
      parallel: option.parallel * max(1, option.placement.replicas), threads: option.launch?.threads,
      promptThreads: option.threads?.prompt, workload: workload)
  }
}

extension BenchmarkSettings {
  /// The load of the stage with the most in flight; nil where the lengths are a file's, or nobody keeps so many in flight.
  var workload: Workload? {
    guard dataset.kind == .synthetic, dataset.turns <= 1, search == nil,
      let most = stages.compactMap({ $0.load.concurrency }).max()
    else { return nil }
    return Workload(
      name: "benchmark", inputTokens: max(1, Int(dataset.inputLength.mean)),
      outputTokens: max(1, Int(dataset.outputLength.mean)), concurrency: most)
  }
}

extension Workspace {
  /// Sets beside a run what is predicted for its own load, rather than for that of the plan.
  public func predict(_ run: inout Run, of option: PlanOption, model: Model, under settings: BenchmarkSettings) {
    guard let machine = run.machine, let workload = settings.workload,
      let estimator = estimator(for: machine)
    else { return }
    var speed = estimator.prediction(Question(option, of: model, on: machine, workload: workload))
    speed.loadSeconds = speed.loadSeconds ?? run.predicted?.loadSeconds
    run.predicted = speed
    run.predictedFor = workload
  }
}
