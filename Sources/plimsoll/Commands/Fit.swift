import ArgumentParser
import Planning
import Platform
import Reporting
import Units
import Workflows

/// The best that fits, as an expert would say it.
struct FitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Name the best quantization for a machine, and the runner-up.",
    usage: "plimsoll fit MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll fit qwen3-8b --on "rtx-4090, 64 GiB"
        plimsoll fit model.gguf --json
      """)
  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup var options: PlanOptions
  @OptionGroup(title: "Output") var output: JSONOption

  func run() async throws {
    let context = machine.workspace()
    let plan = try await context.plan(try await model.found(context), options, machine, findsLimits: true)
    let isHere = machine.expression == nil
    let instead = output.json ? nil : context.alternative(to: plan, for: options.objectives.use)
    if output.json {
      try JSONOutput.print(plan)
    } else if plan.chosen != nil {
      let name = isHere ? model.model : nil
      Terminal.result(FitScreen(plan, runName: name, instead: instead, isThisMachine: isHere).rendered())
    }
    try plan.requireAnswer(instead: instead)
  }
}
