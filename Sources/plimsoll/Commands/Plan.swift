import ArgumentParser
import Planning
import Platform
import Reporting
import Units

/// What a machine can carry of a model: every quantization side by side.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show every quantization of a model side by side: memory by part, largest context, speed, verdict.",
    discussion: """
      Example: plimsoll plan Qwen3-8B-BF16.gguf --on "rtx-4090, 64 GiB" --context 32768 --concurrency 4
      prices the file and what could be made of it on that machine, with room for four requests of 8192 tokens.
      """)
  @OptionGroup var model: ModelArgument
  @OptionGroup var options: PlanOptions
  @OptionGroup var machine: MachineOption
  @Flag(help: "Show where each figure of the chosen option comes from.") var explain = false
  @Flag(help: "Print JSON (plimsoll.plan/1).") var json = false

  func run() async throws {
    let context = CommandContext()
    let plan = try await context.plan(model, options, machine, findsLimits: true)
    if json { return try JSONOutput.print(plan) }
    Terminal.result(PlanSummary(plan, showsSources: explain).rendered())
  }
}
