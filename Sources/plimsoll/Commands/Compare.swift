import ArgumentParser
import Platform
import Reporting
import Workflows

/// Compares stored runs and says what the difference is worth.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare runs: faster, slower, same or undecided.",
    usage: "plimsoll compare RUN RUN... [OPTIONS]",
    discussion: """
      Examples:
        plimsoll compare last-1 last
        plimsoll compare --last 4 --tag nightly --gate

      The first run is the baseline. Comparing equal runs teaches Plimsoll this machine's noise floor.
      """)

  @Argument(
    help: ArgumentHelp("Runs; the first is the baseline.", valueName: "run"), completion: Completion.runs)
  var runs: [String] = []
  @Option(help: ArgumentHelp("Compare the latest n runs.", valueName: "n")) var last: Int?
  @Option(help: "With --last: only runs with this tag.") var tag: String?
  @Option(help: ArgumentHelp("Call differences up to this many percent the same.", valueName: "percent"))
  var within = 2.0
  @OptionGroup var output: ReportOutput
  @Flag(help: "Exit code 6 if a run is slower or invalid.") var gate = false
  @Flag(help: "Write no report.") var noReport = false
  @Flag(help: "Print JSON, and write no report.") var json = false

  func validate() throws {
    guard last == nil ? runs.count >= 2 : runs.isEmpty && (last ?? 0) >= 2 else {
      throw ValidationError("name two runs or more, or use --last with two or more")
    }
    guard within > 0, within < 100 else { throw ValidationError("--within is a per cent between 0 and 100") }
  }

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let comparison = try RunComparing(in: workspace).compared(runs, latest: last, tag: tag, within: within / 100)
    if json {
      try JSONOutput.print(comparison.document)
    } else {
      Terminal.result(comparison.rendered())
      if !noReport {
        Terminal.result(ReportWriter.sentence(try output.write(comparison.report(at: workspace.clock.wallSeconds()))))
      }
    }
    if gate { try comparison.requireNoRegression() }
  }
}
