import ArgumentParser
import Platform
import Reporting
import Workflows

/// Writes reports on stored runs.
struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a report on a run, or a comparison of several.",
    usage: "plimsoll report [RUN...] [OPTIONS]",
    discussion: """
      Examples:
        plimsoll report last --format html --to reports
        plimsoll report last-1 last

      Name a run by its identifier, by the start or end of it, or as last or last-1.
      """)

  @Argument(
    help: ArgumentHelp("Runs; the first is the baseline.", valueName: "run"), completion: Completion.runs)
  var runs: [String] = ["last"]
  @OptionGroup var output: ReportOutput
  @Flag(help: "Print the report as JSON instead of writing files.") var json = false

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let report = try RunComparing(in: workspace).compared(runs, learns: false)
      .report(at: workspace.clock.wallSeconds())
    if json { return try JSONOutput.print(report) }
    for path in try output.write(report) { Terminal.result(path) }
  }
}

/// Where reports go and in which formats.
struct ReportOutput: ParsableArguments {
  @Option(
    name: .customLong("to"), help: ArgumentHelp("Folder for the files.", valueName: "dir"),
    completion: .directory)
  var folder = "reports"

  @Option(
    name: .customLong("format"), parsing: .upToNextOption,
    help: ArgumentHelp("md, html, json or csv; repeatable.", valueName: "format"))
  var formats: [String] = ["md", "html", "json"]

  func validate() throws {
    for word in formats.flatMap({ $0.split(separator: ",") }) where ReportFormat(parsing: String(word)) == nil {
      throw ValidationError("\(word) is not a report format; use md, html, json or csv")
    }
  }

  func write(_ report: RunReport) throws -> [String] {
    let wanted = formats.flatMap { $0.split(separator: ",") }.compactMap { ReportFormat(parsing: String($0)) }
    return try ReportWriter.write(report, to: folder, wanted)
  }
}
