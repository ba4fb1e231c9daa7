import Benchmarking
import Planning
import Records
import Units

/// What can be said of each run against the first.
func verdictSection(_ subjects: [ReportSubject], _ verdicts: [[ComparisonVerdict]]) -> ReportSection {
  var section = ReportSection("verdict", "Verdict")
  guard let baseline = subjects.first else { return section }
  for (subject, found) in zip(subjects.dropFirst(), verdicts) {
    for verdict in found where verdict.quantity == found.first?.quantity {
      section.notices.append(
        Notice(
          verdict.outcome == .undecided ? .doubtful : verdict.outcome == .slower ? .worse : .good,
          "\(subject.letter) against \(baseline.letter), \(verdict.quantity), \(verdict.stage): \(verdict.sentence)"))
    }
    section.tables.append(verdictTable(found, subject, baseline))
  }
  if verdicts.allSatisfy(\.isEmpty) {
    section.notices = [Notice(.doubtful, "no verdict: the runs have no stage in common that could be compared")]
  }
  let models = Set(subjects.map { $0.run.model?.headerDigest ?? $0.run.model?.name ?? "" })
  if models.count > 1 {
    section.paragraphs = ["These runs are of different models or quantizations: a faster one may answer worse."]
  }
  section.paragraphs += [
    "A ratio above 1 means that the later run is faster, for latencies too. The interval is a 95% bootstrap over block "
      + "means; a difference counts only beyond the noise floor."
  ]
  return section
}

private func verdictTable(
  _ verdicts: [ComparisonVerdict], _ subject: ReportSubject, _ baseline: ReportSubject
) -> ReportTable {
  ReportTable(
    "\(subject.label) against \(baseline.label)",
    [
      .text("Quantity"), .text("Stage"), .text("Verdict"), .number("Speed ratio"), .number("95% interval"),
      .number("Blocks"), .number("Noise floor"), .text("Source of the floor"), .text("Reason"),
    ],
    verdicts.map { verdict in
      let ratio = verdict.ratio
      func plain(_ value: Double) -> String { value.formatted(decimals: 3) }
      return [
        .text(verdict.quantity), .text(verdict.stage), .text(verdict.sentence),
        ratio.map { .text(plain($0.estimate)) } ?? .missing("none"),
        ratio.map { .text("\(plain($0.low)) to \(plain($0.high))") } ?? .missing("none"),
        ratio.map { .text("\($0.blocks)") } ?? .missing("none"),
        .figure(verdict.floor.share, .share, "\(verdict.floor.source)", or: ""), .text("\(verdict.floor.source)"),
        .text(verdict.reasons.map { "\($0.message)\($0.remedy.map { "; \($0)" } ?? "")" }.joined(separator: "; ")),
      ]
    })
}
