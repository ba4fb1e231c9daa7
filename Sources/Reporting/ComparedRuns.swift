public import Benchmarking
import Planning
import Platform
public import Records
import Units

/// Runs held against the first of them.
public struct ComparedRuns: Sendable {
  public let archives: [RunArchive]
  /// One list for each run after the first.
  public let verdicts: [[ComparisonVerdict]]

  public init(_ archives: [RunArchive], verdicts: [[ComparisonVerdict]]) {
    self.archives = archives
    self.verdicts = verdicts
  }

  /// The comparison as `compare --json` prints it.
  public struct Document: Encodable, Sendable {
    public var schema = "plimsoll.comparison/1"
    /// The first is the baseline; each list of verdicts is of the run after it.
    public var runs: [String]
    public var verdicts: [[ComparisonVerdict]]
  }

  public var document: Document { Document(runs: archives.map(\.run.id), verdicts: verdicts) }

  /// The report in full.
  ///
  /// - Parameter seconds: when it is made, seconds since 1970.
  public func report(at seconds: Double) -> RunReport {
    RunReport(archives, verdicts: verdicts, createdAt: seconds)
  }

  /// The verdicts as a terminal shows them.
  public func rendered() -> String {
    guard let baseline = archives.first?.run else { return "" }
    return zip(archives.dropFirst(), verdicts).map { archive, found in
      found.isEmpty
        ? "\(title(archive.run, baseline))\n  \(nothingInCommon(archive.run, baseline))\n"
        : table(found, archive.run, baseline)
    }.joined(separator: "\n")
  }

  private func title(_ run: Run, _ baseline: Run) -> String {
    printable("\(run.id) (\(run.model?.name ?? run.target)) against \(baseline.id)")
  }

  private func table(_ verdicts: [ComparisonVerdict], _ run: Run, _ baseline: Run) -> String {
    if let pair = SideBySide(run, baseline, verdicts) { return pair.rendered() }
    var table = TextTable(
      ["quantity", "stage", ">ratio", ">95% interval", ">noise floor"], optional: ["noise floor"])
    for verdict in verdicts {
      let ratio = verdict.ratio
      table.add([
        verdict.quantity, verdict.stage, ratio?.estimate.formatted(decimals: 3) ?? "unknown",
        ratio.map { "\($0.low.formatted(decimals: 3)) to \($0.high.formatted(decimals: 3))" } ?? "unknown",
        "\((verdict.floor.share * 100).formatted(decimals: 1))%",
      ])
    }
    let words = VerdictWords(verdicts)
    let headline = words.notices.map { notice in
      let style: TextStyle = notice.level == .worse ? .bad : notice.level == .good ? .good : .doubtful
      let colon = notice.text.firstIndex(of: ":") ?? notice.text.endIndex
      return Prose.wrapped(
        "\(TextStyle.strong(printable(String(notice.text[..<colon]))))\(style(printable(String(notice.text[colon...]))))",
        indent: 2)
    }
    var caveats = words.caveats.prefix(Self.caveatLimit).map { Prose.wrapped(printable($0), indent: 2) }
    let rest = words.caveats.count - caveats.count
    if rest > 0 { caveats.append("\(counted(rest, "more remark")) in the report.") }
    return [title(run, baseline), headline.joined(separator: "\n"), table.rendered(), caveats.joined(separator: "\n")]
      .joined(separator: "\n\n") + "\n"
  }

  /// Remarks that a screen has room for.
  private static let caveatLimit = 2

  private func nothingInCommon(_ run: Run, _ baseline: Run) -> String {
    func loads(_ run: Run) -> String { printable(run.stages.map(\.name).joined(separator: ", ")) }
    return "the runs have no load in common: \(loads(run)) against \(loads(baseline)) [nothing-compared]"
  }
}
