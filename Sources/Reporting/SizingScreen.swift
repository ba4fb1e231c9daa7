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
    if !sizing.options.isEmpty { parts.append(table(Array(sizing.options.prefix(limit)))) }
    parts.append((standouts + [count(limit)] + failures + notices).joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  /// The cheapest where prices are known, else the first of the ranking.
  private var first: SizingOption? {
    sizing.options.first { $0.marks.contains("cheapest") } ?? sizing.options.first
  }

  private var headline: String {
    guard let first else {
      return Prose.wrapped("\(TextStyle.bad("Nothing holds the load:")) \(printable(sizing.model)), \(sizing.question)")
    }
    let why = first.marks.isEmpty ? "" : " (\(first.marks.joined(separator: ", ")))"
    let boxes = TextStyle.strong("\(printable(first.boxWords)), \(first.quantization) on \(first.engine)")
    return Prose.wrapped("\(TextStyle.strong(printable(sizing.model))): \(boxes)\(why)")
  }

  private func facts(_ option: SizingOption) -> String {
    let speed = [
      option.timeToFirstToken.map { "TTFT \(formattedSeconds($0.expected))" },
      option.timePerOutputToken.map { "TPOT \(formattedSeconds($0.expected))" },
      option.outputTokensPerSecond.map { "\($0.expected.formatted(significant: 3)) tok/s" },
      "at \((option.utilization * 100).formatted(decimals: 0))% of what it holds",
    ].compactMap { $0 }.joined(separator: ", ")
    let cost = [
      option.price.map { "\(Int($0).grouped) USD\(option.priceSource.map { " (\(printable($0)))" } ?? "")" },
      option.costPerMillionTokens.map { "\($0.formatted(decimals: 2)) USD per million output tokens" },
      option.breakEvenMonths.map { "breaks even after \($0.formatted(decimals: 0)) months" },
    ].compactMap { $0 }.joined(separator: ", ")
    let rows = [
      ("Load", sizing.question), ("Speed", speed), ("Cost", cost), ("Trust", trust(option)),
    ]
    return rows.filter { !$0.1.isEmpty }.map { name, text in
      Prose.wrapped("\(name)\(String(repeating: " ", count: 7 - name.count))\(text)", indent: 7)
    }.joined(separator: "\n")
  }

  private func trust(_ option: SizingOption) -> String {
    switch option.confidence {
    case "sure": "high: the slow ends of the bands keep the targets too"
    case "likely": "medium: the expected speeds keep the targets, the slow ends do not"
    default: "low: no device of this class was measured under load"
    }
  }

  private func table(_ options: [SizingOption]) -> String {
    var table = TextTable(
      [
        "machines", "engine", "quant", "layout", ">load", "trust", ">TTFT", ">TPOT", ">tok/s", ">memory", ">W",
        ">price", ">per 1M", ">break-even",
      ], optional: ["break-even", "memory", "W", "tok/s", "engine", "trust", "layout", "load"])
    for option in options {
      let memory = Double(option.memoryUsedBytes.bytes) / Double(max(1, option.memoryBytes.bytes)) * 100
      table.add([
        option.boxWords, option.engine, option.quantization, option.layout,
        "\((option.utilization * 100).formatted(decimals: 0))%", option.confidence,
        option.timeToFirstToken.map { formattedSeconds($0.expected) } ?? "",
        option.timePerOutputToken.map { formattedSeconds($0.expected) } ?? "",
        option.outputTokensPerSecond.map { $0.expected.formatted(decimals: 0) } ?? "",
        "\(memory.formatted(decimals: 0))%", option.watts.map { $0.formatted(decimals: 0) } ?? "",
        option.price.map { Int($0).grouped } ?? "", option.costPerMillionTokens.map { $0.formatted(decimals: 2) } ?? "",
        option.breakEvenMonths.map { "\($0.formatted(decimals: 0)) months" } ?? "",
      ])
    }
    return table.rendered()
  }

  /// The options that stand out beside the first, each once with all that it stands out by.
  private var standouts: [String] {
    let marked = sizing.options.filter { !$0.marks.isEmpty && $0 != first }
    return marked.map { option in
      let latency = option.timeToFirstToken.map { ", TTFT \(formattedSeconds($0.expected))" } ?? ""
      let price = option.price.map { ", \(Int($0).grouped) USD" } ?? ""
      let words = "\(printable(option.boxWords)), \(option.quantization) on \(option.engine)\(latency)\(price)"
      return Prose.wrapped("\(option.marks.joined(separator: ", ")): \(words)", indent: 2)
    }
  }

  private func count(_ limit: Int) -> String {
    let failed = sizing.failedMachines
    let holding = sizing.options.count
    let more = holding > limit ? " --limit shows more." : ""
    let causes = Dictionary(grouping: failed, by: \.reason.code.rawValue).mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) \(Self.words(ofCode: $0.key))" }.joined(separator: ", ")
    let others =
      failed.isEmpty ? "" : "; \(counted(failed.count, "machine")) \(failed.count == 1 ? "does" : "do") not: \(causes)"
    return Prose.wrapped(
      "\(counted(holding, "layout")) \(holding == 1 ? "holds" : "hold") the load\(others).\(more)",
      indent: 2)
  }

  /// A code's words for a count: `too slow`.
  private static func words(ofCode code: String) -> String {
    code.split(separator: "-").joined(separator: " ")
  }

  /// Each machine's failing boxes, those that fail alike together, with the figures of the largest.
  private var failures: [String] {
    guard isShortlist else { return [] }
    var groups: [[SizingFailure]] = []
    for failure in sizing.failures {
      if let last = groups.last?.last, last.machine == failure.machine, last.reason.code == failure.reason.code {
        groups[groups.count - 1].append(failure)
      } else {
        groups.append([failure])
      }
    }
    return groups.compactMap { group in
      guard let last = group.last else { return nil }
      let remedy = last.reason.remedy.map { "; \($0)" } ?? ""
      let boxes = group.map(\.box).joined(separator: " | ")
      return Prose.wrapped("\(boxes): \(last.reason.message) [\(last.reason.code)]\(remedy)", indent: 2)
    }
  }

  private var notices: [String] {
    sizing.notices.map { Prose.wrapped("Note: \($0.message)\($0.remedy.map { "; \($0)" } ?? "")", indent: 2) }
  }
}
