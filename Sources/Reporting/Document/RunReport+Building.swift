public import Benchmarking
import Hardware
public import Records
import Units

extension RunReport {
  /// Computes a report on one run, or one that puts several side by side.
  ///
  /// - Parameters:
  ///   - archives: runs with their requests; of more than one the first is the baseline.
  ///   - verdicts: what the comparison found, one list for each run after the first.
  ///   - createdAt: seconds since 1970.
  public init(_ archives: [RunArchive], verdicts: [[ComparisonVerdict]] = [], createdAt: Double) {
    let subjects = ReportSubject.letters(archives)
    var sections = [overviewSection(subjects)]
    if subjects.count > 1 { sections.insert(verdictSection(subjects, verdicts), at: 0) }
    sections += [
      trustSection(subjects), predictionSection(subjects), loadSection(subjects), latencySection(subjects),
      memorySection(subjects),
    ]
    sections += [nativeSection(subjects), telemetrySection(subjects)].compactMap { $0 }
    if subjects.count > 1 { sections.append(differenceSection(subjects)) }
    sections += [environmentSection(subjects), settingsSection(subjects), methodSection()]
    self.init(
      title: Self.title(subjects), summary: Self.summary(subjects), createdAt: createdAt, sections: sections,
      runs: archives.map(\.run))
  }

  private static func title(_ subjects: [ReportSubject]) -> String {
    guard subjects.count != 1 else { return subjects[0].name }
    return "Comparison of \(subjects.count) runs"
  }

  private static func summary(_ subjects: [ReportSubject]) -> String {
    subjects.map { subject in
      let summary = subject.run.summary
      let speed = summary.outputTokensPerSecond.map { "\(ReportUnit.tokensPerSecond.text($0)) output" }
      let wait = summary.timeToFirstToken.p50.map { "\(formattedSeconds($0)) to the first token (median)" }
      let load = subject.run.summaryStage.map { " at \($0)" } ?? ""
      let found = [speed, wait].compactMap { $0 }.joined(separator: ", ") + load
      let machine = subject.run.machine.map { " on \($0.name)" } ?? ""
      let name = subject.letter.isEmpty ? "Measured\(machine)" : "\(subject.label)\(machine)"
      return "\(name): \(speed == nil && wait == nil ? "no finished request" : found)."
    }.joined(separator: " ")
  }
}
