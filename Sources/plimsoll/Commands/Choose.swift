import ArgumentParser
import Engines
import Foundation
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units

/// Picks engine and parallelism for a model on a machine, and says why each other was not picked.
struct Choose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pick the engine and the parallelism for a model on a machine, with reasons.",
    discussion: "Example: plimsoll choose model.gguf --on \"2x rtx-4090, 128 GiB\" --workload chat")

  @Argument(help: "A model file or folder, hf:org/name[@revision][:file|:QUANT], or an https:// address.") var model:
    String
  @OptionGroup var machine: MachineOption
  @OptionGroup var load: WorkloadOption
  @Option(help: "Context of one stream, in tokens.") var context: TokenCount?
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let context = CommandContext()
    let profiles = machine.catalogue(context)
    let found = try await ModelSource(model, context: context).read().model
    let workload = try load.resolved(profiles)
    let target = try await machine.machine(context)
    let placing = Placing(
      machine: target, model: found,
      quantization: found.quantization?.value ?? "unknown", weightBytes: found.weightBytes ?? .zero, workload: workload,
      contextLength: self.context?.tokens ?? max(4096, workload.inputTokens + workload.outputTokens))
    let choice = EngineChoice(placing, estimator: context.estimator(profiles, for: target))
    if json { try JSONOutput.print(choice) } else { render(choice) }
    guard choice.chosen != nil else { throw NoEngine(choice: choice) }
  }

  private func render(_ choice: EngineChoice) {
    var table = TextTable(["engine", "parallelism", ">decode tok/s", "why"])
    for candidate in choice.candidates {
      if let refusal = candidate.refusal {
        table.add([candidate.engine.rawValue, "refused", "", "\(refusal.message) [\(refusal.code)]"])
        continue
      }
      let decode =
        candidate.speed?.decode.map { $0.expected.formatted(significant: 3) }
        ?? (candidate.speed?.prefill == nil ? "unknown" : "none")
      for (position, reason) in candidate.reasons.enumerated() {
        let first = position == 0
        table.add([
          first ? candidate.engine.rawValue : "", first ? candidate.placing?.words ?? "" : "", first ? decode : "",
          "\(reason.message) [\(reason.code)]",
        ])
      }
    }
    Terminal.result("\(choice.model) (\(choice.quantization)) on \(choice.machine)\n")
    Terminal.result(table.rendered())
  }
}

/// No engine can run the model on the machine.
private struct NoEngine: ExplainedError {
  var choice: EngineChoice
  var outcome: FailureOutcome { .doesNotFit }

  var reason: Reason {
    choice.candidates.compactMap { $0.placing?.refusal }.first
      ?? Reason(
        "no-engine", "no engine runs \(choice.model) on \(choice.machine)",
        remedy: choice.candidates.compactMap { $0.refusal?.remedy }.first)
  }
}
