import ArgumentParser

/// The command line: parse, call, render.
struct Plimsoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plimsoll",
    abstract: "Finds what a machine can safely carry of a language model, deploys it, measures it, and compares.",
    discussion: """
      Example: plimsoll run SmolLM2-135M-Instruct.Q4_1.gguf
      probes this machine, plans, deploys, benchmarks, stores, and writes a report.

      Exit codes: 0 done; 1 failed; 2 wrong usage; 3 does not fit or no engine can; 4 input refused; 5 the engine
      failed; 6 a result is invalid or a threshold was missed; 130 interrupted.
      """,
    version: plimsollVersion,
    // In the order of the main job, then what manages its parts.
    subcommands: [
      RunCommand.self,
      Probe.self,
      Machines.self,
      Inspect.self,
      ModelsCommand.self,
      PlanCommand.self,
      FitCommand.self,
      Choose.self,
      Size.self,
      Calibrate.self,
      EnginesCommand.self,
      Deploy.self,
      Ps.self,
      Logs.self,
      Stop.self,
      Restart.self,
      Supervise.self,
      Bind.self,
      RayCommand.self,
      Bench.self,
      Runs.self,
      Report.self,
      Compare.self,
      DoctorCommand.self,
      AccuracySpeed.self,
    ]
  )
}

/// The version of this program, also stored with each run.
let plimsollVersion = "0.1.0"
