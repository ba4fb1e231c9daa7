import Benchmarking
import Deployment
import Engines
public import Hardware
import Models
import Planning
import Platform
import Records
import Units

/// Times the accelerators through the engine that is installed: how fast it reads a prompt and writes an answer of the
/// smallest model at hand, one request at a time.
///
/// A small model tells that driver, engine and card work together and how long a token takes at least; it does not fill the
/// card's memory bandwidth. Each run is kept, and corrects later predictions as any other does.
public struct AcceleratorJob: Sendable {
  let workspace: Workspace
  let say: @Sendable (String) -> Void

  /// - Parameter say: takes a line for each step.
  public init(in workspace: Workspace, say: @escaping @Sendable (String) -> Void) {
    self.workspace = workspace
    self.say = say
  }

  /// Returns the machine with what was timed on one accelerator of each kind.
  ///
  /// - Throws: `Failure` where there is no accelerator, no model, or an engine that computes on processors alone;
  ///   `DeploymentError` where no engine is installed or it fails; `CancellationError`.
  public func measured(_ machine: Machine) async throws -> Machine {
    let model = try model(for: machine)
    var machine = machine
    for alike in Self.kinds(machine) {
      let index = alike[0]
      let others = alike.count > 1 ? " (\(alike.count - 1) more like it are not timed)" : ""
      say("time gpu\(index), \(printable(machine.accelerators[index].fullName))\(others)")
      let rest = Set(machine.accelerators.indices).subtracting([index])
      machine.accelerators[index].engineSpeeds = [try await speed(of: model, on: machine.without(accelerators: rest))]
    }
    return machine
  }

  /// Makes sure that there is something to time and a model to do it with, before anything takes time.
  ///
  /// - Throws: `Failure`.
  public func check(_ machine: Machine) throws { _ = try model(for: machine) }

  private func model(for machine: Machine) throws -> String {
    guard !machine.accelerators.isEmpty else {
      throw Failure(
        .failed, .noAccelerator, "no accelerator was found to measure",
        remedy: "if there is one, plimsoll doctor says what is missing")
    }
    return try smallestModel()
  }

  /// Accelerators by what they are: equal ones need not all be timed.
  static func kinds(_ machine: Machine) -> [[Int]] {
    var kinds: [[Int]] = []
    for (index, device) in machine.accelerators.enumerated() {
      let place = kinds.firstIndex { kind in
        let first = machine.accelerators[kind[0]]
        return first.fullName == device.fullName && first.memoryBytes?.value == device.memoryBytes?.value
          && first.partition == device.partition
      }
      if let place { kinds[place].append(index) } else { kinds.append([index]) }
    }
    return kinds
  }

  private func smallestModel() throws -> String {
    let folder = workspace.folders.models
    let files = DiskTree().list(folder).filter { $0.hasSuffix(".gguf") }.map { "\(folder)/\($0)" }
    guard let smallest = files.min(by: { (fileSize($0) ?? .max, $0) < (fileSize($1) ?? .max, $1) }) else {
      throw Failure(
        .failed, .noModelAtHand, "there is no model in \(folder) to measure a GPU with",
        remedy: "plimsoll engines install demo-models")
    }
    return smallest
  }

  private func speed(of model: String, on machine: Machine) async throws -> EngineSpeed {
    var load = MainJobLoad()
    load.concurrency = [1]
    load.inputTokens = 512
    load.outputTokens = 64
    load.isOnAcceleratorsOnly = true
    var listener = MainJob.Listener()
    listener.say = say
    let outcome = try await MainJob(workspace, load: load, listener: listener)
      .done(model, on: machine, tags: ["accelerators"])
    let run = outcome.archive.run
    if run.engineMemory?.layersOnAccelerators == 0 {
      throw Failure(
        .engineFailed, .engineWithoutAccelerator,
        "\(run.engine ?? "the engine") put no layer on the accelerator: it is built for processors alone",
        remedy: "install a build for this accelerator and name it in config.yaml: plimsoll engines")
    }
    say(outcome.lesson)
    return EngineSpeed(run)
  }
}

extension EngineSpeed {
  /// What a run of one request at a time measured.
  init(_ run: Run) {
    let model = [run.model?.name, run.model?.quantization].compactMap { $0 }.joined(separator: " ")
    self.init(engine: [run.engine, run.engineBuild].compactMap { $0 }.joined(separator: " "), model: model)
    let date = String(isoTimestamp(run.startedAt).prefix(10))
    let summary = run.summary
    let requests = max(1, summary.completed)
    func figure(_ value: Double, _ what: String) -> Figure<Double> {
      Figure(value, Source(.measured, "run \(run.id), \(what), median of \(requests) requests", date: date))
    }
    let read = Double(summary.inputTokens ?? 0) / Double(requests) * (1 - (summary.cachedShare ?? 0))
    if let first = summary.timeToFirstToken.p50, first > 0, read >= 1, summary.cachedShare ?? 0 <= 0.25 {
      promptTokensPerSecond = figure(read / first, "prompts of \(Int(read)) tokens until the first token")
    }
    if let token = summary.timePerOutputToken.p50, token > 0 {
      answerTokensPerSecond = figure(1 / token, "time for each token after the first")
    }
  }
}
