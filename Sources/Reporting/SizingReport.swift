import Engines
import Models
public import Planning
import Units

extension RunReport {
  /// Lays out what `size` found for whoever signs: what to buy and beside what, what surer answers cost, how the answer
  /// changes with the question, what it rests on, and what was refused.
  public init(_ sizing: Sizing, createdAt: Double) {
    let layout = SizingLayout(sizing)
    self.init(
      title: "Capacity for \(sizing.model)", summary: "\(sizing.question).", createdAt: createdAt,
      sections: [layout.choice] + (sizing.study.map { [layout.sureness($0), layout.sensitivity($0)] } ?? [])
        + [layout.others, layout.assumptions, layout.refused], runs: [])
    keyFigures = layout.keyFigures
  }
}

/// The sections of a capacity report; every table has as few columns as fit on a page.
struct SizingLayout {
  private let sizing: Sizing

  init(_ sizing: Sizing) { self.sizing = sizing }

  private var currency: String { sizing.costs.currency }
  private var years: String { sizing.years }
  private var asked: String { sizing.confidence.percent }

  /// What to buy, what it costs, how sure that is, and how soon it answers.
  var keyFigures: [KeyFigure] {
    guard let option = sizing.recommended else { return [] }
    return [
      KeyFigure("to buy", option.boxWords),
      option.costs?.lines.first?.perBatch.map { KeyFigure("\(currency) a batch, if they follow each other", $0.money) }
        ?? option.totalCost.map { KeyFigure("\(currency) over \(years) years", $0.money) },
      KeyFigure("that all targets hold", option.sureness),
      option.timeToFirstToken.map { KeyFigure("to the first token", formattedSeconds($0.expected)) },
    ].compactMap { $0 }
  }

  /// The recommendation beside what is cheaper and riskier, and what is dearer and safer.
  var choice: ReportSection {
    var section = ReportSection("choice", "What to buy")
    guard let option = sizing.recommended ?? sizing.options.first else {
      section.notices = [Notice(.bad, "Nothing holds the load.")]
      return section
    }
    let beside = sizing.alternatives
    if option.isConfident {
      section.notices = [
        Notice(
          .good, "\(option.words) on \(option.engine) keeps all targets with \(option.sureness) confidence.")
      ]
      section.paragraphs =
        beside.inTheMean.map { ["Enough on average: \(sizing.meanWords($0, beside: option))."] } ?? []
    } else {
      section.notices = [
        Notice(
          .bad,
          "Nothing keeps all targets with \(asked) confidence; the cheapest below that is \(option.words) "
            + "with \(option.sureness). Do not order it without a trial.")
      ]
    }
    var columns: [(title: String, option: SizingOption)] = []
    if let riskier = beside.riskier { columns.append(("Cheaper, riskier", riskier)) }
    if let mean = beside.inTheMean, mean != beside.riskier { columns.insert(("Enough on average", mean), at: 0) }
    columns.append((option.isConfident ? "Recommended" : "Not sure enough", option))
    if let safer = beside.safer { columns.append(("Dearer, safer", safer)) }
    let rows = Self.facts.compactMap { name, fact -> [ReportCell]? in
      let cells = columns.map { fact($0.option, sizing) }
      guard cells.contains(where: { $0 != nil }) else { return nil }
      return [.text(name)] + cells.map { .text($0 ?? "–") }
    }
    section.tables = [
      ReportTable("Recommendation and alternatives", [.text("Figure")] + columns.map { .text($0.title) }, rows),
      cashFlow(option),
    ].compactMap { $0 }
    return section
  }

  /// The rows of the comparison: a name, and what is said of an option.
  private static let facts: [(String, @Sendable (SizingOption, Sizing) -> String?)] = [
    ("machines", { option, _ in option.boxWords }),
    ("runs", { option, _ in "\(option.form) on \(option.engine), \(option.layout)" }),
    ("accelerators", { option, _ in option.acceleratorsPerBox > 0 ? "\(option.accelerators)" : nil }),
    ("all targets hold", { option, _ in option.sureness }),
    (
      "first token",
      { option, sizing in
        option.timeToFirstToken.map { percentile(sizing.percentileWords, span($0, formattedSeconds)) }
      }
    ),
    (
      "each further token",
      { option, sizing in
        sizing.task == .generation
          ? option.timePerOutputToken.map { percentile(sizing.outputPercentileWords, span($0, formattedSeconds)) } : nil
      }
    ),
    ("load over capacity", { option, _ in option.utilization.percent }),
    ("one batch", { option, sizing in sizing.batchWords(option) }),
    (
      "a batch of many",
      { option, sizing in option.costs?.lines.first?.perBatch.map { "\($0.money) \(sizing.costs.currency)" } }
    ),
    ("way to pay", { option, _ in option.costs?.lines.first?.way.words }),
    (
      "at the start",
      { option, sizing in option.costs?.lines.first.map { "\($0.upFront.money) \(sizing.costs.currency)" } }
    ),
    (
      "each year",
      { option, sizing in option.costs?.lines.first.map { "\($0.perYear.money) \(sizing.costs.currency)" } }
    ),
    ("over all years", { option, sizing in option.totalCost.map { "\($0.money) \(sizing.costs.currency)" } }),
    (
      "1M output tokens",
      { option, sizing in
        guard let line = option.costs?.lines.first, sizing.task == .generation else { return nil }
        return
          "\(line.perMillionOutputTokens.tokenPrice) all in; \(line.split.perMillionInputTokens.tokenPrice) in and "
          + "\(line.split.perMillionOutputTokens.tokenPrice) out by machine time"
      }
    ),
    (
      "break-even",
      { option, sizing in
        guard sizing.costs.pricePerMillionTokens != nil, let line = option.costs?.lines.first else { return nil }
        return line.breakEvenMonths.map { $0 < 0.5 ? "from the start" : "\($0.formatted(decimals: 0)) months" }
          ?? "never"
      }
    ),
    (
      "power",
      { option, _ in
        option.watts.map { watts in
          "\((watts / 1000).formatted(significant: 3)) kW\(option.costs?.racks.map { ", \(counted($0, "rack"))" } ?? "")"
        }
      }
    ),
  ]

  private static func percentile(_ words: String, _ text: String) -> String {
    words.isEmpty ? text : "\(words.dropFirst()) \(text)"
  }

  private static func span(_ band: Band, _ words: (Double) -> String) -> String {
    ReportFigure.banded(words(band.expected), low: words(band.low), high: words(band.high))
  }

  /// What is paid at the start and in each year, by each way to pay.
  private func cashFlow(_ option: SizingOption) -> ReportTable? {
    guard let costs = option.costs, !costs.lines.isEmpty else { return nil }
    let flows = costs.lines.map { costs.cashFlow($0) }
    let most = flows.map(\.count).max() ?? 1
    let titles = ["Start"] + (1..<max(2, most)).map { "Year \($0)" } + ["Total"]
    let rows = zip(costs.lines, flows).map { line, flow -> [ReportCell] in
      [.text(line.way.words)] + flow.map { .text($0.money) } + [.text(line.total.money)]
    }
    return ReportTable(
      "Cash flow of \(option.boxWords) in \(currency)", [.text("Way to pay")] + titles.map { .number($0) }, rows)
  }

  /// What a surer answer costs.
  func sureness(_ study: SizingStudy) -> ReportSection {
    var section = ReportSection("confidence", "Cost against confidence")
    let known = study.byConfidence.compactMap { point in
      point.option.flatMap { option in option.totalCost.map { (point.confidence, option, $0) } }
    }
    if known.count > 1 {
      section.charts = [
        .lines(
          LineChart(
            title: "Cost over \(years) years for a confidence",
            summary:
              "The cheapest of \(counted(study.machines.count, "machine")) considered that keeps all targets with this confidence.",
            xTitle: "confidence", yTitle: "\(currency), thousands", xUnit: .share, yUnit: .count,
            series: [.init(name: "cheapest", points: known.map { .init($0.0, $0.2 / 1000) })]))
      ]
    }
    // Two of the chart's points say what the others do: paper is short.
    let told = study.byConfidence.filter { ![0.6, 0.7].contains($0.confidence) }
    let rows = told.map { point -> [ReportCell] in
      guard let option = point.option else {
        return [.text(point.confidence.percent), .text("nothing"), .text(""), .text("")]
      }
      return [
        .text(point.confidence.percent), .text(option.boxWords), .text("\(option.accelerators)"),
        .text(option.totalCost?.money ?? "no price"),
      ]
    }
    section.tables = [
      ReportTable(
        "The cheapest for each confidence",
        [.text("Sure"), .text("Machines"), .number("GPUs"), .number("\(currency), \(years) years")], rows)
    ]
    return section
  }

  func sensitivity(_ study: SizingStudy) -> ReportSection {
    var section = ReportSection("sensitivity", "If the question changes")
    let rows = study.sensitivity.map { item -> [ReportCell] in
      guard let option = item.option else {
        return [.text(item.name), .text("nothing at \(asked)"), .text(""), .text(""), .text("")]
      }
      return [
        .text(item.name), .text(option.words), .text("\(option.accelerators)"), .text(option.sureness),
        .text(option.totalCost?.money ?? "no price"),
      ]
    }
    section.tables = [
      ReportTable(
        "The answer to changed questions, at \(asked) confidence",
        [.text("Change"), .text("To buy"), .number("GPUs"), .number("Sure"), .number("\(currency), \(years) years")],
        rows)
    ]
    return section
  }

  /// The next of the ranking; what has no price, and what is not sure enough, in tables of their own.
  var others: ReportSection {
    var section = ReportSection("layouts", "Other layouts")
    let rest = sizing.options.dropFirst()
    var seen = Set(sizing.options.prefix(1).map(\.machine))
    let priced = rest.filter { $0.isConfident && $0.totalCost != nil && seen.insert($0.machine).inserted }
    let unpriced = sizing.options.filter { $0.isConfident && $0.totalCost == nil }
    let risky = rest.filter { !$0.isConfident && $0.totalCost != nil }
    section.tables = [
      table("Next by cost, at \(asked) or more", priced.prefix(4)),
      table("No price known, by power: to rank them give --price", unpriced.prefix(3)),
      table("Below \(asked): not recommended", risky.prefix(2)),
    ].compactMap { $0 }
    return section
  }

  private func table(_ caption: String, _ options: ArraySlice<SizingOption>) -> ReportTable? {
    guard !options.isEmpty else { return nil }
    // As few columns as fit a telephone: the total is what ranks.
    let isPriced = options.contains { $0.totalCost != nil }
    let hasTokens = sizing.task == .generation
    let rows = options.map { option -> [ReportCell] in
      let first = option.timeToFirstToken.map { formattedSeconds($0.expected) } ?? ""
      let each = option.timePerOutputToken.map { formattedSeconds($0.expected) } ?? ""
      return [
        .text(option.words), .text("\(option.accelerators)"), .text(option.sureness), .text(first),
      ] + (hasTokens ? [.text(each)] : []) + (isPriced ? [.text(option.totalCost?.money ?? "")] : [])
    }
    let columns: [ReportColumn] = [.text("Machines"), .number("GPUs"), .number("Sure"), .number("TTFT")]
    return ReportTable(
      caption,
      columns + (hasTokens ? [.number("TPOT")] : []) + (isPriced ? [.number("\(currency), \(years) years")] : []), rows)
  }

  var assumptions: ReportSection {
    var section = ReportSection("assumptions", "What this rests on")
    guard let option = sizing.recommended ?? sizing.options.first else { return section }
    section.tables = [
      ReportTable(
        "Assumptions and their sources", [.text("What"), .text("Value"), .text("Source")],
        sizing.assumptions(of: option).map { [.text($0.what), .text($0.value), .text($0.source)] })
    ]
    return section
  }

  /// Why machines are not among the answers, those that fail alike together.
  var refused: ReportSection {
    var section = ReportSection("refused", "What was refused and why")
    let groups = Dictionary(grouping: sizing.failedMachines, by: \.reason.code)
      .sorted { ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue) }
    let rows = groups.map { code, failures -> [ReportCell] in
      let names = failures.prefix(4).map(\.machine).joined(separator: ", ") + (failures.count > 4 ? "…" : "")
      let example = failures.first.map { "\($0.box): \($0.reason.message)" } ?? ""
      return [.text(code.rawValue), .text("\(failures.count)"), .text(names), .text(example)]
    }
    guard !rows.isEmpty else {
      section.paragraphs = ["Every machine considered holds the load with enough boxes."]
      return section
    }
    section.tables = [
      ReportTable(
        "Machines that cannot hold the load",
        [.text("Reason"), .number("Machines"), .text("Which"), .text("Example")], rows)
    ]
    return section
  }
}
