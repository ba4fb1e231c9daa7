import Benchmarking
import Planning
import Records
import Units

/// One run in a report: its stored values, and the name that tells it from the others.
struct ReportSubject {
  var run: Run
  var requests: [RequestRecord]
  var telemetry: [TelemetrySample]
  /// `A`, `B`... where there are several runs; empty where there is one.
  var letter: String

  /// The name used in legends and column titles: short, and different for each run.
  var label: String { letter.isEmpty ? name : "\(letter): \(name)" }

  /// Model, quantization and engine.
  var name: String {
    var parts = [run.model?.name ?? run.target]
    if let quantization = run.model?.quantization { parts.append(quantization) }
    if let engine = run.engine { parts.append("on \(engine)") }
    return parts.joined(separator: " ")
  }

  /// `A`, or `this run`.
  var shortLabel: String { letter.isEmpty ? "this run" : letter }

  /// The plan's option that was deployed.
  var option: PlanOption? {
    guard let plan = run.plan, let chosen = plan.chosen, plan.options.indices.contains(chosen) else { return nil }
    return plan.options[chosen]
  }

  /// Completed requests of the measured stages, in the order of the store.
  var measured: [RequestRecord] {
    requests.filter { $0.outcome == .completed && !RunArchive.unmeasuredStages.contains($0.stage) }
  }

  /// Completed requests of the load that the summary is of: loads are never pooled.
  var ofHeadline: [RequestRecord] {
    guard let stage = run.summaryStage else { return measured }
    return measured.filter { $0.stage == stage }
  }

  /// The name with the load that the summary is of, where the run has several.
  var headlineLabel: String { label + (run.summaryStage.map { ", \($0)" } ?? "") }

  static func letters(_ archives: [RunArchive]) -> [ReportSubject] {
    archives.enumerated().map { index, archive in
      let letter = Unicode.Scalar(UInt8(65 + index % 26)).description
      return ReportSubject(
        run: archive.run, requests: archive.requests, telemetry: archive.telemetry,
        letter: archives.count == 1 ? "" : letter + (index >= 26 ? "\(index / 26)" : ""))
    }
  }
}
