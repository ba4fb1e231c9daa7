import ArgumentParser
import Platform
import Records
import Units
import Workflows

extension Runs {
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete runs with their requests.",
      usage: "plimsoll runs delete RUN... [--force]",
      discussion: """
        Examples:
          plimsoll runs delete 20261122-2103
          plimsoll runs delete last --force
        """)
    @Argument(help: ArgumentHelp("Runs.", valueName: "run"), completion: Completion.runs) var ids: [String]
    @Flag(help: "Delete a run even while it is measured.") var force = false

    func run() async throws {
      let store = try RunStore(path: Workspace.ofCommand().folders.database)
      let found = try ids.map { try store.identifier($0) }
      for id in found {
        try store.delete(id, force: force)
        Terminal.result("deleted \(id)")
      }
    }
  }
}
