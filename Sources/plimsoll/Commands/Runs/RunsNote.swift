import ArgumentParser
import Platform
import Records
import Workflows

extension Runs {
  struct Note: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a run's note, or remove it.",
      usage: "plimsoll runs note RUN [WORDS...]",
      discussion: """
        Examples:
          plimsoll runs note last after the fan was cleaned
          plimsoll runs note last
        """)
    @Argument(help: ArgumentHelp("A run.", valueName: "run"), completion: Completion.runs) var id: String
    @Argument(help: "The note; none removes it.") var words: [String] = []

    func run() async throws {
      let note = words.isEmpty ? nil : words.joined(separator: " ")
      try RunStore(path: Workspace.ofCommand().folders.database).note(id, note)
    }
  }
}
