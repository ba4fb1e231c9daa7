import ArgumentParser
import Platform

/// The runs that are stored on this machine.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, tag, export and import measured runs.",
    discussion: """
      Examples:
        plimsoll runs
        plimsoll runs show last --json
      """,
    subcommands: [
      List.self, Show.self, Tag.self, Note.self, Export.self, Import.self, Merge.self, Delete.self,
    ],
    defaultSubcommand: List.self)
}
