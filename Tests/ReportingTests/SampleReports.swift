import Benchmarking
import Fixtures
import Records
import Units

@testable import Reporting

/// Reports on made-up runs, the same each time.
enum SampleReports {
  static let createdAt = 1_795_390_000.0

  /// A report written by one version of the program, whichever runs the tests.
  private static func report(_ archives: [RunArchive], verdicts: [[ComparisonVerdict]] = []) -> RunReport {
    var report = RunReport(archives, verdicts: verdicts, createdAt: createdAt)
    report.plimsoll = ProgramVersion(
      version: "0.1.0", commit: "5e0d568123456789abcdef0123456789abcdef01", date: "2026-11-28")
    return report
  }

  static func archive(_ id: String = "20261122-2103-a1b2c3", change: (inout RunBuilder) -> Void = { _ in })
    -> RunArchive
  {
    var builder = RunBuilder()
    builder.id = id
    builder.requestsPerStage = 40
    change(&builder)
    return builder.archive()
  }

  static var single: RunReport { report([archive()]) }

  /// Two quantizations, the second slower and its client late.
  static var comparison: RunReport {
    let other = archive("20261122-2110-d4e5f6") {
      $0.seed = 2
      $0.quantization = "Q8_0"
      $0.pace = 0.0117
      $0.prefill = 0.16
      $0.reasons = [
        Reason("client-late", "3% of the requests were sent more than 5 ms late", remedy: "close other programs")
      ]
    }
    let slower = ComparisonVerdict(
      quantity: "output throughput", stage: "concurrency 4",
      ratio: RatioInterval(estimate: 0.74, low: 0.72, high: 0.76, blocks: 12),
      floor: NoiseFloor(share: 0.03, source: Source(.measured, "5 comparisons of equal runs on test-server")))
    let undecided = ComparisonVerdict(
      quantity: "time to first token", stage: "concurrency 4",
      ratio: RatioInterval(estimate: 0.95, low: 0.88, high: 1.02, blocks: 12), floor: .unmeasured)
    return report([archive(), other], verdicts: [[slower, undecided]])
  }

  /// What a killed process leaves: no summary, no plan, hostile names.
  static var bare: RunReport {
    var run = Run(id: "../../etc/<b>x", startedAt: 0, target: "http://h/<script>alert(1)</script>|*_`")
    run.status = .incomplete
    run.note = "=HYPERLINK(\"http://evil\")"
    return report([RunArchive(run: run)])
  }
}
