import ArgumentParser

/// Profiles of machines: probed, from the catalogue, or written by hand.
struct Machines: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, validate and compare machine profiles.",
    discussion: """
      Examples:
        plimsoll machines list rtx
        plimsoll machines compare apple-m4-pro-48gb "2x rtx-4090, 128 GiB"
      """,
    subcommands: [List.self, Show.self, Validate.self, Compare.self], defaultSubcommand: List.self)
}
