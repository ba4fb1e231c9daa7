import Platform
import Benchmarking
import Engines
import Records
import Units

/// What an engine's own benchmark found in its process, beside what clients of its server got; nil where no run of the
/// report is of that kind.
func nativeSection(_ subjects: [ReportSubject]) -> ReportSection? {
  let native = subjects.map { ($0, $0.nativeResults) }.filter { !$0.1.isEmpty }
  guard !native.isEmpty else { return nil }
  let served = subjects.filter { $0.nativeResults.isEmpty && $0.singleStream != nil }
  var section = ReportSection("native", "In process and served")
  section.paragraphs = [
    "The engine's own benchmark runs the model in one process, without a server, a tokenizer or sampling. A server's "
      + "client waits for those too, so served figures are lower; tests of other lengths are not the same work."
  ]
  section.tables = native.map { nativeTable($0, $1, served) }
  return section
}

private func nativeTable(_ subject: ReportSubject, _ results: [NativeResult], _ served: [ReportSubject]) -> ReportTable
{
  let build = results.compactMap(\.build).first.map { ", build \($0)" } ?? ""
  return ReportTable(
    "\(subject.label), in process\(build)",
    [.text("Test"), .number("In process"), .number("Deviation"), .number("Repetitions")]
      + served.flatMap { [.number("Served by \($0.shortLabel)"), .number("Served / in process")] },
    results.map { result in
      let source = "measured by the engine's own benchmark"
      let cells: [ReportCell] = [
        .text(result.test), .figure(result.tokensPerSecond, .tokensPerSecond, source, or: "none"),
        .figure(result.deviation, .tokensPerSecond, source, or: "not told"),
        .figure(Double(result.samples.count), .count, source, or: ""),
      ]
      return cells
        + served.flatMap { subject -> [ReportCell] in
          let value = subject.singleStream.flatMap { servedSpeed($0, like: result) }
          let ratio = value.map { $0 / result.tokensPerSecond }
          return [
            .figure(value, .tokensPerSecond, "measured by the client, one stream", or: "not measured"),
            .figure(ratio, .share, "computed from the two before it", or: ""),
          ]
        }
    })
}

/// The served speed that stands beside a test: of reading prompts, of writing answers, or of both together.
private func servedSpeed(_ stage: StageResult, like result: NativeResult) -> Double? {
  let summary = stage.summary
  if result.generatedTokens == 0 {
    guard let first = summary.timeToFirstToken.mean, first > 0, let input = summary.inputTokens, summary.completed > 0
    else { return nil }
    return Double(input) / Double(summary.completed) * (1 - (summary.cachedShare ?? 0)) / first
  }
  if result.promptTokens == 0 { return summary.timePerOutputToken.mean.map { 1 / $0 } }
  return summary.outputTokensPerSecond
}

extension ReportSubject {
  fileprivate var nativeResults: [NativeResult] { run.nativeResults }

  /// The stage in which one request was in flight at a time.
  fileprivate var singleStream: StageResult? { run.stages.first { $0.concurrency == 1 } }
}
