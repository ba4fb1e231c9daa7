import ArgumentParser
import Engines
import Foundation
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// Picks engine and parallelism for a model on a machine, and says why each other was not picked.
struct Choose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pick the engine and the parallelism for a model on a machine, with reasons.",
    discussion: "Example: plimsoll choose model.gguf --on \"2x rtx-4090, 128 GiB\" --workload chat")

  @Argument(help: "A model file or folder, hf:org/name[@revision][:file|:QUANT], or an https:// address.") var model:
    String
  @OptionGroup var machine: MachineOption
  @OptionGroup var load: WorkloadOption
  @Option(help: "Consider only this engine: llama.cpp, ampere-llama.cpp, mlx or vllm; may be repeated.")
  var engine: [EngineKind] = []
  @Option(help: "Context of one stream, in tokens.") var context: TokenCount?
  @Option(
    parsing: .unconditional, help: "Threads of one server; by default as many as are predicted to be fastest.")
  var threads: Int?
  @Flag(help: "Show each term of the chosen engine's speed.") var explain = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads is 1 to 4,096") }
  }

  func run() async throws {
    let context = machine.workspace()
    let found = try await ModelSource(model, in: context).read().model
    let workload = try load.resolved(context.catalogue())
    let target = try await machine.machine(context)
    var placing = Placing(
      machine: target, model: found,
      quantization: found.quantization?.value ?? "unknown", weightBytes: found.weightBytes ?? .zero, workload: workload,
      contextLength: self.context?.tokens ?? max(4096, workload.inputTokens + workload.outputTokens))
    placing.threads = threads
    let choice = EngineChoice(
      placing, engines: engine.isEmpty ? EngineKind.allCases : engine,
      estimator: context.estimator(for: target))
    if json {
      try JSONOutput.print(choice)
    } else {
      Terminal.result(ChoiceSummary(choice, explains: explain).rendered())
    }
    guard choice.chosen != nil else { throw NoEngine(choice: choice) }
  }
}

/// No engine can run the model on the machine.
private struct NoEngine: ExplainedError {
  var choice: EngineChoice
  var outcome: FailureOutcome { .doesNotFit }
  var reason: Reason {
    choice.refusal ?? Reason(.noEngine, "no engine runs \(choice.model) on \(choice.machine)")
  }
}
