import Benchmarking
import Records

/// Percentiles of each latency, and how they are distributed over the requests.
func latencySection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("latency", "Latency")
  section.tables = subjects.flatMap { subject in
    // The blocks of runs measured in turns are one load.
    let loads = subject.run.stages.filter { _ in subject.run.summaryStage != nil }
    return loads.isEmpty
      ? [latencyTable(subject.label, subject.run.summary)]
      : loads.map { latencyTable("\(subject.label), \($0.name)", $0.summary) }
  }
  let metrics: [(String, (RunSummary) -> Distribution)] = [
    ("Time to first token", { $0.timeToFirstToken }), ("Time per output token", { $0.timePerOutputToken }),
  ]
  section.charts = metrics.compactMap { percentileChart($0.0, subjects, $0.1).map { .bars($0) } }
  let samples: [(String, (ReportSubject) -> [Double])] = [
    ("Time to first token", firstTokenTimes),
    ("Time per output token", { $0.ofHeadline.compactMap { $0.timePerOutputToken } }),
  ]
  section.charts += samples.compactMap { distributionChart($0.0, subjects, $0.1).map { .lines($0) } }
  section.paragraphs = [
    "Percentiles are nearest-rank and are withheld where a two-sided 95% interval does not exist: below 72 samples for "
      + "p95, 368 for p99. Each load has its own; the charts show the load of the headline figures."
  ]
  return section
}

/// From the schedule where the load was open, as in the table.
private func firstTokenTimes(_ subject: ReportSubject) -> [Double] {
  Dictionary(grouping: subject.ofHeadline, by: \.stage).flatMap { stage, requests in
    requests.compactMap(subject.run.firstTokenRule(of: stage))
  }
}

private func latencyTable(_ name: String, _ summary: RunSummary) -> ReportTable {
  let rows: [(String, Distribution)] = [
    ("Time to first token (TTFT)", summary.timeToFirstToken),
    ("Time per output token (TPOT)", summary.timePerOutputToken),
    ("Inter-token latency (ITL)", summary.interTokenLatency), ("End to end (E2E)", summary.endToEnd),
  ]
  return ReportTable(
    "\(name), latency",
    [
      .text("Latency"), .number("Median"), .number("p90"), .number("p95"), .number("p99"), .number("Mean"),
      .number("Least"), .number("Largest"), .number("Samples"),
    ],
    rows.map { name, values in
      let figures = [values.p50, values.p90, values.p95, values.p99, values.mean, values.minimum, values.maximum]
      return [.text(name)] + figures.map { .figure($0, .seconds, "measured", or: "too few") }
        + [.figure(Double(values.count), .count, "measured", or: "")]
    })
}

private func percentileChart(
  _ name: String, _ subjects: [ReportSubject], _ metric: (RunSummary) -> Distribution
) -> BarChart? {
  let found = subjects.map { metric($0.run.summary) }
  let ranks: [(String, (Distribution) -> Double?)] = [
    ("median", { $0.p50 }), ("p90", { $0.p90 }), ("p95", { $0.p95 }), ("p99", { $0.p99 }),
  ]
  let groups = ranks.map { rank, value in BarChart.Group(name: rank, values: found.map(value)) }
    .filter { $0.values.contains { $0 != nil } }
  guard !groups.isEmpty else { return nil }
  let words = zip(subjects, found).compactMap { subject, values in
    values.p50.map { "\(subject.label): median \(ReportUnit.seconds.text($0))." }
  }
  return BarChart(
    title: "\(name), percentiles", summary: words.joined(separator: " "), unit: .seconds,
    series: subjects.map(\.headlineLabel), groups: groups)
}

private func distributionChart(
  _ name: String, _ subjects: [ReportSubject], _ times: (ReportSubject) -> [Double]
) -> LineChart? {
  let series = subjects.compactMap { subject -> LineChart.Series? in
    let values = times(subject).sorted()
    guard values.count >= 8 else { return nil }
    return LineChart.Series(name: subject.label, points: cumulative(values))
  }
  guard !series.isEmpty else { return nil }
  let median = series.compactMap { line -> String? in
    line.points.first { $0.y >= 0.5 }.map { "half of \(line.name) within \(ReportUnit.seconds.text($0.x))" }
  }
  return LineChart(
    title: "\(name), distribution", summary: "Share of requests within a time: \(median.joined(separator: ", ")).",
    xTitle: name.lowercased(), yTitle: "share of requests", xUnit: .seconds, yUnit: .share, series: series,
    isDense: true)
}

/// At most 200 points of the cumulative distribution; the first and last are always there.
private func cumulative(_ sorted: [Double]) -> [LineChart.Point] {
  let count = sorted.count
  let steps = min(count, 200)
  return (0..<steps).map { step in
    let index = steps == 1 ? 0 : step * (count - 1) / (steps - 1)
    return LineChart.Point(sorted[index], Double(index + 1) / Double(count))
  }
}
