import ArgumentParser
import Engines
import Hardware
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// Measures this machine for a minute and corrects predictions by it.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure this machine to correct predictions.",
    usage: "plimsoll calibrate [MODEL] [OPTIONS]",
    discussion: """
      Examples:
        plimsoll calibrate SmolLM2-135M-Instruct.Q4_1.gguf --threads 1
        plimsoll calibrate

      Without a model, shows what was measured. Uses llama-bench if it is installed, else the server.
      """)

  @Argument(help: "A model file or folder.", completion: Completion.models)
  var model: String?
  @Option(help: ArgumentHelp("CPU threads; repeatable.", valueName: "n")) var threads: [Int] = []
  @Flag(help: "Forget what was measured before.") var forget = false
  @Flag(help: "Print JSON (plimsoll.calibration/1).") var json = false

  func validate() throws {
    guard threads.allSatisfy({ (1...4096).contains($0) }) else { throw ValidationError("--threads is from 1 to 4096") }
  }

  func run() async throws {
    let context = Workspace.ofCommand()
    var machine = await context.thisMachine()
    if machine.memory.bandwidth == nil { try context.measure(&machine) }
    if forget { try context.keep(SpeedCalibration(machine: machine.name)) }
    if let model {
      let found = try ModelReader.read(path: model)
      let estimator = SpeedEstimator(try context.catalogue().efficiencies())
      for count in threads.isEmpty ? [ThreadChoice(on: machine)?.threads] : threads.map({ Optional($0) }) {
        let measurement = CalibrationMeasurement(
          context, machine: machine, model: found, threads: count, estimator: estimator)
        _ = try context.learn(try await measurement.samples(), on: machine.name)
      }
    }
    guard let calibration = context.calibration() else {
      return Terminal.result("nothing has been measured; name a model to measure it")
    }
    if json { return try JSONOutput.print(calibration) }
    Terminal.result(calibration.rendered())
    let constants = try context.catalogue().efficiencies()
    let stale = calibration.samples.count - calibration.made(with: constants).samples.count
    guard stale > 0 else { return }
    Terminal.note(
      "\(stale) of these are not used: they were predicted with other constants; measure again, or --forget")
  }
}
