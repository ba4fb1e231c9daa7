import Benchmarking
import Platform
import Records

/// The headline figures of each run, side by side.
func overviewSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("overview", "At a glance")
  let definition = "measured in the only load, or in the one with the most output throughput"
  func row(_ name: String, _ unit: ReportUnit, _ value: (RunSummary) -> Double?, or reason: String) -> [ReportCell] {
    [.text(name)] + subjects.map { .figure(value($0.run.summary), unit, definition, or: reason) } + [.text("measured")]
  }
  let few = "too few samples"
  section.tables = [
    ReportTable(
      "Headline figures", [.text("Figure")] + subjects.map { .number($0.headlineLabel) } + [.text("Source")],
      [
        row("Output throughput", .tokensPerSecond, { $0.outputTokensPerSecond }, or: "no finished request"),
        row("Input throughput", .tokensPerSecond, { $0.inputTokensPerSecond }, or: "not counted"),
        row("Requests", .requestsPerSecond, { $0.requestsPerSecond }, or: "no finished request"),
        row("Time to first token, median", .seconds, { $0.timeToFirstToken.p50 }, or: few),
        row("Time to first token, p95", .seconds, { $0.timeToFirstToken.p95 }, or: few),
        row("Time per output token, median", .seconds, { $0.timePerOutputToken.p50 }, or: few),
        row("Time per output token, p95", .seconds, { $0.timePerOutputToken.p95 }, or: few),
        row("End to end, median", .seconds, { $0.endToEnd.p50 }, or: few),
        row("Completed requests", .count, { Double($0.completed) }, or: "none"),
        row("Errors, refusals and time-outs", .count, { Double($0.errors) }, or: "none"),
        row("Duration", .seconds, { $0.durationSeconds }, or: "unknown"),
      ])
  ]
  section.tables.append(
    ReportTable(
      "Which runs these are",
      [.text("Run"), .text("Identifier"), .text("Started"), .text("Status"), .text("Target"), .text("Note")],
      subjects.map { subject in
        let run = subject.run
        let words = (run.tags.map { "#\($0)" } + [run.note].compactMap { $0 }).joined(separator: " ")
        return [
          .text(subject.label), .text(run.id), .text(isoTimestamp(run.startedAt)), .text(run.status.rawValue),
          .text(run.target), .text(words),
        ]
      }))
  return section
}
