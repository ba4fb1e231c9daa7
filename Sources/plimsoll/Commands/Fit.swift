import ArgumentParser
import Planning
import Platform
import Reporting
import Units
import Workflows

/// The best that fits, in one sentence.
struct FitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Say which quantization and settings of a model are best for a machine, why, and what comes next.",
    discussion: """
      Example: plimsoll fit Qwen3-8B-BF16.gguf --on "rtx-4090, 64 GiB"
      names one quantization with its context and the reason; exit code 3 where nothing fits.
      """)
  @OptionGroup var model: ModelArgument
  @OptionGroup var options: PlanOptions
  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON (plimsoll.plan/1).") var json = false

  func run() async throws {
    let context = machine.workspace()
    let plan = try await context.plan(try await model.found(context), options, machine, findsLimits: true)
    if json {
      try JSONOutput.print(plan)
    } else {
      Terminal.result(FitSentence(plan).text)
    }
    try plan.requireAnswer()
  }
}
