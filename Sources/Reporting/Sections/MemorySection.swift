import Engines
import Planning
import Records
import Units

/// What the plan gave to each component on each device, and the largest resident memory that was seen.
func memorySection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("memory", "Memory")
  let known = subjects.filter { $0.run.predictedMemory != nil || $0.run.serverPeakBytes != nil }
  guard !known.isEmpty else {
    section.paragraphs = ["Memory was neither planned nor measured in this run."]
    return section
  }
  section.tables = known.compactMap(memoryTable)
  let bars = known.flatMap(memoryBars)
  if !bars.isEmpty {
    section.charts = [
      .stack(
        StackChart(
          title: "Memory by component",
          summary: bars.map { "\($0.name): \(ReportUnit.bytes.text($0.total))." }.joined(separator: " "), unit: .bytes,
          bars: bars))
    ]
  }
  return section
}

private func memoryTable(_ subject: ReportSubject) -> ReportTable? {
  guard let memory = subject.run.predictedMemory else { return nil }
  var rows = memory.devices.flatMap { device in
    device.components.all.map { name, figure -> [ReportCell] in
      [.text(device.name), .text(name), .figure(ReportFigure(figure)), .text("\(figure.source)")]
    }
      + [
        device.usableBytes.map {
          [.text(device.name), .text("usable"), .figure(ReportFigure($0)), .text("\($0.source)")]
        }
      ]
      .compactMap { $0 }
  }
  let total = ReportFigure(
    Double(memory.expectedBytes.bytes), .bytes, "computed: sum", low: Double(memory.lowBytes.bytes),
    high: Double(memory.highBytes.bytes))
  rows.append([.text("all"), .text("predicted total"), .figure(total), .text("computed: sum of the components")])
  let peak = subject.run.serverPeakBytes
  rows.append([
    .text("all"), .text("largest resident size seen"),
    peak.map { .figure(ReportFigure($0)) } ?? .missing("not measured"), .text(peak.map { "\($0.source)" } ?? ""),
  ])
  return ReportTable(
    "\(subject.label), memory", [.text("Device"), .text("Component"), .number("Amount (band)"), .text("Source")], rows)
}

private func memoryBars(_ subject: ReportSubject) -> [StackChart.Bar] {
  let prefix = subject.letter.isEmpty ? "" : "\(subject.letter), "
  var bars = (subject.run.predictedMemory?.devices ?? []).map { device in
    StackChart.Bar(
      name: "\(prefix)predicted, \(device.name)",
      parts: device.components.all.filter { $0.figure.value > .zero }.map {
        StackChart.Part(name: $0.name, value: Double($0.figure.value.bytes))
      })
  }
  if let peak = subject.run.serverPeakBytes {
    let part = StackChart.Part(name: "resident, measured", value: Double(peak.value.bytes))
    bars.append(StackChart.Bar(name: "\(prefix)largest resident size seen", parts: [part]))
  }
  return bars
}
