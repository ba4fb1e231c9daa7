import ArgumentParser
import Benchmarking
import Hardware
import Platform
import Records
import Reporting
import Units

/// Writes reports on stored runs.
struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a report on one run, or one that puts several side by side.",
    discussion: """
      Example: plimsoll report last --format html --to reports
      A run is named by its identifier, the start or the end of it, `last` or `last-1`.
      """)

  @Argument(help: ArgumentHelp("The runs; the first is the baseline.", valueName: "run")) var runs: [String] = ["last"]
  @OptionGroup var output: ReportOutput
  @Flag(help: "Print the report as JSON instead of writing files.") var json = false

  func run() async throws {
    let context = CommandContext()
    let store = try RunStore(path: context.folders.database)
    let archives = try runs.map { try store.archive($0).summarized }
    let verdicts = try archives.dropFirst().map { candidate in
      try RunComparison(candidate, to: archives[0]) { quantity, design in
        try store.noiseFloor(of: quantity, on: candidate.run.machine?.name ?? "", design: design)
      }.verdicts()
    }
    let report = RunReport(archives, verdicts: verdicts, createdAt: context.clock.wallSeconds())
    if json { return try JSONOutput.print(report) }
    for path in try output.write(report) { Terminal.result(path) }
  }
}

/// Where reports go and in which formats.
struct ReportOutput: ParsableArguments {
  @Option(name: .customLong("to"), help: ArgumentHelp("The folder for the files.", valueName: "dir"))
  var folder = "reports"

  @Option(
    name: .customLong("format"), parsing: .upToNextOption,
    help: ArgumentHelp("md, html, json, csv; several may be given.", valueName: "format"))
  var formats: [String] = ["md", "html", "json"]

  func validate() throws {
    for word in formats.flatMap({ $0.split(separator: ",") }) where ReportFormat(parsing: String(word)) == nil {
      throw ValidationError("\(word) is no format of reports; there are md, html, json and csv")
    }
  }

  func write(_ report: RunReport) throws -> [String] {
    let wanted = formats.flatMap { $0.split(separator: ",") }.compactMap { ReportFormat(parsing: String($0)) }
    return try ReportWriter.write(report, to: folder, wanted)
  }
}
