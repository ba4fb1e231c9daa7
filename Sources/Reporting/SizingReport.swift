import Engines
public import Planning
import Units

extension RunReport {
  /// Lays out what `size` found: the best layouts, cost against throughput, memory by machine, and what does not hold.
  public init(_ sizing: Sizing, limit: Int = 15, createdAt: Double) {
    let layout = SizingLayout(sizing: sizing, shown: sizing.shown(limit))
    self.init(
      title: "Capacity for \(sizing.model)", summary: layout.question, createdAt: createdAt,
      sections: [layout.answers, layout.memory, layout.failures], runs: [])
    keyFigures = layout.keyFigures
  }
}

extension Sizing {
  /// The best options, with those that stand out among them wherever they rank.
  public func shown(_ limit: Int) -> [SizingOption] {
    options.prefix(limit) + options.dropFirst(limit).filter { !$0.marks.isEmpty }
  }
}

extension Sizing {
  /// The load in words: `50 requests in flight`, `200 users who think for 30.0 s`, with lengths, targets and growth.
  public var question: String {
    let amount =
      demand.amount == demand.amount.rounded() && demand.amount < 1e9
      ? Int(demand.amount).grouped : demand.amount.formatted(significant: 3)
    let thinkTime = demand.thinkTimeSeconds ?? 0
    let load =
      switch demand.kind {
      case .concurrency: "\(amount) request\(amount == "1" ? "" : "s") in flight"
      case .rate: "\(amount) requests/s"
      case .users: "\(amount) users who \(thinkTime > 0 ? "think for \(formattedSeconds(thinkTime))" : "ask at once")"
      }
    let targets = [
      workload.timeToFirstTokenTarget.map { ", TTFT within \(formattedSeconds($0))" },
      workload.timePerOutputTokenTarget.map { ", TPOT within \(formattedSeconds($0))" },
    ].compactMap { $0 }.joined()
    let ends = isPessimistic && !targets.isEmpty ? " at the upper ends of the bands" : ""
    let grown = growth == 1 ? "" : ", growth x\(growth.formatted(significant: 2))"
    return "\(load), \(workload.inputTokens) tokens in, \(workload.outputTokens) out\(targets)\(ends)\(grown)"
  }
}

extension SizingOption {
  /// The boxes in a few words: `2 x (8x h100), FP8`.
  public var words: String { "\(boxWords), \(quantization)" }

  /// The boxes without what they run: `2 x (8x h100)`.
  public var boxWords: String { boxes > 1 ? "\(boxes) x (\(box))" : box }

  /// The servers of one box in a few words: `2 x TP4`, `1 x split 3`, `1 x split 2, experts of 60 layers on host`.
  public var layout: String {
    var parts: [String] = []
    let stages = devicesPerServer / max(1, tensorParallel)
    if EngineKind(rawValue: engine)?.planning.layouts.hasDegrees == true, acceleratorsPerBox > 0 {
      parts.append("TP\(tensorParallel)\(expertParallel.map { " EP\($0)" } ?? "")\(stages > 1 ? " PP\(stages)" : "")")
    }
    if parts.isEmpty { parts.append(acceleratorsPerBox == 0 ? "CPU" : "split \(devicesPerServer)") }
    if let layers = expertLayersOnHost { parts.append("experts of \(layers) layers on host") }
    if let layers = layersOnDevices { parts.append("\(layers) layers on GPU") }
    return "\(replicasPerBox) x \(parts.joined(separator: ", "))"
  }

  /// How well it holds the load: `sure` where the upper ends of the bands are within the targets too, `likely` where the
  /// expected values are, `guess` where no device of the class was measured under load either.
  public var confidence: String { isSure ? "sure" : isMeasured ? "likely" : "guess" }
}

/// The sections of a capacity report.
private struct SizingLayout {
  let sizing: Sizing
  let shown: [SizingOption]

  var question: String {
    "\(sizing.question); \(sizing.options.count) layouts hold it, \(sizing.failedMachines.count) machines do not."
  }

  /// The cheapest layout, what it costs, and how soon it answers.
  var keyFigures: [KeyFigure] {
    guard let first = sizing.options.first(where: { $0.marks.contains("cheapest") }) ?? sizing.options.first else {
      return []
    }
    let currency = sizing.costs.currency
    return [
      KeyFigure(first.marks.contains("cheapest") ? "cheapest per token" : "first choice", first.words),
      first.price.map { KeyFigure("price", "\(Int($0).grouped) \(currency)") },
      first.costPerMillionTokens.map {
        KeyFigure("per million output tokens", "\($0.formatted(decimals: 2)) \(currency)")
      },
      first.timeToFirstToken.map { KeyFigure("to the first token", formattedSeconds($0.expected)) },
    ].compactMap { $0 }
  }

  var answers: ReportSection {
    var section = ReportSection("layouts", "What holds the load")
    for mark in ["cheapest", "smallest", "headroom", "quality"] {
      guard let option = sizing.options.first(where: { $0.marks.contains(mark) }) else { continue }
      section.notices.append(Notice(.good, "\(mark): \(option.words)"))
    }
    section.paragraphs = [
      "A layout holds the load where the expected latencies are within the targets: surely where the upper ends of "
        + "their bands are too, by a guess where no device of its class was measured under load."
    ]
    let columns: [ReportColumn] = [
      .text("machine"), .text("engine"), .number("accelerators"), .number("load"), .text("holds"),
      .number("first token"),
      .number("each further"), .number("tokens/s"), .number("memory"), .number("W"),
      .number("price (\(sizing.costs.currency))"), .number("per 1M tokens"), .number("break-even, months"),
    ]
    section.tables = [
      ReportTable("Layouts, best first; figures are predictions with 80% bands", columns, shown.map(row))
    ]
    addCosts(to: &section)
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
      .text(option.confidence), band(option.timeToFirstToken, .seconds), band(option.timePerOutputToken, .seconds),
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
  private func addCosts(to section: inout ReportSection) {
    let priced = sizing.options.filter { $0.price != nil && $0.outputTokensPerSecond != nil }
    guard !priced.isEmpty else {
      section.paragraphs.append("No price is known: give some with --price \"8x h100=250000\".")
      return
    }
    section.charts = [.lines(frontier(priced)), .bars(costBars)]
  }

  private func frontier(_ priced: [SizingOption]) -> LineChart {
    // What the layout could carry at full load, which is what more users would find.
    func capacity(_ option: SizingOption) -> Double {
      (option.outputTokensPerSecond?.expected ?? 0) / max(option.utilization, 0.01)
    }
    var points: [LineChart.Point] = []
    // What costs many times the cheapest would press the others together.
    let most = 10 * (priced.compactMap(\.price).min() ?? 0)
    for option in priced.filter({ $0.price ?? 0 <= most }).sorted(by: {
      ($0.price ?? 0, -capacity($0)) < ($1.price ?? 0, -capacity($1))
    }) {
      guard let price = option.price, capacity(option) > points.last?.y ?? 0 else { continue }
      points.append(.init(price, capacity(option), label: points.count < 8 ? option.machine : nil))
    }
    return LineChart(
      title: "Output tokens a second for the price",
      summary: "Layouts that none beats in both price and throughput, up to ten times the lowest price.",
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
    section.isFolded = true
    let rows = sizing.failures.map { failure -> [ReportCell] in
      [
        .text(failure.box), .text(failure.reason.code.rawValue), .text(failure.reason.message),
        .text(failure.reason.remedy ?? ""),
      ]
    }
    section.tables = [
      ReportTable("Boxes and why", [.text("box"), .text("reason"), .text("in words"), .text("what would")], rows)
    ]
    return section
  }
}

extension Int {
  fileprivate var figure: ReportFigure { ReportFigure(Double(self), .count, "boxes x accelerators in each") }
}
