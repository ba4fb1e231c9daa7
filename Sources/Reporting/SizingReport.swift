public import Planning
import Units

extension RunReport {
  /// Lays out what `size` found: the best layouts, cost against throughput, memory by machine, and what does not hold.
  public init(_ sizing: Sizing, limit: Int = 40, createdAt: Double) {
    let layout = SizingLayout(sizing: sizing, shown: sizing.shown(limit))
    self.init(
      title: "Capacity for \(sizing.model)", summary: layout.question, createdAt: createdAt,
      sections: [layout.answers, layout.costs, layout.memory, layout.failures], runs: [])
  }
}

extension Sizing {
  /// The best options, with those that stand out among them wherever they rank.
  public func shown(_ limit: Int) -> [SizingOption] {
    options.prefix(limit) + options.dropFirst(limit).filter { !$0.marks.isEmpty }
  }
}

extension SizingOption {
  /// The boxes in a few words: `2 x (8x h100), FP8`.
  public var words: String {
    let box = acceleratorsPerBox > 1 ? "\(acceleratorsPerBox)x \(machine)" : machine
    return boxes > 1 ? "\(boxes) x (\(box)), \(quantization)" : "\(box), \(quantization)"
  }
}

/// The sections of a capacity report.
private struct SizingLayout {
  let sizing: Sizing
  let shown: [SizingOption]

  var question: String {
    let load = sizing.workload
    let targets = [
      load.timeToFirstTokenTarget.map { ", first token within \(formattedSeconds($0))" },
      load.timePerOutputTokenTarget.map { ", each further within \(formattedSeconds($0))" },
    ]
    return "\(load.concurrency) requests in flight, \(load.inputTokens) tokens in and \(load.outputTokens) out"
      + targets.compactMap { $0 }.joined() + ", growth x\(sizing.growth.formatted(significant: 2)); "
      + "\(sizing.options.count) layouts hold it, \(sizing.failures.count) machines do not."
  }

  var answers: ReportSection {
    var section = ReportSection("layouts", "What holds the load")
    for mark in ["cheapest", "smallest", "headroom"] {
      guard let option = sizing.options.first(where: { $0.marks.contains(mark) }) else { continue }
      section.notices.append(Notice(.good, "\(mark): \(option.words)"))
    }
    let columns: [ReportColumn] = [
      .text("machine"), .text("engine"), .number("accelerators"), .number("load"), .number("first token"),
      .number("each further"), .number("tokens/s"), .number("memory"), .number("W"),
      .number("price (\(sizing.costs.currency))"), .number("per 1M tokens"), .number("break-even, months"),
    ]
    section.tables = [
      ReportTable("Layouts, best first; figures are predictions with 80% bands", columns, shown.map(row))
    ]
    return section
  }

  private func row(_ option: SizingOption) -> [ReportCell] {
    let memory = Double(option.memoryUsedBytes.bytes) / Double(max(1, option.memoryBytes.bytes))
    func band(_ band: Band?, _ unit: ReportUnit) -> ReportCell {
      band.map { .figure(ReportFigure($0, unit)) } ?? .missing("unknown")
    }
    return [
      .text(option.words), .text(option.engine), .figure(option.accelerators.figure),
      .figure(option.utilization, .share, "load over the load it holds", or: ""),
      band(option.timeToFirstToken, .seconds), band(option.timePerOutputToken, .seconds),
      band(option.outputTokensPerSecond, .tokensPerSecond),
      .figure(memory, .share, "weights and cache over the accelerators' memory", or: ""),
      .figure(option.watts, .count, "datasheets", or: "unknown"),
      .figure(option.price, .count, option.priceSource ?? "given", or: "no price"),
      .figure(
        option.costPerMillionTokens, .count,
        "price over \(sizing.costs.years.formatted(significant: 2)) years and energy",
        or: "no price"),
      .figure(option.breakEvenMonths, .count, "against the price given for a million tokens", or: ""),
    ]
  }

  /// Price against throughput: the layouts that no other beats in both.
  var costs: ReportSection {
    var section = ReportSection("costs", "Cost against throughput")
    let priced = sizing.options.filter { $0.price != nil && $0.outputTokensPerSecond != nil }
    guard !priced.isEmpty else {
      section.paragraphs = ["No price is known: give some with --price \"8x h100=250000\"."]
      return section
    }
    section.charts = [.lines(frontier(priced)), .bars(costBars)]
    return section
  }

  private func frontier(_ priced: [SizingOption]) -> LineChart {
    // What the layout could carry at full load, which is what more users would find.
    func capacity(_ option: SizingOption) -> Double {
      (option.outputTokensPerSecond?.expected ?? 0) / max(option.utilization, 0.01)
    }
    var points: [LineChart.Point] = []
    for option in priced.sorted(by: { ($0.price ?? 0, -capacity($0)) < ($1.price ?? 0, -capacity($1)) }) {
      guard let price = option.price, capacity(option) > points.last?.y ?? 0 else { continue }
      points.append(.init(price, capacity(option), label: points.count < 8 ? option.machine : nil))
    }
    return LineChart(
      title: "Output tokens a second for the price", summary: "Layouts that none beats in both price and throughput.",
      xTitle: "price in \(sizing.costs.currency)", yTitle: "output tokens/s at full load", xUnit: .count,
      yUnit: .tokensPerSecond, series: [.init(name: "best for the price", points: points)])
  }

  private var costBars: BarChart {
    let priced = shown.filter { $0.costPerMillionTokens != nil }.prefix(12)
    return BarChart(
      title: "\(sizing.costs.currency) for a million output tokens",
      summary:
        "Price over \(sizing.costs.years.formatted(significant: 2)) years, with electricity where its price is given.",
      unit: .count, series: ["cost"],
      groups: priced.map { .init(name: $0.words, values: [$0.costPerMillionTokens]) })
  }

  var memory: ReportSection {
    var section = ReportSection("memory", "Memory by machine")
    let bars = shown.prefix(12).map { option in
      let used = Double(option.memoryUsedBytes.bytes)
      let free = max(0, Double(option.memoryBytes.bytes) - used)
      return StackChart.Bar(
        name: option.words, parts: [.init(name: "weights and cache", value: used), .init(name: "free", value: free)])
    }
    guard !bars.isEmpty else { return section }
    section.charts = [
      .stack(
        StackChart(
          title: "Memory of the accelerators",
          summary: "What the load takes of each layout's memory, and what is left.",
          unit: .bytes, bars: bars))
    ]
    return section
  }

  var failures: ReportSection {
    var section = ReportSection("failures", "What does not hold the load")
    let rows = sizing.failures.map { failure -> [ReportCell] in
      [.text(failure.machine), .text(failure.reason.code.rawValue), .text(failure.reason.message)]
    }
    section.tables = [
      ReportTable("Machines and why", [.text("machine"), .text("reason"), .text("in words")], rows)
    ]
    return section
  }
}

extension Int {
  fileprivate var figure: ReportFigure { ReportFigure(Double(self), .count, "boxes x accelerators in each") }
}
