import ArgumentParser
import Benchmarking
import Platform
import Reporting
import Units
import Workflows

/// Tests the load generator against a server of known timing.
struct BenchSelftest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Test the load generator against a built-in server of known timing.",
    usage: "plimsoll bench selftest [OPTIONS]",
    discussion: """
      Examples:
        plimsoll bench selftest
        plimsoll bench selftest --streams 256 --speed

      Prints the client's error for each metric. Exit code 6 where one is wrong.
      """, helpNames: [.short, .long])

  @Option(help: "Streams at once.") var streams = 64
  @Flag(help: "Measure the client's top speed too.") var speed = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let report = try await SelftestReport.made(streams: streams, speed: speed)
    if json { try JSONOutput.print(report) } else { Terminal.result(report.rendered()) }
    if !report.isPassed {
      throw Failure(.invalidResult, .selftestFailed, "the load generator misread what the server sent")
    }
  }
}
