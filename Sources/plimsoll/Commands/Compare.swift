import ArgumentParser
import Benchmarking
import Hardware
import Planning
import Platform
import Records
import Reporting
import Units

/// Compares stored runs and says what the difference is worth.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare runs: faster, slower, same, or undecided with how much more to measure.",
    discussion: """
      Example: plimsoll compare last-1 last
      Each run is held against the first. With --gate the exit code is 6 where a run is slower or invalid, for build
      servers. Comparing equal runs teaches this machine's noise floor, which later verdicts must exceed.
      """)

  @Argument(help: ArgumentHelp("The runs; the first is the baseline.", valueName: "run")) var runs: [String] = []
  @Option(help: ArgumentHelp("Compare the latest so many runs instead.", valueName: "n")) var last: Int?
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
    let context = CommandContext()
    let store = try RunStore(path: context.folders.database)
    let archives = try chosen(store).map { try store.archive($0).summarized }
    let verdicts = try archives.dropFirst().map { try judged($0, to: archives[0], store) }
    if json {
      try JSONOutput.print(ComparisonDocument(runs: archives.map(\.run.id), verdicts: verdicts))
    } else {
      for (archive, found) in zip(archives.dropFirst(), verdicts) {
        Terminal.result(table(found, archive.run, archives[0].run))
        if found.isEmpty { Terminal.result("  \(Self.nothingInCommon(archive.run, archives[0].run))\n") }
      }
      if !noReport {
        let report = RunReport(archives, verdicts: verdicts, createdAt: context.clock.wallSeconds())
        for path in try output.write(report) { Terminal.result(path) }
      }
    }
    if gate { try check(archives, verdicts) }
  }

  private func chosen(_ store: RunStore) throws -> [String] {
    guard let last else { return runs }
    var filter = RunFilter()
    filter.tag = tag
    filter.limit = last
    let found = try store.list(filter).map(\.id)
    guard found.count >= 2 else {
      throw Failure(.failed, .tooFewRuns, "there are fewer than two such runs to compare")
    }
    return found.reversed()
  }

  private func judged(_ candidate: RunArchive, to baseline: RunArchive, _ store: RunStore) throws
    -> [ComparisonVerdict]
  {
    let machine = candidate.run.machine?.name ?? ""
    let comparison = RunComparison(candidate, to: baseline, tolerance: within / 100) { quantity, design in
      try store.noiseFloor(of: quantity, on: machine, design: design)
    }
    let found = try comparison.verdicts()
    if comparison.isOfEqualRuns {
      for verdict in found where verdict.stage == found.first?.stage {
        guard let ratio = verdict.ratio else { continue }
        try store.rememberNoise(
          ratio.estimate, of: verdict.quantity, on: machine, design: comparison.design,
          between: baseline.run.id, and: candidate.run.id)
      }
    }
    return found
  }

  private func table(_ verdicts: [ComparisonVerdict], _ run: Run, _ baseline: Run) -> String {
    var table = TextTable(["quantity", "stage", "verdict", ">speed ratio", ">95% interval", ">noise floor"])
    for verdict in verdicts {
      let ratio = verdict.ratio
      table.add([
        verdict.quantity, verdict.stage, verdict.sentence, ratio?.estimate.formatted(decimals: 3) ?? "unknown",
        ratio.map { "\($0.low.formatted(decimals: 3)) to \($0.high.formatted(decimals: 3))" } ?? "unknown",
        "\((verdict.floor.share * 100).formatted(decimals: 1))%",
      ])
    }
    let reasons = Set(verdicts.flatMap(\.reasons)).sorted { $0.message < $1.message }.map { reason in
      "  \(reason.message)\(reason.remedy.map { "; \($0)" } ?? "") [\(reason.code)]"
    }
    let title = "\(run.id) (\(run.model?.name ?? run.target)) against \(baseline.id)"
    return ([printable(title), table.rendered()] + reasons).joined(separator: "\n") + "\n"
  }

  private static func nothingInCommon(_ run: Run, _ baseline: Run) -> String {
    func loads(_ run: Run) -> String { printable(run.stages.map(\.name).joined(separator: ", ")) }
    return "the runs have no load in common: \(loads(run)) against \(loads(baseline)) [nothing-compared]"
  }

  private func check(_ archives: [RunArchive], _ verdicts: [[ComparisonVerdict]]) throws {
    if let invalid = archives.first(where: { !$0.run.validity.ok || $0.run.status != .complete }) {
      throw Failure(.invalidResult, .invalidRun, "run \(invalid.run.id) is not valid, so nothing rests on it")
    }
    if verdicts.contains(where: \.isEmpty) {
      throw Failure(
        .invalidResult, .nothingCompared, "a run has no load in common with the first",
        remedy: "measure both at the same --concurrency or --rate")
    }
    if let slower = verdicts.flatMap({ $0 }).first(where: { $0.outcome == .slower }) {
      throw Failure(
        .invalidResult, .regression, "\(slower.quantity) in \(slower.stage) is \(slower.sentence)")
    }
  }
}

/// A comparison as `compare --json` prints it.
private struct ComparisonDocument: Encodable {
  var schema = "plimsoll.comparison/1"
  /// The first is the baseline; each list of verdicts is of the run after it.
  var runs: [String]
  var verdicts: [[ComparisonVerdict]]
}
