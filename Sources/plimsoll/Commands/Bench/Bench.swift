import ArgumentParser
import Platform

/// Measures a server.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure a server, or test the load generator.",
    subcommands: [BenchServer.self, BenchSelftest.self],
    defaultSubcommand: BenchServer.self, helpNames: [])
}
