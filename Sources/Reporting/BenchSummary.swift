import Benchmarking
public import Records
import Units

/// A finished benchmark as a terminal shows it.
public struct BenchSummary: Sendable {
  private let run: Run

  public init(_ run: Run) { self.run = run }

  public func rendered() -> String {
    var blocks = [latencies(), throughput()]
    if let failures = failures() { blocks.append(failures) }
    if let health = health() { blocks.append(health) }
    blocks += run.validity.invalid.map { Self.text("invalid", $0) }
    blocks += run.validity.doubtful.map { Self.text("note", $0) }
    blocks.append("run \(run.id): plimsoll report \(run.id)")
    return blocks.joined(separator: "\n\n")
  }

  private static func text(_ word: String, _ reason: Reason) -> String {
    Prose.wrapped(
      "\(word): \(printable(reason.message)) [\(reason.code)]" + (reason.remedy.map { "\n  \($0)" } ?? ""), indent: 2)
  }

  /// What failed requests ended with, load by load.
  private func failures() -> String? {
    let lines = run.stages.flatMap { stage in
      (stage.summary.failureCauses ?? []).map { "failed at \(stage.name): \(printable($0.sentence))" }
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private func latencies() -> String {
    var table = TextTable(["load", "metric", ">mean", ">p50", ">p90", ">p95", ">p99", ">n"])
    for stage in run.stages {
      let summary = stage.summary
      let rows: [(String, Distribution)] =
        [
          ("time to first token", summary.timeToFirstToken), ("time per output token", summary.timePerOutputToken),
          ("inter-token latency", summary.interTokenLatency), ("end to end", summary.endToEnd),
        ]
        + [
          summary.serverPromptSeconds.map { ("prompt, by the server", $0) },
          summary.serverTimePerOutputToken.map { ("per token, by the server", $0) },
        ].compactMap { $0 }
      for (place, row) in rows.enumerated() {
        let values = [row.1.mean, row.1.p50, row.1.p90, row.1.p95, row.1.p99]
        let cells = values.map { $0.map { formattedSeconds($0) } ?? (row.1.count > 0 ? "n too small" : "-") }
        table.add([place == 0 ? stage.name : "", row.0] + cells + [row.1.count.grouped])
      }
    }
    return table.rendered()
  }

  /// One row for each load; columns that say nothing of any load are left out.
  private func throughput() -> String {
    func cell(_ value: Double?) -> String? { value.map { $0.formatted(significant: 3) } }
    let columns: [(title: String, cell: (RunSummary) -> String?)] = [
      (">completed", { $0.completed.grouped }), (">failed", { $0.errors.grouped }),
      (">unanswered", { summary in summary.censored.flatMap { $0 > 0 ? $0.grouped : nil } }),
      (">requests/s", { cell($0.requestsPerSecond) }), (">output tok/s", { cell($0.outputTokensPerSecond) }),
      (">steady", { cell($0.steadyOutputTokensPerSecond) }), (">peak 1 s", { cell($0.peakOutputTokensPerSecond) }),
      (">input tok/s", { cell($0.inputTokensPerSecond) }),
      (">cached", { summary in summary.cachedShare.map { "\(($0 * 100).formatted(decimals: 1))%" } }),
      (">within goals", { summary in summary.goodput.map { "\($0.attained)/\($0.considered)" } }),
    ]
    let told = columns.filter { column in run.stages.contains { column.cell($0.summary) != nil } }
    var table = TextTable(["load"] + told.map(\.title))
    for stage in run.stages { table.add([stage.name] + told.map { $0.cell(stage.summary) ?? "-" }) }
    return table.rendered()
  }

  private func health() -> String? {
    guard let client = run.client else { return nil }
    let late = client.dispatchLateness.p99 ?? client.dispatchLateness.maximum
    var text = "client: sent at most \(late.map { formattedSeconds($0) } ?? "-") late"
    text += client.dispatchLateness.p99 == nil ? "" : " (p99)"
    text += ", busy \((client.busyShare * 100).formatted(decimals: 1))% of a core"
    text += ", longest stall \(formattedSeconds(client.longestStall))"
    if let bytes = run.serverPeakBytes { text += "\nserver: \(bytes.value) resident at most" }
    return text
  }
}
