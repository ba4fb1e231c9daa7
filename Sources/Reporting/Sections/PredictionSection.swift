import Benchmarking
import Engines
import Planning
import Records
import Units

/// What the plan had said beside what was measured. In every report.
func predictionSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("prediction", "Predicted beside measured")
  let all = subjects.map { PredictionComparison.all(of: $0) }
  let without = zip(subjects, all).filter(\.1.isEmpty).map(\.0.label)
  if !without.isEmpty {
    let names = without.count == subjects.count ? "" : " for \(without.joined(separator: ", "))"
    section.paragraphs.append(
      "No prediction was made\(names): \(without.count == 1 ? "the run was" : "the runs were") not deployed from a plan."
    )
  }
  for (subject, comparisons) in zip(subjects, all) where !comparisons.isEmpty {
    section.tables.append(predictionTable(comparisons, subject))
    if let chart = predictionChart(comparisons, subject) { section.charts.append(.bands(chart)) }
  }
  guard !section.tables.isEmpty else { return section }
  section.paragraphs.append(
    "A band should hold 80 of 100 outcomes. Expect a difference if the benchmark used other lengths than the prediction."
  )
  return section
}

/// One predicted quantity with its measured counterpart.
private struct PredictionComparison {
  var name: String
  var predicted: ReportFigure
  var measured: ReportFigure?
  /// Why nothing was measured.
  var absence: String

  static func all(of subject: ReportSubject) -> [PredictionComparison] {
    speeds(of: subject) + memory(of: subject)
  }

  private static func speeds(of subject: ReportSubject) -> [PredictionComparison] {
    guard let predicted = subject.run.predicted else { return [] }
    let load = subject.run.predictedFor ?? subject.run.plan?.workload
    let single = subject.run.stages.first { $0.concurrency == 1 }
    func row(
      _ name: String, _ unit: ReportUnit, _ band: Band?, _ measured: Double?, _ source: String, _ absence: String
    ) -> PredictionComparison? {
      band.map { band in
        PredictionComparison(
          name: name, predicted: ReportFigure(band, unit), measured: measured.map { ReportFigure($0, unit, source) },
          absence: absence)
      }
    }
    let prefill = single.flatMap { promptSpeed(subject, stage: $0.name) }
    let decode = single?.summary.timePerOutputToken.p50.map { 1 / $0 }
    let alone = [
      row(
        "Prefill, one prompt", .tokensPerSecond, predicted.prefill, prefill,
        "measured: median of input tokens / time to first token, one stream", "no stage with one stream"),
      row(
        "Decode, one stream", .tokensPerSecond, predicted.decode, decode,
        "measured: 1 / median time per output token, one stream", "no stage with one stream"),
    ]
    // The prediction is of the devices that compute.
    let energy = EnergyUse.accelerators.total(subject.telemetry) == nil ? EnergyUse.processors : .accelerators
    let always = [
      row(
        "Time to load", .seconds, predicted.loadSeconds, subject.run.readySeconds,
        "measured: from the server's start to its first token", "not measured"),
      row(
        "Energy per output token", .joulesPerToken, predicted.joulesPerToken, energy.perToken(subject),
        "computed from the \(energy.name)' counters", "not measured"),
    ]
    // A prediction for a load that was not kept cannot be set beside another.
    guard let concurrency = load?.concurrency else { return (alone + always).compactMap { $0 } }
    let loaded = subject.run.stages.first { $0.concurrency == concurrency }
    let noLoad = "no stage with concurrency \(concurrency)"
    let underLoad = [
      row(
        "Output of all streams, concurrency \(concurrency)", .tokensPerSecond, predicted.decodeAggregate,
        loaded?.summary.outputTokensPerSecond, "measured: output tokens / time of the stage", noLoad),
      row(
        "Time to first token, concurrency \(concurrency)", .seconds, predicted.timeToFirstToken,
        loaded?.summary.timeToFirstToken.p50, "measured: median", noLoad),
      row(
        "Time per output token, concurrency \(concurrency)", .seconds, predicted.timePerOutputToken,
        loaded?.summary.timePerOutputToken.p50, "measured: median", noLoad),
    ]
    return (alone + underLoad + always).compactMap { $0 }
  }

  /// The median over requests, because one slow prompt must not decide.
  private static func promptSpeed(_ subject: ReportSubject, stage: String) -> Double? {
    let speeds = subject.measured.filter { $0.stage == stage }.compactMap { request -> Double? in
      guard let tokens = request.inputTokens, let wait = request.timeToFirstToken, wait > 0 else { return nil }
      return Double(tokens - (request.cachedTokens ?? 0)) / wait
    }.sorted()
    return speeds.isEmpty ? nil : speeds[speeds.count / 2]
  }

  private static func memory(of subject: ReportSubject) -> [PredictionComparison] {
    guard let predicted = subject.run.predictedMemory else { return [] }
    let figure = ReportFigure(
      Double(predicted.expectedBytes.bytes), .bytes, "computed: sum of the components",
      low: Double(predicted.lowBytes.bytes), high: Double(predicted.highBytes.bytes))
    let whole = PredictionComparison(
      name: "Memory of the server", predicted: figure, measured: subject.run.serverPeakBytes.map { ReportFigure($0) },
      absence: "not measured")
    guard let engine = subject.run.engineMemory else { return [whole] }
    return [whole]
      + EngineMemoryComparison(predicted, engine).rows.compactMap { row in
        row.engine.map {
          PredictionComparison(
            name: "Memory, \(row.component)", predicted: ReportFigure(row.planned), measured: ReportFigure($0),
            absence: "")
        }
      }
  }

  /// Measured over predicted.
  var ratio: Double? {
    guard let measured, predicted.value > 0 else { return nil }
    return measured.value / predicted.value
  }

  /// In plain words: `within the band`, `12% faster than predicted`.
  var result: String {
    guard let isWithinBand, let ratio else { return "" }
    if isWithinBand { return "within the band" }
    func percent(_ share: Double) -> String { "\((share * 100).formatted(decimals: 0))%" }
    switch predicted.unit {
    case .tokensPerSecond, .requestsPerSecond:
      return ratio > 1 ? "\(percent(ratio - 1)) faster than predicted" : "\(percent(1 - ratio)) slower than predicted"
    case .seconds:
      return ratio > 1 ? "\(percent(ratio - 1)) longer than predicted" : "\(percent(1 - ratio)) shorter than predicted"
    default:
      return ratio > 1 ? "\(percent(ratio - 1)) more than predicted" : "\(percent(1 - ratio)) less than predicted"
    }
  }

  var isWithinBand: Bool? {
    guard let measured, let low = predicted.low, let high = predicted.high else { return nil }
    return low...max(low, high) ~= measured.value
  }
}

private func predictionTable(_ comparisons: [PredictionComparison], _ subject: ReportSubject) -> ReportTable {
  let lengths = (subject.run.predictedFor ?? subject.run.plan?.workload).map {
    " (predicted for \($0.inputTokens) tokens in, \($0.outputTokens) out)"
  }
  return ReportTable(
    subject.label + (lengths ?? ""),
    [
      .text("Quantity"), .number("Predicted (band)"), .number("Measured"), .number("Measured / predicted"),
      .text("Result"),
    ],
    comparisons.map { row in
      [
        .text(row.name), .figure(row.predicted), row.measured.map { .figure($0) } ?? .missing(row.absence),
        .figure(row.ratio, .share, "computed: measured / predicted", or: ""),
        .text(row.result),
      ]
    })
}

private func predictionChart(_ comparisons: [PredictionComparison], _ subject: ReportSubject) -> BandChart? {
  let rows = comparisons.compactMap { row -> BandChart.Row? in
    guard let measured = row.measured, row.predicted.value > 0 else { return nil }
    let predicted = row.predicted
    return BandChart.Row(
      name: row.name, unit: predicted.unit, low: predicted.low ?? predicted.value, expected: predicted.value,
      high: predicted.high ?? predicted.value, measured: measured.value)
  }
  guard !rows.isEmpty else { return nil }
  let within = comparisons.count { $0.isWithinBand == true }
  let banded = comparisons.count { $0.isWithinBand != nil }
  return BandChart(
    title: subject.letter.isEmpty ? "Predicted beside measured" : "Predicted beside measured, \(subject.letter)",
    summary: "\(within) of \(banded) measured quantities are within their predicted band.", rows: rows)
}
