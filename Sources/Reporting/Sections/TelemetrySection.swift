import Benchmarking
import Records

/// The machine and the server over the time of the run; nil where no samples were taken.
func telemetrySection(_ subjects: [ReportSubject]) -> ReportSection? {
  let sampled = subjects.filter { $0.telemetry.count >= 2 }
  guard !sampled.isEmpty else { return nil }
  var section = ReportSection("telemetry", "The machine during the run")
  section.tables = sampled.map(sampleTable)
  let charts: [(String, String, ReportUnit, (TelemetrySample) -> Double?)] = [
    ("Resident memory of the server", "resident", .bytes, { $0.serverResidentBytes.map(Double.init) }),
    ("Processor time of the server", "cores", .cores, { $0.serverCPU }),
    ("Temperature", "temperature", .celsius, { $0.celsius }),
    ("Processor frequency", "frequency", .megahertz, { $0.megahertz }),
  ]
  section.charts = charts.compactMap { title, axis, unit, value in
    timeChart(title, axis, unit, sampled) { subject in
      subject.telemetry.compactMap { sample in
        value(sample).map { LineChart.Point(Double(sample.time) / 1e9, $0) }
      }
    }.map { .lines($0) }
  }
  section.tables += energyTables(subjects)
  for use in [EnergyUse.processors, .accelerators] {
    let chart = timeChart("Power of the \(use.name)", "power", .watts, sampled) { subject in
      use.power(subject.telemetry).map { LineChart.Point(Double($0.time) / 1e9, $0.watts) }
    }
    if let chart { section.charts.append(.lines(chart)) }
  }
  return section
}

private func sampleTable(_ subject: ReportSubject) -> ReportTable {
  func row(_ name: String, _ unit: ReportUnit, _ value: (TelemetrySample) -> Double?) -> [ReportCell]? {
    let values = subject.telemetry.compactMap(value)
    guard let least = values.min(), let largest = values.max() else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    return [.text(name)] + [least, mean, largest].map { .figure($0, unit, "measured", or: "") }
      + [.figure(Double(values.count), .count, "measured", or: "")]
  }
  let rows = [
    row("Server's resident memory", .bytes) { $0.serverResidentBytes.map(Double.init) },
    row("Server's processor time", .cores) { $0.serverCPU },
    row("Machine's processors in use", .share) { $0.machineCPU },
    row("Memory available", .bytes) { $0.availableBytes.map(Double.init) },
    row("Processor frequency", .megahertz) { $0.megahertz },
    row("Temperature", .celsius) { $0.celsius },
  ].compactMap { $0 }
  return ReportTable(
    "\(subject.label), samples over the run (all measured)",
    [.text("Figure"), .number("Least"), .number("Mean"), .number("Largest"), .number("Samples")], rows)
}

private func timeChart(
  _ title: String, _ axis: String, _ unit: ReportUnit, _ subjects: [ReportSubject],
  _ points: (ReportSubject) -> [LineChart.Point]
) -> LineChart? {
  let series = subjects.compactMap { subject -> LineChart.Series? in
    let points = points(subject)
    return points.count < 2 ? nil : LineChart.Series(name: subject.label, points: points)
  }
  guard !series.isEmpty else { return nil }
  let peaks = series.compactMap { line in
    line.points.map(\.y).max().map { "\(line.name): up to \(unit.text($0))." }
  }
  return LineChart(
    title: title, summary: peaks.joined(separator: " "), xTitle: "time", yTitle: axis, xUnit: .seconds, yUnit: unit,
    series: series, isDense: true)
}
