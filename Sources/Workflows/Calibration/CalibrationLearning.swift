import Benchmarking
import Deployment
import Engines
public import Hardware
public import Models
public import Planning
import Platform
import Profiles
public import Records
import Units

/// What a finished run says of this machine's speed, beside what the shipped constants predict for it.
struct CalibrationLearning {
  var run: Run
  var machine: Machine
  var option: PlanOption
  var model: Model

  /// The largest cached share of prompts whose time still tells how fast they are read.
  private static let mostCached = 0.25
  /// Doubts that concern the tails of a distribution, and not its middle, or what is corrected for here.
  private static let harmless: Set<ReasonCode> = [.tooFewSamples, .templateCached]

  /// Why nothing is learned from the run; nil where something is.
  var refusal: String? {
    if run.status != .complete { return "the run is incomplete" }
    if isOnProcessor { return "the engine put no layer on the accelerator that was planned for it" }
    let doubts = run.validity.reasons.filter { !Self.harmless.contains($0.code) }
    if let first = doubts.first { return "\(first.message) [\(first.code)]" }
    if steady.isEmpty { return "no stage kept a steady number of requests in flight" }
    return stages.isEmpty ? "no stage has enough answers for a median" : nil
  }

  /// True where the plan has layers on an accelerator and the engine, a build for processors, put none there.
  private var isOnProcessor: Bool {
    !option.placement.devices.isEmpty && run.engineMemory?.layersOnAccelerators == 0
  }

  private var steady: [StageResult] { run.stages.filter { $0.concurrency != nil && $0.summary.errors == 0 } }

  private var stages: [StageResult] { steady.filter { $0.summary.timePerOutputToken.p50 != nil } }

  /// Up to two samples of each stage: the time of a token, and that of a prompt.
  func samples(by estimator: SpeedEstimator) -> [SpeedCalibration.Sample] {
    stages.flatMap { samples(of: $0, by: estimator) }
  }

  private func samples(of stage: StageResult, by estimator: SpeedEstimator) -> [SpeedCalibration.Sample] {
    guard let concurrency = stage.concurrency else { return [] }
    let summary = stage.summary
    let requests = Double(max(1, summary.completed))
    let prompt = Double(summary.inputTokens ?? 0) / requests
    // What was cached was not read.
    let input = prompt * (1 - (summary.cachedShare ?? 0))
    let output = Double(summary.outputTokens ?? 0) / requests
    guard input >= 1, output >= 2 else { return [] }
    func predicted(_ input: Double) -> SpeedPrediction {
      let workload = Workload(
        name: "run", inputTokens: Int(input), outputTokens: Int(output), concurrency: concurrency)
      return estimator.prediction(Question(option, of: model, on: machine, workload: workload))
    }
    let prediction = predicted(input)
    let isAlone = concurrency == 1
    // Of a prompt that was mostly cached, the time is that of everything but reading it.
    let isRead = (summary.cachedShare ?? (run.benchmark?.cache == .cold ? 0 : 1)) <= Self.mostCached
    let token = summary.timePerOutputToken.p50
    let first = isRead ? summary.timeToFirstToken.p50 : nil
    let samples = [
      sample(
        isAlone ? .decode : .servingTimePerOutputToken,
        // Each token attends to the whole prompt, cached or not.
        isAlone ? predicted(prompt).decode : prediction.timePerOutputToken,
        measured: isAlone ? token.map { 1 / $0 } : token, concurrency, estimator),
      sample(
        isAlone ? .prefill : .servingTimeToFirstToken, isAlone ? prediction.prefill : prediction.timeToFirstToken,
        measured: isAlone ? first.map { input / $0 } : first, concurrency, estimator),
    ]
    return samples.compactMap { $0 }
  }

  private func sample(
    _ measure: SpeedMeasure, _ predicted: Band?, measured: Double?, _ concurrency: Int, _ estimator: SpeedEstimator
  ) -> SpeedCalibration.Sample? {
    guard let predicted, let measured, measured > 0, measured.isFinite else { return nil }
    return SpeedCalibration.Sample(
      measure: measure, engine: option.engine.speedName, quantKind: QuantKind(named: option.quantization),
      threads: option.launch?.threads, streams: concurrency > 1 ? Double(concurrency) : nil,
      weightBytes: (option.tensorBytes ?? model.tensorBytes).map { Double($0.value.bytes) },
      predicted: predicted.expected, measured: measured,
      source: Source(.measured, "run \(run.id): \(model.name)"), constants: estimator.efficiencies.fingerprint)
  }
}

extension Workspace {
  /// Lets a finished run correct later predictions on this machine, and says in one line what came of it.
  public func learn(from run: Run, option: PlanOption, model: Model, on machine: Machine) -> String {
    let learning = CalibrationLearning(run: run, machine: machine, option: option, model: model)
    if let refusal = learning.refusal { return "Not used for calibration: \(refusal)" }
    guard let efficiencies = try? catalogue().efficiencies() else {
      return "Not used for calibration: the speed model's constants could not be read"
    }
    let samples = learning.samples(by: SpeedEstimator(efficiencies))
    if samples.isEmpty { return "Not used for calibration: this machine's speed could not be predicted" }
    do { _ = try learn(samples, on: machine.name) } catch {
      return "Not used for calibration: \((error as? any ExplainedError)?.reason.message ?? "\(error)")"
    }
    let words = samples.map { "\($0.measure.rawValue) x\(($0.measured / $0.predicted).formatted(decimals: 2))" }
    let isOfPrompts = samples.contains { [.prefill, .servingTimeToFirstToken].contains($0.measure) }
    let absent = isOfPrompts ? "" : " Prompt speeds are left out: the server may have cached prompts."
    return "Predictions for this machine now use this run (\(words.joined(separator: ", ")))."
      + "\(absent) plimsoll calibrate shows what was learned; --forget drops it."
  }
}

extension Workspace {
  /// Learns from a benchmark of a deployment on this machine; nil where the target is none.
  public func lesson(of run: Run) -> String? {
    guard let machine = run.machine, let deployment = deployer.list().first(where: { $0.name == run.target }),
      let option = deployment.option, let model = try? ModelReader.read(path: deployment.modelPath)
    else { return nil }
    return learn(from: run, option: option, model: model, on: machine)
  }
}
