import Engines
import Models
import Planning
import Platform
import Units

/// What `size` found, on one screen: the cheapest, how it does, the layouts next to it, and why the others fail.
struct SizingScreen {
  private let sizing: Sizing
  private let isShortlist: Bool

  init(_ sizing: Sizing, isShortlist: Bool) {
    self.sizing = sizing
    self.isShortlist = isShortlist
  }

  func rendered(limit: Int) -> String {
    var parts = [headline]
    if let first { parts.append(facts(first)) }
    if let first { parts.append(table(rows(first, limit))) }
    parts.append(
      (Array(standouts.prefix(Self.standoutLimit)) + others + [count(limit)] + failures + notices).joined(
        separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  /// The best of the first's part: of each machine its best number, and more numbers where there is room.
  private func rows(_ first: SizingOption, _ limit: Int) -> [SizingOption] {
    let alike = sizing.options.indices.filter { isAlike(sizing.options[$0], first) }
    var seen: Set<String> = []
    let best = alike.filter { seen.insert(sizing.options[$0].machine).inserted }
    // Another number of the same machine is no choice at more than twice the price.
    let most = first.totalCost.map { 2 * $0 } ?? .infinity
    let more = alike.filter { !best.contains($0) && (sizing.options[$0].totalCost ?? 0) <= most }
    let chosen = Set((best + more).prefix(limit))
    return chosen.sorted().map { sizing.options[$0] }
  }

  /// The first of the ranking: what to buy, or what comes nearest to being sure enough.
  private var first: SizingOption? { sizing.options.first }

  private var currency: String { sizing.costs.currency }

  /// True where both are ranked by the same thing: what has no price, and what is not sure enough, stand apart.
  private func isAlike(_ option: SizingOption, _ other: SizingOption) -> Bool {
    option.isConfident == other.isConfident && (option.totalCost == nil) == (other.totalCost == nil)
      && option.hasToBeMade == other.hasToBeMade
  }

  private var headline: String {
    let name = TextStyle.strong(printable(sizing.model))
    guard let first else {
      return Prose.wrapped("\(TextStyle.bad("Nothing holds the load:")) \(printable(sizing.model)), \(sizing.question)")
    }
    let boxes = TextStyle.strong("\(printable(first.boxWords)), \(first.form) on \(first.engine)")
    guard first.isConfident else {
      let asked = TextStyle.bad("Nothing holds the load with \(sizing.confidence.percent) confidence.")
      return Prose.wrapped("\(name): \(asked) Cheapest below that (\(first.sureness)): \(boxes)")
    }
    let whole = "\(name): \(boxes)"
    // Of one layout alone every word would be true.
    let marked =
      first.marks.isEmpty || sizing.options.count == 1 ? whole : "\(whole) (\(first.marks.joined(separator: ", ")))"
    // The table's order says the same where a narrow terminal has no room for it.
    let lines = [marked, whole].map { Prose.wrapped($0) }
    return lines.first { !$0.contains("\n") } ?? lines[1]
  }

  /// Layouts beside the first that a screen of 24 lines has room for; what matters most comes first.
  private static let standoutLimit = 4

  private func facts(_ option: SizingOption) -> String {
    let speed = [
      option.timeToFirstToken.map { "TTFT\(sizing.percentileWords) \(formattedSeconds($0.expected))" },
      sizing.task == .generation
        ? option.timePerOutputToken.map { "TPOT\(sizing.outputPercentileWords) \(formattedSeconds($0.expected))" }
        : nil,
      throughput(option), "\(option.utilization.percent) of its capacity\(carriedWords(option))",
    ].compactMap { $0 }.joined(separator: ", ")
    let rows = [
      ("Cost", cost(option)), ("Sure", trust(option)), ("Load", sizing.question), ("Speed", speed),
      ("Loss", loss(option)),
    ]
    return rows.filter { !$0.1.isEmpty }.map { name, text in
      Prose.wrapped("\(name)\(String(repeating: " ", count: 7 - name.count))\(text)", indent: 7)
    }.joined(separator: "\n")
  }

  /// What the form costs in quality; empty for the weights as published, and forms that few could tell from them.
  private func loss(_ option: SizingOption) -> String {
    let published = PublishedQuality.loss(of: option.quantization)
    guard !option.keepsQuality,
      let share = PublishedQuality.shareLost(published, quantization: option.quantization, bits: option.bitsPerWeight)
    else { return "" }
    return
      "\(option.quantization) loses about \(share.percent) of a test's score (published for 7B to 8B; larger models usually lose less)"
  }

  /// What its capacity is counted for: the probability that was asked for, or what is expected of it.
  private func carriedWords(_ option: SizingOption) -> String {
    option.isConfident && !sizing.isPessimistic ? " (\(sizing.confidence.percent) sure)" : " (as expected)"
  }

  private func throughput(_ option: SizingOption) -> String? {
    guard sizing.task == .generation else { return "\(option.requestsPerSecond.formatted(significant: 3)) requests/s" }
    return option.outputTokensPerSecond.map { "\($0.expected.formatted(significant: 3)) tok/s" }
  }

  private func cost(_ option: SizingOption) -> String {
    guard let costs = option.costs, let line = costs.lines.first else { return "no price is known" }
    let batch = line.perBatch.map { each -> String in
      let days = (sizing.demand.withinSeconds ?? 0) / 86_400
      let often = days > 1 ? "one follows another" : "one runs each day"
      return "\(sizing.batchWords(option).map { "\($0); " } ?? "")\(each.money) \(currency) a batch if \(often): "
    }
    let parts = [
      line.perHour.map { "\($0.formatted(decimals: 2)) \(currency)/h" } ?? "\(line.upFront.money) \(currency) to buy",
      "\(line.total.money) over \(sizing.years) years",
      sizing.task == .generation ? "\(line.perMillionOutputTokens.tokenPrice) per million output tokens" : nil,
      line.breakEvenMonths.map {
        $0 < 0.5 ? "cheaper than the service from the start" : "breaks even after \($0.formatted(decimals: 0)) months"
      }
        ?? (sizing.costs.pricePerMillionTokens == nil ? nil : "never cheaper than the service"),
    ]
    let host = line.way == .purchase ? option.host.map { "; host: \($0)" } ?? "" : ""
    let ports =
      line.way == .purchase && costs.network != nil
      ? sizing.costs.network.map { "; network: \(sizing.networkWords($0))" } ?? "" : ""
    return
      "\(batch ?? "")\(parts.compactMap { $0 }.joined(separator: ", ")) (\(printable(line.source))\(host)\(ports))"
  }

  private func trust(_ option: SizingOption) -> String {
    let asked = sizing.isPessimistic ? "each target at the slow end of its band" : "asked: \(sizing.confidence.percent)"
    let spare =
      option.spareBoxes > 0 ? ", with \(option.spareBoxes == 1 ? "1 box" : "\(option.spareBoxes) boxes") failed" : ""
    let measured = option.isMeasured ? "" : "; GPU not measured under load"
    return "\(option.sureness) that all targets hold\(spare) (\(asked)\(measured))"
  }

  /// Columns of a terminal that has room for all that is known of a layout.
  private static let wide = 110

  private func table(_ options: [SizingOption]) -> String {
    let years = "\(sizing.years) years"
    let first = "TTFT\(sizing.percentileWords)"
    let hasTokens = sizing.task == .generation
    // What decides stays; the rest has room on a wide screen, in a file, or in --csv. The total ranks, not what is paid first.
    let hasTotals = options.allSatisfy { $0.totalCost != nil }
    let isNarrow = (TextTable.terminalWidth ?? .max) < Self.wide
    // Rows of one machine differ by their forms, which have no column of their own then.
    let namesForms = isNarrow && Set(options.map(\.machine)).count < options.count
    let all: [(title: String, isExtra: Bool, text: (SizingOption) -> String)] = [
      ("machines", false, { $0.boxWords + (namesForms ? ", \($0.form.replacing(" 4-bit", with: ""))" : "") }),
      (">GPUs", false, { $0.acceleratorsPerBox == 0 ? "" : "\($0.accelerators)" }),
      ("engine", true, { $0.engine }), ("quant", true, { $0.form }), ("layout", true, { $0.layout }),
      (">load", true, { $0.utilization.percent }), (">sure", false, { $0.sureness }),
      (">\(first)", false, { $0.timeToFirstToken.map { formattedSeconds($0.expected) } ?? "" }),
      (
        ">TPOT\(sizing.outputPercentileWords)", false,
        { hasTokens ? $0.timePerOutputToken.map { formattedSeconds($0.expected) } ?? "" : "" }
      ),
      (">tok/s", true, { hasTokens ? $0.outputTokensPerSecond.map { $0.expected.formatted(decimals: 0) } ?? "" : "" }),
      (">W", true, { $0.watts.map { $0.formatted(decimals: 0) } ?? "" }),
      (">a batch", false, { $0.costs?.lines.first?.perBatch?.money ?? "" }),
      (">price", hasTotals, { $0.payment ?? "" }), (">\(years)", false, { $0.totalCost?.money ?? "" }),
      (">per 1M", true, { hasTokens ? $0.costPerMillionTokens?.tokenPrice ?? "" : "" }),
      (
        ">break-even", true,
        { $0.breakEvenMonths.map { $0 < 0.5 ? "at once" : "\($0.formatted(decimals: 0)) months" } ?? "" }
      ),
    ]
    let columns = all.filter { column in
      !(isNarrow && column.isExtra) && options.contains { !column.text($0).isEmpty }
    }
    var table = TextTable(
      columns.map(\.title), optional: ["break-even", "W", "tok/s", "engine", "layout", "load", "per 1M", "quant"])
    let sure = columns.firstIndex { $0.title == ">sure" } ?? 0
    for option in options {
      table.add(columns.map { $0.text(option) }, styles: [sure: option.isConfident ? .good : .doubtful])
    }
    return table.rendered()
  }

  /// What costs less and is riskier, what costs more and is surer, and what else stands out, each once.
  private var standouts: [String] {
    let beside = sizing.alternatives
    var told = [first].compactMap { $0 }
    var lines: [String] = []
    func tell(_ name: String, _ option: SizingOption?) {
      guard let option, !told.contains(option) else { return }
      told.append(option)
      lines.append(
        Prose.wrapped(
          "\(name): \(printable(option.boxWords)), \(option.form), \(option.sureness) sure"
            + sizing.totalWords(option), indent: 2))
    }
    if let first, let mean = beside.inTheMean {
      told.append(mean)
      lines.append(Prose.wrapped("Enough on average: " + printable(sizing.meanWords(mean, beside: first)), indent: 2))
    }
    tell("Cheaper, to be converted", beside.converted)
    tell("Cheaper, riskier", beside.riskier)
    tell("Dearer, safer", beside.safer)
    let marked = sizing.options.filter { !$0.marks.isEmpty && !told.contains($0) }
    for option in marked {
      let marks = option.marks.joined(separator: " and ")
      let name = marks.prefix(1).uppercased() + marks.dropFirst()
      lines.append(Prose.wrapped("\(name): \(printable(option.words))\(sizing.totalWords(option))", indent: 2))
    }
    return lines
  }

  /// What is not ranked with the first: layouts without a price.
  private var others: [String] {
    guard let first, first.totalCost != nil else { return [] }
    let unpriced = sizing.options.filter { $0.totalCost == nil && $0.isConfident }
    guard let example = unpriced.first else { return [] }
    return [
      Prose.wrapped(
        "Not ranked: \(counted(unpriced.count, "layout")) without a price "
          + "(--price \"\(printable(example.machine))=AMOUNT\").", indent: 2)
    ]
  }

  private func count(_ limit: Int) -> String {
    let failed = sizing.failedMachines
    let holding = sizing.options.filter(\.isConfident).count
    let risky = sizing.options.count - holding
    let more = holding > limit ? " More: --limit \(limit * 3)." : ""
    let below =
      risky == 0 ? "" : holding == 0 ? ", \(risky) with less" : ", \(risky) under \(sizing.confidence.percent) sure"
    var others = failed.isEmpty ? "" : "; \(counted(failed.count, "machine")) cannot\(causes(failed))"
    if first == nil, failed.count == 1 {
      // A shortlist names it below, with the reason.
      others = isShortlist ? "" : ": \(printable(failed[0].box)): \(failed[0].reason.message)"
    }
    let sure = "with \(sizing.confidence.percent) confidence"
    let held =
      holding == 0
      ? "No layout holds the load \(sure)"
      : "\(counted(holding, "layout")) \(holding == 1 ? "holds" : "hold") it"
    return Prose.wrapped("\(held)\(below)\(others).\(more)", indent: 2)
  }

  /// Why machines fail, counted, where nothing holds the load; where something does, `--json` tells.
  private func causes(_ failed: [SizingFailure]) -> String {
    guard first == nil else { return "" }
    let counts = Dictionary(grouping: failed, by: \.reason.code.rawValue).mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return ": " + counts.map { "\($0.value) \(Self.words(ofCode: $0.key, $0.value))" }.joined(separator: ", ")
  }

  /// What a code says of so many machines: `are too slow`.
  private static func words(ofCode code: String, _ count: Int) -> String {
    let (be, have) = count == 1 ? ("is", "has") : ("are", "have")
    return switch ReasonCode(rawValue: code) {
    case .insufficientMemory: "\(have) too little memory"
    case .unknownMemory: "\(have) unknown memory"
    default: "\(be) \(code.split(separator: "-").joined(separator: " "))"
    }
  }

  /// The boxes of each machine that holds the load in no number, those that fail alike together, with the figures of the largest.
  private var failures: [String] {
    guard isShortlist else { return [] }
    var groups: [[SizingFailure]] = []
    let failed = Set(sizing.failedMachines.map(\.machine))
    for failure in sizing.failures where failed.contains(failure.machine) {
      if let last = groups.last?.last, last.machine == failure.machine, last.reason.code == failure.reason.code {
        groups[groups.count - 1].append(failure)
      } else {
        groups.append([failure])
      }
    }
    return unsure
      + groups.compactMap { group in
        guard let last = group.last else { return nil }
        let remedy = last.reason.remedy.map { "; \($0)" } ?? ""
        let boxes = group.map(\.box).joined(separator: " | ")
        return Prose.wrapped("\(boxes): \(last.reason.message) [\(last.reason.code)]\(remedy)", indent: 2)
      }
  }

  /// The machines of a shortlist that hold the load less surely than asked, beside one that holds it: the surest of each.
  private var unsure: [String] {
    guard first?.isConfident == true else { return [] }
    let sure = Set(sizing.options.filter(\.isConfident).map(\.machine))
    let others = Dictionary(grouping: sizing.options.filter { !sure.contains($0.machine) }, by: \.machine)
    return others.sorted { $0.key < $1.key }.compactMap { _, options in
      options.max { $0.probability < $1.probability }.map {
        Prose.wrapped(
          "\(printable($0.words)): \($0.sureness) sure, below the \(sizing.confidence.percent) asked", indent: 2)
      }
    }
  }

  private var notices: [String] {
    let isMarked = [first, sizing.alternatives.converted].contains { $0?.hasToBeMade == true }
    return (isMarked ? [Prose.wrapped(PublishedFilesNote.unlisted, indent: 2)] : [])
      + sizing.notices.map { Prose.wrapped("Note: \($0.message)\($0.remedy.map { "; \($0)" } ?? "")", indent: 2) }
  }
}
