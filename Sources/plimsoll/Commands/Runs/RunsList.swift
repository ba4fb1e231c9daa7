public import ArgumentParser
import Platform
public import Records
import Reporting
import Units
import Workflows

extension Runs {
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List runs, the latest first.",
      usage: "plimsoll runs list [OPTIONS]",
      discussion: """
        Examples:
          plimsoll runs list --limit 10
          plimsoll runs list --model smollm2 --valid
        """)
    @Option(help: "Only of models or quantizations with this text.") var model: String?
    @Option(help: "Only runs on this engine.") var engine: String?
    @Option(help: "Only runs on this machine.") var machine: String?
    @Option(help: "Only runs with this tag.") var tag: String?
    @Option(help: "Only running, complete, incomplete or failed runs.") var status: Run.Status?
    @Flag(help: "Only runs with valid figures.") var valid = false
    @Option(help: ArgumentHelp("Only the latest n.", valueName: "n")) var limit: Int?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      var filter = RunFilter()
      filter.model = model
      filter.engine = engine
      filter.machine = machine
      filter.tag = tag
      filter.status = status
      filter.isValid = valid ? true : nil
      let none =
        filter == RunFilter()
        ? "No runs are stored. plimsoll run MODEL or plimsoll bench URL makes one." : "No stored run matches."
      filter.limit = limit
      let found = try RunStore.reading(path: Workspace.ofCommand().folders.database).list(filter)
      if json { return try JSONOutput.print(RunTable(found)) }
      Terminal.result(found.isEmpty ? none : RunTable(found).rendered())
    }
  }
}

extension Run.Status: ExpressibleByArgument {}
