import ArgumentParser
import Platform
import Reporting
import Units
import Workflows

/// The command line: parse, call, render.
struct Plimsoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plimsoll",
    abstract: "Sizes, deploys and measures language models on your own hardware.",
    usage: "plimsoll COMMAND [OPTIONS]",
    version: "plimsoll \(ProgramVersion.current)",
    subcommands: [Supervise.self, Bind.self, AccuracySpeed.self],
    groupedSubcommands: [
      CommandGroup(name: "Find", subcommands: [RecommendCommand.self, ModelsCommand.self, Inspect.self]),
      CommandGroup(name: "Plan", subcommands: [PlanCommand.self, FitCommand.self, Choose.self, Size.self]),
      CommandGroup(
        name: "Run",
        subcommands: [
          RunCommand.self, Deploy.self, Chat.self, Ps.self, Logs.self, Stop.self, Restart.self, EnginesCommand.self,
        ]),
      CommandGroup(
        name: "Measure", subcommands: [Bench.self, Runs.self, Report.self, Compare.self, Calibrate.self]),
      CommandGroup(name: "Machine", subcommands: [Probe.self, Machines.self, DoctorCommand.self]),
      CommandGroup(name: "Serve", subcommands: [Serve.self]),
      CommandGroup(name: "Cluster", subcommands: [RayCommand.self]),
    ]
  )

  /// Without a command: what this machine is, and what to try.
  func run() async throws {
    Terminal.result(Welcome(await Workspace.ofCommand().thisMachine()).rendered())
  }
}
