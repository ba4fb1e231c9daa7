import ArgumentParser
import Engines
import Hardware
import Models
import Planning
import Platform
import Profiles
import Reporting
import Units

/// Measures this machine for a minute and corrects predictions by it.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model briefly on this machine, and correct all later predictions by it.",
    discussion: """
      Example: plimsoll calibrate SmolLM2-135M-Instruct.Q4_1.gguf --threads 1
      Without a model it shows what has been measured. llama-bench is used where it is installed, else the server.
      """)

  @Argument(help: "A model file or folder; without it the stored calibration is shown.") var model: String?
  @Option(help: "Threads for computing; repeatable.") var threads: [Int] = []
  @Flag(help: "Forget what was measured before.") var forget = false
  @Flag(help: "Print JSON (plimsoll.calibration/1).") var json = false

  func validate() throws {
    guard threads.allSatisfy({ (1...4096).contains($0) }) else { throw ValidationError("--threads is from 1 to 4096") }
  }

  func run() async throws {
    let context = CommandContext()
    var machine = await context.thisMachine()
    if machine.memory.bandwidth == nil { try context.measure(&machine) }
    if forget { try context.keep(SpeedCalibration(machine: machine.name)) }
    if let model {
      let found = try ModelReader.read(path: model)
      let profiles = context.catalogue()
      let estimator = SpeedEstimator(try profiles.efficiencies())
      for count in threads.isEmpty ? [ThreadChoice(on: machine)?.threads] : threads.map({ Optional($0) }) {
        let measurement = CalibrationMeasurement(
          context: context, machine: machine, model: found, threads: count, estimator: estimator)
        _ = try context.learn(try await measurement.samples(), on: machine.name)
      }
    }
    guard let calibration = context.calibration() else {
      return Terminal.result("nothing has been measured; name a model to measure it")
    }
    if json { return try JSONOutput.print(calibration) }
    Terminal.result(table(calibration).rendered())
    let constants = try context.catalogue().efficiencies()
    let stale = calibration.samples.count - calibration.made(with: constants).samples.count
    guard stale > 0 else { return }
    Terminal.note(
      "\(stale) of these are not used: they were predicted with other constants; measure again, or --forget")
  }

  private func table(_ calibration: SpeedCalibration) -> TextTable {
    var table = TextTable(
      [
        "measure", "engine", "kind", ">threads", ">in flight", ">predicted", ">measured", ">ratio", "source",
      ], optional: ["in flight", "threads", "kind"])
    for sample in calibration.samples {
      table.add([
        sample.measure.rawValue, sample.engine, sample.quantKind.rawValue, sample.threads.map { "\($0)" } ?? "",
        "\(Int(sample.streams ?? 1))",
        sample.predicted.formatted(significant: 3), sample.measured.formatted(significant: 3),
        (sample.measured / sample.predicted).formatted(decimals: 2), sample.source.detail,
      ])
    }
    return table
  }
}
