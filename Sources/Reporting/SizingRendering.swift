import Foundation
public import Planning
import Units

/// Prints what `size` found.
public struct SizingRendering: Sendable {
  let sizing: Sizing
  /// True where the machines were named: then each that fails is told with what would hold the load.
  let isShortlist: Bool

  public init(_ sizing: Sizing, isShortlist: Bool = false) {
    self.sizing = sizing
    self.isShortlist = isShortlist
  }

  /// The answer on one screen: what to buy, the layouts next to it, those that stand out, and why the others fail.
  ///
  /// - Parameter limit: rows of the table.
  public func text(limit: Int) -> String { SizingScreen(sizing, isShortlist: isShortlist).rendered(limit: limit) }

  /// All options, one line each, for other programs.
  public var csv: String {
    let titles = [
      "machine", "boxes", "accelerators_per_box", "engine", "quantization", "tensor_parallel", "replicas_per_box",
      "concurrency_per_box", "utilization", "ttft_s", "tpot_s", "output_tokens_per_s", "memory_used_bytes",
      "memory_bytes", "watts", "price", "cost_per_million_tokens", "break_even_months", "marks", "ttft_low_s",
      "ttft_high_s", "tpot_low_s", "tpot_high_s", "output_tokens_per_s_low", "output_tokens_per_s_high", "holds",
      "keeps_quality", "layout", "capacity_per_box", "in_flight", "requests_per_s", "energy_cost_per_million_tokens",
      "accelerators", "spare_boxes", "host", "confidence", "confident", "currency", "pay", "price_basis", "cost_total",
      "years", "price_accelerators", "price_hosts", "price_network", "energy_per_year", "rack_per_year",
      "licences_per_year", "racks", "on_demand_per_hour", "reserved_per_hour", "cost_per_million_input_split",
      "cost_per_million_output_split", "prompt_boxes",
    ]
    let rows = sizing.options.map { option -> [String] in
      [
        option.machine, "\(option.boxes)", "\(option.acceleratorsPerBox)", option.engine, option.quantization,
        "\(option.tensorParallel)", "\(option.replicasPerBox)", "\(option.concurrencyPerBox)",
        option.utilization.formatted(significant: 3), number(option.timeToFirstToken?.expected),
        number(option.timePerOutputToken?.expected), number(option.outputTokensPerSecond?.expected),
        "\(option.memoryUsedBytes.bytes)", "\(option.memoryBytes.bytes)", number(option.watts), number(option.price),
        number(option.costPerMillionTokens), number(option.breakEvenMonths), option.marks.joined(separator: " "),
        number(option.timeToFirstToken?.low), number(option.timeToFirstToken?.high),
        number(option.timePerOutputToken?.low), number(option.timePerOutputToken?.high),
        number(option.outputTokensPerSecond?.low), number(option.outputTokensPerSecond?.high), option.confidence,
        option.keepsQuality ? "yes" : "no", option.layout, number(option.capacityPerBox), number(option.inFlight),
        number(option.requestsPerSecond), number(option.energyCostPerMillionTokens),
      ] + money(option)
    }
    return csvText([titles] + rows)
  }

  /// How many, how sure, and each part of the costs.
  private func money(_ option: SizingOption) -> [String] {
    let costs = option.costs
    let best = costs?.lines.first
    func hour(_ way: SizingCosts.Way) -> Double? { costs?.lines.first { $0.way == way }?.perHour }
    // No comma within: not every program reads quotes.
    func words(_ text: String?) -> String { (text ?? "").replacing(",", with: ";") }
    let amounts = [
      best?.total, best == nil ? nil : costs?.years, costs?.accelerators, costs?.hosts, costs?.network,
      costs?.energyPerYear, costs?.rackPerYear, costs?.licencesPerYear,
    ]
    let hours = [
      hour(.onDemand), hour(.reserved), best?.split.perMillionInputTokens, best?.split.perMillionOutputTokens,
    ]
    return [
      "\(option.accelerators)", "\(option.spareBoxes)", words(option.host),
      option.probability.formatted(significant: 3),
      option.isConfident ? "yes" : "no", best == nil ? "" : sizing.costs.currency, best?.way.rawValue ?? "",
      words(option.priceSource),
    ] + amounts.map(number) + [costs?.racks.map { "\($0)" } ?? ""] + hours.map(number)
      + [option.promptBoxes.map { "\($0)" } ?? ""]
  }

  /// Writes a report with charts, in the form that the file's name ends in.
  public func write(to path: String, at seconds: Double) throws {
    try RunReport(sizing, createdAt: seconds).write(to: path)
  }

  private func number(_ value: Double?) -> String { value.map { $0.formatted(significant: 4) } ?? "" }
}
