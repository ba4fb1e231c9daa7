import Benchmarking
import Records

/// Each stage of load, throughput against concurrency, and the frontier of throughput against latency.
func loadSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("load", "Throughput and load")
  section.tables = subjects.map(stageTable)
  if let causes = failureTable(subjects) { section.tables.append(causes) }
  if let chart = throughputChart(subjects) { section.charts.append(.lines(chart)) }
  if let chart = frontierChart(subjects) { section.charts.append(.lines(chart)) }
  return section
}

private func stageTable(_ subject: ReportSubject) -> ReportTable {
  let source = "measured in the stage"
  let few = "too few samples"
  return ReportTable(
    "\(subject.label), by stage (all measured)",
    [
      .text("Stage"), .number("Output"), .number("Requests"), .number("TTFT median"), .number("TTFT p95"),
      .number("TPOT median"), .number("TPOT p95"), .number("Completed"), .number("Errors"),
    ],
    subject.run.stages.map { stage in
      let summary = stage.summary
      return [
        .text(stage.name), .figure(summary.outputTokensPerSecond, .tokensPerSecond, source, or: "none"),
        .figure(summary.requestsPerSecond, .requestsPerSecond, source, or: "none"),
        .figure(summary.timeToFirstToken.p50, .seconds, source, or: few),
        .figure(summary.timeToFirstToken.p95, .seconds, source, or: few),
        .figure(summary.timePerOutputToken.p50, .seconds, source, or: few),
        .figure(summary.timePerOutputToken.p95, .seconds, source, or: few),
        .figure(Double(summary.completed), .count, source, or: ""),
        .figure(Double(summary.errors), .count, source, or: ""),
      ]
    })
}

/// What failed requests ended with; nil where none failed.
private func failureTable(_ subjects: [ReportSubject]) -> ReportTable? {
  let rows = subjects.flatMap { subject in
    subject.run.stages.flatMap { stage in
      (stage.summary.failureCauses ?? []).map { found -> [ReportCell] in
        [
          .text(subject.label), .text(stage.name), .text(found.cause),
          .figure(Double(found.requests), .count, "measured in the stage", or: ""),
        ]
      }
    }
  }
  guard !rows.isEmpty else { return nil }
  return ReportTable(
    "Why requests failed, the most frequent causes (the server's words)",
    [.text("Run"), .text("Stage"), .text("Cause"), .number("Requests")], rows)
}

private func throughputChart(_ subjects: [ReportSubject]) -> LineChart? {
  let series = subjects.compactMap { subject -> LineChart.Series? in
    let points = subject.run.stages.compactMap { stage -> LineChart.Point? in
      guard let concurrency = stage.concurrency, let speed = stage.summary.outputTokensPerSecond else { return nil }
      return LineChart.Point(Double(concurrency), speed)
    }.sorted { $0.x < $1.x }
    return points.count < 2 ? nil : LineChart.Series(name: subject.label, points: points)
  }
  guard !series.isEmpty else { return nil }
  return LineChart(
    title: "Throughput against concurrency", summary: series.map(gain).joined(separator: " "),
    xTitle: "requests in flight", yTitle: "output", xUnit: .count, yUnit: .tokensPerSecond, series: series)
}

private func gain(_ series: LineChart.Series) -> String {
  guard let first = series.points.first, let last = series.points.last else { return "" }
  let unit = ReportUnit.tokensPerSecond
  return "\(series.name): \(unit.text(first.y)) at \(Int(first.x)), \(unit.text(last.y)) at \(Int(last.x)) in flight."
}

private func frontierChart(_ subjects: [ReportSubject]) -> LineChart? {
  let series = subjects.compactMap { subject -> LineChart.Series? in
    let points = subject.run.stages.compactMap { stage -> LineChart.Point? in
      guard let speed = stage.summary.outputTokensPerSecond, let wait = stage.summary.timeToFirstToken.p50
      else { return nil }
      return LineChart.Point(speed, wait, label: stage.concurrency.map { "\($0)" })
    }.sorted { $0.x < $1.x }
    return points.count < 2 ? nil : LineChart.Series(name: subject.label, points: points)
  }
  guard !series.isEmpty else { return nil }
  return LineChart(
    title: "Latency against throughput",
    summary: "Each point is a stage with its number of requests in flight; to the right and below is better.",
    xTitle: "output", yTitle: "time to first token, median", xUnit: .tokensPerSecond, yUnit: .seconds, series: series)
}
