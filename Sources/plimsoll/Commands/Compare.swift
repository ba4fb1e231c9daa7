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

      Every run is compared with the first. Comparing equal runs teaches this machine's noise floor, which later \
      verdicts must exceed.
      """)

  @Argument(
    help: ArgumentHelp("The runs; the first is the baseline.", valueName: "run"), completion: Completion.runs)
  var runs: [String] = []
  @Option(help: ArgumentHelp("Compare the latest n runs instead.", valueName: "n")) var last: Int?
  @Option(help: "With --last: only runs with this tag.") var tag: String?
  @Option(help: ArgumentHelp("Differences up to this many per cent are the same.", valueName: "percent"))
  var within = 2.0
  @OptionGroup var output: ReportOutput
  @Flag(help: "Exit with 6 where a run is slower than the first, or invalid.") var gate = false
  @Flag(help: "Print the verdicts without writing a report.") var noReport = false
  @Flag(help: "Print JSON; no report is written.") var json = false

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
        for path in try output.write(comparison.report(at: workspace.clock.wallSeconds())) { Terminal.result(path) }
      }
    }
    if gate { try comparison.requireNoRegression() }
  }
}
