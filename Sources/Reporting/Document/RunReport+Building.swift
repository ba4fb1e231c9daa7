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
    let isComparison = subjects.count > 1
    var sections = isComparison ? [verdictSection(subjects, verdicts), overviewSection(subjects)] : []
    if isComparison { sections.append(differenceSection(subjects)) }
    sections += [trustSection(subjects), loadSection(subjects), predictionSection(subjects), memorySection(subjects)]
    sections.append(latencySection(subjects))
    sections += [nativeSection(subjects), telemetrySection(subjects)].compactMap { $0 }
    if !isComparison { sections.append(overviewSection(subjects).folded) }
    sections += [environmentSection(subjects), settingsSection(subjects), methodSection()].map(\.folded)
    self.init(
      title: Self.title(subjects), summary: Self.summary(subjects), createdAt: createdAt, sections: sections,
      runs: archives.map(\.run))
    if !isComparison, let subject = subjects.first { keyFigures = Self.keyFigures(of: subject) }
    if subjects.count == 2, let found = verdicts.first, SideBySide(subjects[1].run, subjects[0].run, found) == nil {
      keyFigures = Self.keyFigures(of: found, at: subjects[0].run.summaryStage)
    }
  }

  /// What became faster or slower in the headline's load, or in the first; three at most.
  private static func keyFigures(of verdicts: [ComparisonVerdict], at stage: String?) -> [KeyFigure] {
    let stages = verdicts.map(\.stage)
    guard let told = stage.flatMap({ stages.contains($0) ? $0 : nil }) ?? stages.first else { return [] }
    return verdicts.filter { $0.stage == told }.prefix(3).map { verdict in
      let words = verdict.difference.map { "\($0) \(verdict.outcome == .slower ? "slower" : "faster")" }
      return KeyFigure("\(verdict.quantity), \(told)", words ?? verdict.outcome.rawValue)
    }
  }

  /// Output, first token and each further token of the headline's load.
  private static func keyFigures(of subject: ReportSubject) -> [KeyFigure] {
    let summary = subject.run.summary
    let load = subject.run.summaryStage.map { ", \($0)" } ?? ""
    return [
      summary.outputTokensPerSecond.map { KeyFigure("output\(load)", ReportUnit.tokensPerSecond.text($0)) },
      summary.timeToFirstToken.p50.map { KeyFigure("to the first token (median)", formattedSeconds($0)) },
      summary.timePerOutputToken.p50.map { KeyFigure("for each further token (median)", formattedSeconds($0)) },
    ].compactMap { $0 }
  }

  private static func title(_ subjects: [ReportSubject]) -> String {
    guard subjects.count != 1 else { return subjects[0].name }
    return "Comparison of \(subjects.count) runs"
  }

  private static func summary(_ subjects: [ReportSubject]) -> String {
    if subjects.count > 1, let baseline = subjects.first {
      let others = subjects.dropFirst().map(\.letter)
      let names = others.count > 2 ? "\(others.first ?? "") to \(others.last ?? "")" : others.joined(separator: " and ")
      let machine = baseline.run.machine.map { " on \($0.name)" } ?? ""
      return "\(names) compared with \(baseline.label)\(machine)."
    }
    return subjects.map { subject in
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

extension ReportSection {
  /// The section as one that few readers need.
  fileprivate var folded: ReportSection {
    var section = self
    section.isFolded = true
    return section
  }
}
