public import Planning
import Units

extension RunReport {
  /// Lays out several answers for whoever signs: what each tier takes, then each with what stands beside it, and what all
  /// of it rests on.
  public init(_ tiers: SizingTiers, createdAt: Double) {
    let layout = SizingTiersLayout(tiers: tiers)
    let name = tiers.tiers.first?.sizing.model ?? ""
    self.init(
      title: "Capacity for \(name)",
      summary: "\(counted(tiers.tiers.count, "tier")), each the answer to its question alone.", createdAt: createdAt,
      sections: [layout.overview] + layout.choices + layout.ground, runs: [])
    keyFigures = layout.keyFigures
  }
}

/// The sections of a report on tiers.
private struct SizingTiersLayout {
  let tiers: SizingTiers

  private var held: [(tier: SizingTiers.Tier, option: SizingOption)] {
    tiers.tiers.compactMap { tier in tier.sizing.recommended.map { (tier, $0) } }
  }

  /// The smallest and the largest tier that something holds.
  var keyFigures: [KeyFigure] {
    let ends = [held.first, held.count > 1 ? held.last : nil].compactMap { $0 }
    return ends.map { tier, option in
      let total = option.totalCost.map { ", \($0.money) \(tier.sizing.costs.currency)" } ?? ""
      return KeyFigure(tier.name, "\(option.boxWords)\(total)")
    }
  }

  /// What each tier takes, in a chart and a table.
  var overview: ReportSection {
    var section = ReportSection("tiers", "What each tier takes")
    guard let first = tiers.tiers.first?.sizing else { return section }
    let currency = first.costs.currency
    let isPriced = held.contains { $0.option.totalCost != nil }
    let name = isPriced ? "\(currency) over \(first.years) years" : "GPUs"
    if held.count > 1 {
      let groups = tiers.tiers.map { tier in
        let option = tier.sizing.recommended
        return BarChart.Group(
          name: tier.name, values: [isPriced ? option?.totalCost : option.map { Double($0.accelerators) }])
      }
      section.charts = [
        .bars(
          BarChart(
            title: "\(name) for each tier",
            summary: "The recommendation of each tier at \(first.confidence.percent) confidence.", unit: .count,
            series: [name], groups: groups))
      ]
    }
    let rows = zip(tiers.tiers, tiers.fewerThanNext).map { tier, fewer -> [ReportCell] in
      guard let option = tier.sizing.recommended else {
        return [.text(tier.name), .text(tier.sizing.nothingWords)] + Array(repeating: ReportCell.text(""), count: 5)
      }
      return [
        .text(tier.name), .text(option.words), .text("\(option.accelerators)"), .text(fewer.map { "\($0)" } ?? ""),
        .text(option.sureness), .text(option.timeToFirstToken.map { formattedSeconds($0.expected) } ?? ""),
        .text(option.totalCost?.money ?? "no price"),
      ]
    }
    section.tables = [
      ReportTable(
        "To buy for each tier; fewer: GPUs saved against the next tier",
        [
          .text("Tier"), .text("To buy"), .number("GPUs"), .number("Fewer"), .number("Sure"),
          .number("TTFT\(first.percentileWords)"), .number("\(currency), \(first.years) years"),
        ], rows)
    ]
    return section
  }

  /// The recommendation of each tier with its alternatives.
  var choices: [ReportSection] {
    tiers.tiers.enumerated().map { index, tier in
      var section = SizingLayout(tier.sizing).choice
      section.id = "tier-\(index + 1)"
      section.title = tier.name
      for index in section.tables.indices { section.tables[index].caption += " (\(tier.name))" }
      section.paragraphs.append("\(tier.sizing.question).")
      return section
    }
  }

  /// What the first tier's answer rests on, which differs among tiers by price and prediction alone, and what it refused.
  var ground: [ReportSection] {
    guard let first = held.first?.tier ?? tiers.tiers.first else { return [] }
    let layout = SizingLayout(first.sizing)
    return [layout.assumptions, layout.refused].map { section in
      var own = section
      own.title += " (\(first.name))"
      return own
    }
  }
}
