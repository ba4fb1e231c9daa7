import Benchmarking
import Engines
import Hardware
import Planning
import Platform
public import Records
import Units

/// A finished benchmark on one screen: a row for each load, whether the figures hold, at most three remarks.
public struct BenchScreen: Sendable {
  private let run: Run
  private let showsSubject: Bool
  private let namesReport: Bool

  /// - Parameters:
  ///   - showsSubject: true to begin with what was measured, and when.
  ///   - namesReport: false where the command writes the report itself.
  public init(_ run: Run, showsSubject: Bool = false, namesReport: Bool = true) {
    self.run = run
    self.showsSubject = showsSubject
    self.namesReport = namesReport
  }

  public func rendered() -> String {
    var parts =
      (showsSubject ? [subject] : []) + [table(), [prediction, verdict].compactMap { $0 }.joined(separator: "\n")]
    if !failures.isEmpty { parts.append(failures.map { Prose.wrapped($0, indent: 2) }.joined(separator: "\n")) }
    let remarks = run.validity.doubtful.prefix(3).map { Self.line("Note", $0, .doubtful) }
    if !remarks.isEmpty { parts.append(remarks.joined(separator: "\n")) }
    let rest = run.validity.doubtful.count - remarks.count
    let more = rest > 0 ? "\(counted(rest, "more remark")) and all figures" : "All figures"
    let report = namesReport ? "\nReport: plimsoll report \(run.id)" : ""
    parts.append("\(more): plimsoll runs show \(run.id) --verbose\(report)")
    return parts.joined(separator: "\n\n")
  }

  private var subject: String {
    let model = [run.model?.name ?? run.target, run.model?.quantization].compactMap { $0 }.joined(separator: " ")
    let place = [run.engine.map { "on \($0)" }, run.machine.map { "on \($0.name)" }].compactMap { $0 }
    let state = run.status == .complete ? "" : ", \(run.status.rawValue)"
    return Prose.wrapped(
      "\(TextStyle.strong(printable(model))) \(printable(place.joined(separator: " "))), "
        + "\(isoTimestamp(run.startedAt).prefix(16)) UTC\(state)")
  }

  private func table() -> String {
    let isOpen = run.stages.contains { $0.concurrency == nil && $0.requestsPerSecond != nil }
    var titles = ["load", ">done", ">failed", ">tok/s"]
    if isOpen { titles.append(">req/s") }
    titles += [">TTFT p50", ">p95", ">TPOT p50", ">p95"]
    var table = TextTable(titles, optional: ["failed"])
    for stage in run.stages {
      let summary = stage.summary
      var cells = [
        stage.name, summary.completed.grouped, summary.errors.grouped,
        summary.outputTokensPerSecond?.formatted(significant: 3) ?? "-",
      ]
      if isOpen { cells.append(summary.requestsPerSecond?.formatted(significant: 3) ?? "-") }
      for times in [summary.timeToFirstToken, summary.timePerOutputToken] {
        cells += [times.p50, times.p95].map { $0.map(formattedSeconds) ?? "-" }
      }
      table.add(cells, styles: summary.errors > 0 ? [2: .bad] : [:])
    }
    // The remark below says it, with what would help.
    let isExplained = run.validity.doubtful.prefix(3).contains { $0.code == .tooFewSamples }
    let isShort =
      !isExplained
      && run.stages.contains {
        $0.summary.timeToFirstToken.p50 != nil && $0.summary.timeToFirstToken.p95 == nil
      }
    return table.rendered() + (isShort ? "\n\(TextStyle.quiet("\"-\" means too few requests for this figure."))" : "")
  }

  /// What was predicted for the load that the plan was made for, and how far off that was.
  private var prediction: String? {
    guard let band = run.predicted?.decodeAggregate, let load = (run.predictedFor ?? run.plan?.workload)?.concurrency,
      let stage = run.stages.first(where: { $0.concurrency == load }),
      let measured = stage.summary.outputTokensPerSecond, band.expected > 0
    else { return nil }
    let ratio = measured / band.expected
    let off = "\((abs(ratio - 1) * 100).formatted(decimals: 0))% \(ratio > 1 ? "faster" : "slower") than predicted"
    let isWithin = band.low...max(band.low, band.high) ~= measured
    return Prose.wrapped(
      "Predicted for \(stage.name): \(PlanScreen.band(band)); measured \(measured.formatted(significant: 3)), "
        + (isWithin ? "within the band." : "\(off)."), indent: 2)
  }

  private var verdict: String {
    guard !run.validity.ok else { return TextStyle.good("The figures are valid.") }
    return
      (["\(TextStyle.bad("The figures are not valid."))"] + run.validity.invalid.map { Self.line("Because", $0, .bad) })
      .joined(separator: "\n")
  }

  private var failures: [String] {
    run.stages.flatMap { stage in
      (stage.summary.failureCauses ?? []).prefix(2).map { "Failed at \(stage.name): \(printable($0.sentence))" }
    }
  }

  private static func line(_ word: String, _ reason: Reason, _ style: TextStyle) -> String {
    // Brackets after brackets read badly.
    let isBracketed = reason.message.hasSuffix(")")
    let remedy = reason.remedy.map { isBracketed ? "; \(printable($0))" : " (\(printable($0)))" } ?? ""
    return Prose.wrapped(
      "\(style("\(word):")) \(printable(reason.message))\(remedy) \(TextStyle.quiet("[\(reason.code)]"))", indent: 2)
  }
}
