import ArgumentParser
import Hardware
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// What this machine is, or what a dump says of another.
struct Probe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show this machine, or read another machine's dump.",
    usage: "plimsoll probe [OPTIONS]",
    discussion: """
      Examples:
        plimsoll probe --explain
        plimsoll probe --from lstopo.xml --from nvidia-smi.xml --save their-server

      Name a saved machine with --on in any command.
      """)
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Another machine's dump or archive; repeatable.",
      valueName: "path"))
  var inputs: [String] = []
  @Option(help: ArgumentHelp("Save the machine as a profile.", valueName: "name")) var save: String?
  @Flag(help: "Let --save overwrite a profile.") var replace = false
  @Flag(help: "Measure memory and disk; takes a few seconds.") var measure = false
  @Flag(help: "With --measure: measure GPUs too; takes a minute.")
  var accelerators = false
  @Flag(help: "Draw the topology in the terminal.") var draw = false
  @Option(help: ArgumentHelp("Write the topology for lstopo -i.", valueName: "file")) var xml: String?
  @Flag(help: "Compare libhwloc with the kernel's own files.") var check = false
  @Option(name: .customLong("draw-svg"), help: ArgumentHelp("Write the drawing as SVG.", valueName: "file"))
  var drawSVG: String?
  @Option(help: ArgumentHelp("Write a report (.html or .md).", valueName: "file"), completion: .file()) var report:
    String?
  @Flag(help: "Show where each figure comes from.") var explain = false
  @Flag(help: "Print JSON (plimsoll.machine/1).") var json = false

  func validate() throws {
    try ReportFile.check(report)
    if replace, save == nil { throw ValidationError("--replace needs --save") }
    if xml != nil, !inputs.isEmpty {
      throw ValidationError("--xml writes this machine's topology; lstopo -i reads another's dump itself")
    }
    if check, inputs.count > 1 { throw ValidationError("--check takes one recorded tree") }
    if accelerators, !measure { throw ValidationError("--accelerators needs --measure") }
    if measure, !inputs.isEmpty { throw ValidationError("--measure is for this machine; --from reads another's dump") }
  }

  func run() async throws {
    let context = Workspace.ofCommand()
    if check { return try await TopologyCheck(tree: inputs.first, json: json).run() }
    if let xml { try context.writeTopology(to: xml) }
    if let save { try context.checkName(save, mayReplace: replace) }
    // What is kept is the machine, not what a container leaves of it.
    var machine = try await context.machine(described: inputs, isKept: save != nil)
    let timing = AcceleratorJob(in: context) { Terminal.note($0) }
    if accelerators { try timing.check(machine) }
    if measure { try context.measure(&machine) }
    if accelerators { machine = try await timing.measured(machine) }
    if let save { try context.keep(&machine, as: save) }
    if let drawSVG { try context.writeDrawing(of: machine, to: drawSVG) }
    if let report {
      try RunReport(machine, createdAt: context.clock.wallSeconds()).write(to: report)
    }
    defer { report.map { Terminal.note("Report: \($0)") } }
    if json { return try JSONOutput.print(machine) }
    if draw { return Terminal.result(MachineDrawing(machine).text(width: context.terminal.width)) }
    Terminal.result(MachineSummary(machine, showsSources: explain).rendered())
  }
}
