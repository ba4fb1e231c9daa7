public import ArgumentParser
import Engines
public import Planning
import Workflows

/// What the best is the best for.
struct ObjectiveOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Goal: interactive, quality, speed, throughput, memory.", valueName: "goal"))
  var objective: Objective.Kind?
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("Use: chat, code, reasoning, vision, rag, embedding.", valueName: "use"))
  var use: Use?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rank slower options last (default: 10; 20 for code).",
      valueName: "tok/s"))
  var minSpeed: Double?
  @Flag(help: "Keep the whole model on the GPUs.") var gpuOnly = false

  func validate() throws {
    if let minSpeed, !minSpeed.isFinite || minSpeed < 0 || minSpeed > 1e6 {
      throw ValidationError("--min-speed is a number of tokens a second, 0 or more")
    }
  }

  func apply(to wishes: inout PlanWishes) {
    (wishes.objective, wishes.use) = (objective, use)
    (wishes.leastTokensPerSecond, wishes.isOnAcceleratorsOnly) = (minSpeed, gpuOnly)
  }
}

extension Objective.Kind: ExpressibleByArgument {}

extension Use: ExpressibleByArgument {}
