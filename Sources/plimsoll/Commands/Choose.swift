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
    abstract: "Pick the engine and the parallelism for a model.",
    usage: "plimsoll choose MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll choose qwen3-8b --on apple-m2-16gb
        plimsoll choose model.gguf --on "2x rtx-4090, 128 GiB" --workload chat
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup var options: PlanOptions
  @OptionGroup(title: "Output") var explanation: ExplainOption
  @OptionGroup(title: "Output") var output: JSONOption

  func run() async throws {
    let context = machine.workspace()
    let found = try await model.found(context)
    let (request, planner) = try await context.asked(found, options, machine)
    let choice = EngineChoice(request, planner: planner)
    if output.json {
      try JSONOutput.print(choice)
    } else {
      Terminal.result(ChoiceSummary(choice, explains: explanation.explain).rendered())
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

/// Whether the reasons are shown in full.
struct ExplainOption: ParsableArguments {
  @Flag(help: "Show every reason, and how speed is made up.") var explain = false
}
