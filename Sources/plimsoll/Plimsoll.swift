import ArgumentParser

/// The command line: parse, call, render.
@main
struct Plimsoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plimsoll",
    abstract: "Finds what a machine can safely carry of a language model, deploys it, measures it, and compares.",
    version: "0.1.0",
    subcommands: []
  )
}
