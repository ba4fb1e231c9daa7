import Planning
import ArgumentParser
import Fitting
import Foundation
import Platform
import Profiles
import Reporting
import Units

/// Holds speed predictions against published measurements; `make accuracy-speed` calls it.
struct AccuracySpeed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy-speed", abstract: "Compare speed predictions with measured speeds.",
    discussion: "Example: plimsoll accuracy-speed --data ../shared --fit committed --out speed.json",
    shouldDisplay: false)

  enum Fit: String, ExpressibleByArgument, CaseIterable {
    case leaveDevicesOut = "leave-devices-out"
    case leaveModelsOut = "leave-models-out"
    case leaveSourcesOut = "leave-sources-out"
    case committed

    var leavingOut: LeavingOut? { LeavingOut(rawValue: rawValue) }
  }

  enum Grouping: String, ExpressibleByArgument, CaseIterable {
    case deviceClass = "class"
    case family, file, source, scenario
  }

  @Option(help: "A folder with devices*.json, single*.jsonl and serving*.jsonl, or one that holds it as speed/.")
  var data: String
  @Option(
    help:
      "Which constants: fits that each leave out a family of devices, a model of one, or a source; or the committed.")
  var fit: Fit = .leaveDevicesOut
  @Option(
    help: "What is scored apart: each class of devices, family (the worst first), file, source, or way of arriving.")
  var by: Grouping = .deviceClass
  @Flag(name: .customLong("by-family"), help: .private) var isByFamily = false
  @Option(help: "A file for the scores as JSON.") var out: String?
  @Option(help: "Write each prediction and its measurement to this file (JSON lines).") var rows: String?
  @Option(help: "Fit the constants on all of the data and write them to this file.") var writeFit: String?

  func run() async throws {
    let profiles = Profiles()
    let reference = try ReferenceData(ReferenceFiles(folder: data), shapes: try profiles.referenceShapes())
    if reference.unreadableLines > 0 { Terminal.note("\(reference.unreadableLines) lines are no measurements") }
    if let writeFit {
      let efficiencies = DefaultsFit(reference).efficiencies(
        origin: "fitted on published speeds (speed/README.md of the data)")
      try JSONOutput.text(efficiencies).appending("\n").write(toFile: writeFit, atomically: true, encoding: .utf8)
      return Terminal.note("wrote \(efficiencies.logarithms.count) constants to \(writeFit)")
    }
    let table =
      try fit.leavingOut.map { SpeedAccuracy.leavingOut($0, of: reference) }
      ?? SpeedAccuracy.score(reference, with: profiles.efficiencies())
    Terminal.result(rendered(table).rendered())
    Terminal.result("\n" + leftOut(of: reference).rendered())
    if let rows {
      let lines = table.rows.map { JSONOutput.line($0) }.joined(separator: "\n")
      try lines.appending("\n").write(toFile: rows, atomically: true, encoding: .utf8)
    }
    guard let out else { return }
    let document = Dictionary(uniqueKeysWithValues: table.overall.map { ($0.key.rawValue, $0.value) })
    try JSONOutput.text(document).appending("\n").write(toFile: out, atomically: true, encoding: .utf8)
  }
}
