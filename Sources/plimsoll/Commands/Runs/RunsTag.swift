import ArgumentParser
import Platform
import Records
import Workflows

extension Runs {
  struct Tag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add or remove a run's tags.",
      usage: "plimsoll runs tag RUN [TAG...] [--remove TAG]",
      discussion: """
        Examples:
          plimsoll runs tag last nightly quiet
          plimsoll runs tag last --remove nightly
        """)
    @Argument(help: "The run.", completion: Completion.runs) var id: String
    @Argument(help: "Tags to add.") var tags: [String] = []
    @Option(name: .customLong("remove"), help: "A tag to take away; may be repeated.") var removed: [String] = []

    func run() async throws {
      try RunStore(path: Workspace.ofCommand().folders.database).tag(id, adding: tags, removing: removed)
    }
  }
}
