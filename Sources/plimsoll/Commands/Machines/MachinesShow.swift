import ArgumentParser
import Hardware
import Platform
import Reporting
import Workflows

extension Machines {
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a machine: a screen of it, or each figure with its source.",
      usage: "plimsoll machines show MACHINE [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines show h100-sxm
          plimsoll machines show "2x rtx-4090, 128 GiB" --explain
          plimsoll machines show rtx-4090 --yaml > mine.yaml
          plimsoll machines show dgx-h100 --draw-svg dgx.svg
        """)
    @Argument(
      help: "A name, a profile, or \"2x rtx-4090, 128 GiB\".", completion: Completion.machines)
    var name: String
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Draw it in the terminal.") var draw = false
    @Option(name: .customLong("draw-svg"), help: ArgumentHelp("Write the drawing as SVG.", valueName: "file"))
    var drawSVG: String?
    @Flag(help: "Show where each figure comes from.") var explain = false
    @Flag(help: "Print a profile to edit and use with --on.") var yaml = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let workspace = names.workspace()
      let found = try workspace.machine(name)
      if let drawSVG { try workspace.writeDrawing(of: found, to: drawSVG) }
      if draw { return Terminal.result(MachineDrawing(found).text(width: workspace.terminal.width)) }
      if drawSVG != nil, !json { return }
      if json { return try JSONOutput.print(found) }
      if yaml { return Terminal.result(try MachineProfile.text(found)) }
      Terminal.result(MachineSummary(found, showsSources: explain).rendered())
    }
  }

  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare machines, figure by figure.",
      usage: "plimsoll machines compare MACHINE MACHINE... [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines compare rtx-4090 rtx-5090
          plimsoll machines compare h100-sxm "2x a100-sxm4-80gb"
        """)
    @Argument(
      help: ArgumentHelp("Two or more names, files or lines.", valueName: "machine"), completion: Completion.machines)
    var machines: [String]
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
      if machines.count < 2 { throw ValidationError("name two machines or more") }
    }

    func run() async throws {
      let workspace = names.workspace()
      let comparison = MachineComparison(try machines.map { try workspace.machine($0) })
      if json { return try JSONOutput.print(comparison) }
      Terminal.result(comparison.rendered())
    }
  }
}
