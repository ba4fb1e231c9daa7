import ArgumentParser
import Platform
import Records
import Reporting
import Units
import Workflows

extension Runs {
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one run with its figures.",
      usage: "plimsoll runs show [RUN] [--json]",
      discussion: """
        Examples:
          plimsoll runs show last
          plimsoll runs show last-1 --json

        Name a run by its identifier, by the start or end of it, or as last or last-1.
        """)
    @Argument(help: ArgumentHelp("A run.", valueName: "run"), completion: Completion.runs)
    var id = "last"
    @Flag(help: "Show every figure with its source.") var verbose = false
    @Flag(help: "Print JSON (plimsoll.run/1).") var json = false

    func run() async throws {
      let context = Workspace.ofCommand()
      let archive = try RunStore.reading(path: context.folders.database).archive(id).summarized
      if json { return try JSONOutput.print(archive.run) }
      guard verbose else { return Terminal.result(BenchScreen(archive.run, showsSubject: true).rendered()) }
      let report = RunReport([archive], createdAt: context.clock.wallSeconds())
      Terminal.result(try PlainReport().render(report))
    }
  }
}
