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
    @Argument(help: ArgumentHelp("A run.", valueName: "run"), completion: Completion.runs) var id: String
    @Argument(help: ArgumentHelp("Tags to add.", valueName: "tag")) var tags: [String] = []
    @Option(name: .customLong("remove"), help: ArgumentHelp("Tag to remove; repeatable.", valueName: "tag"))
    var removed: [String] = []

    func run() async throws {
      try RunStore(path: Workspace.ofCommand().folders.database).tag(id, adding: tags, removing: removed)
    }
  }
}
