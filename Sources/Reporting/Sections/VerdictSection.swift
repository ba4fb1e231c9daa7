import Benchmarking
import Planning
import Records
import Units

/// What can be said of each run against the first: a sentence for each quantity, the ratios as a picture, caveats once.
func verdictSection(_ subjects: [ReportSubject], _ verdicts: [[ComparisonVerdict]]) -> ReportSection {
  var section = ReportSection("verdict", "Verdict")
  guard let baseline = subjects.first else { return section }
  for (subject, found) in zip(subjects.dropFirst(), verdicts) where !found.isEmpty {
    let pair = "\(subject.letter) against \(baseline.letter)"
    if let unlike = SideBySide(subject.run, baseline.run, found) {
      section.notices.append(Notice(.doubtful, "\(pair): \(unlike.sentence)"))
      continue
    }
    section.notices.append(VerdictWords(found).inOneSentence(of: subject.letter, against: baseline.letter))
    if let chart = ratioChart(found, pair) { section.charts.append(.ratios(chart)) }
    section.tables.append(verdictTable(found, "\(subject.label) against \(baseline.label)"))
  }
  if verdicts.allSatisfy(\.isEmpty) {
    section.notices = [Notice(.doubtful, "no verdict: the runs have no stage in common that could be compared")]
  }
  let models = Set(subjects.map { $0.run.model?.headerDigest ?? $0.run.model?.name ?? "" })
  if models.count > 1 {
    section.paragraphs = ["These runs use different models or quantizations: a faster one may answer worse."]
  }
  section.paragraphs += VerdictWords(verdicts.flatMap { $0 }).caveats
  section.paragraphs.append(
    "A ratio above 1 means that the later run is faster, for latencies too. The interval is a 95% bootstrap over block "
      + "means; a difference counts only beyond the noise floor.")
  return section
}

private func verdictTable(_ verdicts: [ComparisonVerdict], _ caption: String) -> ReportTable {
  ReportTable(
    caption,
    [
      .text("Quantity"), .text("Stage"), .text("Verdict"), .number("Speed ratio"), .number("95% interval"),
      .number("Blocks"), .number("Noise floor"),
    ],
    verdicts.map { verdict in
      let ratio = verdict.ratio
      func plain(_ value: Double) -> String { value.formatted(decimals: 3) }
      return [
        .text(verdict.quantity), .text(verdict.stage), .text(verdict.sentence),
        ratio.map { .text(plain($0.estimate)) } ?? .missing("none"),
        ratio.map { .text("\(plain($0.low)) to \(plain($0.high))") } ?? .missing("none"),
        ratio.map { .text("\($0.blocks)") } ?? .missing("none"),
        .figure(verdict.floor.share, .share, "\(verdict.floor.source)", or: ""),
      ]
    })
}

private func ratioChart(_ verdicts: [ComparisonVerdict], _ pair: String) -> RatioChart? {
  let rows = verdicts.compactMap { verdict in
    verdict.ratio.map {
      RatioChart.Row(
        name: "\(verdict.quantity), \(verdict.stage)", low: $0.low, estimate: $0.estimate, high: $0.high,
        floor: verdict.floor.share)
    }
  }
  guard !rows.isEmpty else { return nil }
  let open = verdicts.count { $0.outcome == .undecided }
  let rest =
    "\(open) of \(verdicts.count) comparisons are undecided: they reach into the noise of equal runs or need more requests."
  return RatioChart(
    title: "Speed of \(pair)", summary: open == 0 ? "Every comparison is decided." : rest, rows: rows)
}

/// Verdicts in as few sentences as say all of them.
struct VerdictWords {
  private let verdicts: [ComparisonVerdict]

  init(_ verdicts: [ComparisonVerdict]) { self.verdicts = verdicts }

  /// One for each quantity: `output throughput: slower by 26.0% (concurrency 4); undecided (concurrency 1)`.
  var notices: [Notice] {
    Self.inOrder(verdicts.map(\.quantity)).map { quantity in
      let own = verdicts.filter { $0.quantity == quantity }
      let words = Self.inOrder(own.map(\.sentence)).map { sentence in
        "\(sentence) (\(own.filter { $0.sentence == sentence }.map(\.stage).joined(separator: ", ")))"
      }
      let outcomes = Set(own.map(\.outcome))
      let level: Notice.Level =
        outcomes.contains(.slower) ? .worse : outcomes.contains(.undecided) ? .undecided : .good
      return Notice(level, "\(quantity): \(words.joined(separator: "; "))")
    }
  }

  /// All of them in one sentence, what is decided first: `B is slower than A: output throughput by 21%, TPOT by 29%; the same
  /// within 2%: TTFT; undecided: end-to-end latency (38 more blocks per side)`.
  func inOneSentence(of later: String, against baseline: String) -> Notice {
    let hasStages = Set(verdicts.map(\.stage)).count > 1
    func name(_ verdict: ComparisonVerdict) -> String {
      let blocks = verdict.moreBlocks.map { "\($0.grouped) more blocks per side" }
      let notes = [hasStages ? verdict.stage : nil, verdict.outcome == .undecided ? blocks : nil].compactMap { $0 }
      return verdict.quantity + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
    }
    func words(_ outcome: ComparisonVerdict.Outcome, _ head: String) -> String? {
      let found = verdicts.filter { $0.outcome == outcome }
      let names = found.map { name($0) + ($0.difference.map { " by \($0)" } ?? "") }
      return found.isEmpty ? nil : "\(head): \(names.joined(separator: ", "))"
    }
    let tolerance = Set(verdicts.filter { $0.outcome == .same }.map(\.toleranceWords)).sorted().joined(
      separator: " to ")
    let differences = [
      words(.slower, "\(later) is slower than \(baseline)"), words(.faster, "\(later) is faster than \(baseline)"),
    ].compactMap { $0 }
    let same = differences.isEmpty ? "\(later) is as fast as \(baseline) within" : "the same within"
    let rest = [words(.same, "\(same) \(tolerance)"), words(.undecided, "undecided")].compactMap { $0 }
    let outcomes = Set(verdicts.map(\.outcome))
    return Notice(
      outcomes.contains(.slower) ? .worse : outcomes == [.undecided] ? .undecided : .good,
      (differences + rest).joined(separator: "; "))
  }

  /// What holds for several rows, once: where the noise floor is from, why some are undecided, what would decide them.
  var caveats: [String] {
    let reasons = verdicts.flatMap(\.reasons)
    let undecided = reasons.filter { $0.code == .undecided }
    let remedies = Self.inOrder(undecided.compactMap(\.remedy))
    var sentences = Self.inOrder(verdicts.map { "Noise floor: \($0.floor.source)." })
    if !undecided.isEmpty {
      let remedy = remedies.isEmpty ? "" : "; to decide them, \(remedies.joined(separator: ", or "))"
      sentences.append("Undecided: the interval reaches into the noise floor\(remedy).")
    }
    sentences += Self.inOrder(
      reasons.filter { $0.code != .undecided }.map { "\($0.message)\($0.remedy.map { " (\($0))" } ?? "") [\($0.code)]" }
    )
    return sentences
  }

  private static func inOrder(_ words: [String]) -> [String] {
    words.reduce(into: []) { found, word in if !found.contains(word) { found.append(word) } }
  }
}
