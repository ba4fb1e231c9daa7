import Deployment
import ArgumentParser
import Platform
import Profiles
import Reporting
import Units
import Workflows

struct EnginesList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List engines with their builds, and why one can't be used.",
    usage: "plimsoll engines list [--json]",
    discussion: """
      Examples:
        plimsoll engines list
        plimsoll engines list --json
      """)
  @Flag(help: "Show what each engine cannot do.") var verbose = false
  @Flag(help: "Print JSON (plimsoll.engines/1).") var json = false

  func run() async throws {
    let table = EngineTable(found: await Workspace.ofCommand().engineFinder.all())
    if json { return try JSONOutput.print(table) }
    Terminal.result(table.rendered(showsLimits: verbose))
    for remedy in table.remedies { Terminal.note("  \(remedy)") }
  }
}
