import Engines
import Models
public import Planning
import Platform
import Units

/// Prints tiers side by side: what each takes, at what cost, and how much less than the next.
public struct SizingTiersRendering: Sendable {
  let tiers: SizingTiers

  public init(_ tiers: SizingTiers) { self.tiers = tiers }

  public var text: String {
    guard let first = tiers.tiers.first?.sizing else { return "" }
    let currency = first.costs.currency
    let hasTokens = first.task == .generation
    var table = TextTable(
      [
        "tier", "to buy", ">GPUs", ">fewer", ">sure", ">TTFT\(first.percentileWords)",
        ">TPOT\(first.outputPercentileWords)", ">price",
        ">\(first.years) years", ">per 1M", "quant",
      ], optional: ["quant", "per 1M", "price"])
    for (tier, fewer) in zip(tiers.tiers, tiers.fewerThanNext) {
      guard let option = tier.sizing.recommended else {
        table.add([tier.name, tier.sizing.nothingWords])
        continue
      }
      let line = option.costs?.lines.first
      table.add([
        tier.name, option.boxWords, "\(option.accelerators)", fewer.map { "\($0)" } ?? "", option.sureness,
        option.timeToFirstToken.map { formattedSeconds($0.expected) } ?? "",
        hasTokens ? option.timePerOutputToken.map { formattedSeconds($0.expected) } ?? "" : "",
        option.payment ?? "no price", line?.total.money ?? "",
        hasTokens ? line?.perMillionOutputTokens.tokenPrice ?? "" : "", option.quantization,
      ])
    }
    let note =
      "fewer: GPUs saved against the next tier. Costs in \(currency). Each tier is the answer to that question alone, with \(first.confidence.percent) "
      + "confidence; size it alone for its alternatives."
    return
      "\(TextStyle.strong(printable(first.model))): \(counted(tiers.tiers.count, "tier"))\n\n\(table.rendered())\n\n"
      + Prose.wrapped(note)
  }

  /// Writes a report with a chart, in the form that the file's name ends in.
  public func write(to path: String, at seconds: Double) throws {
    try RunReport(tiers, createdAt: seconds).write(to: path)
  }

  /// One line for each tier, for other programs.
  public var csv: String {
    let titles = [
      "tier", "machine", "boxes", "accelerators", "fewer_than_next", "quantization", "confidence", "ttft_s", "tpot_s",
      "currency", "pay", "price", "per_hour", "cost_total", "years", "cost_per_million_tokens", "price_basis",
    ]
    let rows = zip(tiers.tiers, tiers.fewerThanNext).map { tier, fewer -> [String] in
      guard let option = tier.sizing.recommended else { return [tier.name] + Array(repeating: "", count: 16) }
      let line = option.costs?.lines.first
      func number(_ value: Double?) -> String { value.map { $0.formatted(significant: 4) } ?? "" }
      return [
        tier.name, option.machine, "\(option.boxes)", "\(option.accelerators)", fewer.map { "\($0)" } ?? "",
        option.quantization, option.probability.formatted(significant: 3), number(option.timeToFirstToken?.expected),
        number(option.timePerOutputToken?.expected), tier.sizing.costs.currency, line?.way.rawValue ?? "",
        number(option.price), number(line?.perHour), number(line?.total), number(option.costs?.years),
        number(line?.perMillionOutputTokens),
        // No comma within: not every program reads quotes.
        (line?.source ?? "").replacing(",", with: ";"),
      ]
    }
    return csvText([titles] + rows)
  }
}
