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

  /// A table of the best options, those that stand out, and why the others fail.
  public func text(limit: Int) -> String {
    var lines = ["\(sizing.model): \(sizing.question)", ""]
    if !sizing.options.isEmpty { lines += [table(sizing.shown(limit)).rendered(), ""] }
    for mark in ["cheapest", "smallest", "headroom", "quality"] {
      guard let option = sizing.options.first(where: { $0.marks.contains(mark) }) else { continue }
      lines.append("\(mark): \(words(option))")
    }
    let failed = sizing.failedMachines
    let counts = failed.isEmpty ? "" : ": \(failureCounts(failed))"
    lines.append(
      "\(counted(sizing.options.count, "layout")) hold\(sizing.options.count == 1 ? "s" : "") the load; "
        + "\(counted(failed.count, "machine")) \(failed.count == 1 ? "does" : "do") not\(counts)")
    if isShortlist { lines += failureLines }
    lines += sizing.notices.map { "note: \($0.message)\($0.remedy.map { "; \($0)" } ?? "")" }
    return lines.joined(separator: "\n")
  }

  /// All options, one line each, for other programs.
  public var csv: String {
    let titles = [
      "machine", "boxes", "accelerators_per_box", "engine", "quantization", "tensor_parallel", "replicas_per_box",
      "concurrency_per_box", "utilization", "ttft_s", "tpot_s", "output_tokens_per_s", "memory_used_bytes",
      "memory_bytes", "watts", "price", "cost_per_million_tokens", "break_even_months", "marks", "ttft_low_s",
      "ttft_high_s", "tpot_low_s", "tpot_high_s", "output_tokens_per_s_low", "output_tokens_per_s_high", "holds",
      "keeps_quality", "layout", "capacity_per_box", "in_flight", "requests_per_s", "energy_cost_per_million_tokens",
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
      ]
    }
    return ([titles] + rows).map { $0.map { csvQuoted($0) }.joined(separator: ",") }.joined(separator: "\n")
  }

  /// The form of a report, by the end of its file's name.
  public enum Form: String, Sendable {
    case html, md

    public init?(path: String) { self.init(rawValue: (path as NSString).pathExtension.lowercased()) }
  }

  /// Writes a report with charts, in the form that the file's name ends in.
  public func write(to path: String, at seconds: Double) throws {
    let report = RunReport(sizing, createdAt: seconds)
    let renderer: any ReportRenderer = Form(path: path) == .html ? HTMLReport() : MarkdownReport()
    try Data(try renderer.render(report).utf8).write(to: URL(filePath: path), options: .atomic)
  }

  private func table(_ options: [SizingOption]) -> TextTable {
    var table = TextTable(
      [
        "machine", ">boxes", ">GPUs", "engine", "quant", "layout", ">load", "holds", ">TTFT", ">TPOT", ">tok/s",
        ">memory", ">W", ">price", ">per 1M", ">break-even", "",
      ], optional: ["break-even", "memory", "engine", "W", "tok/s", "GPUs", "holds"])
    for option in options {
      let memory = Double(option.memoryUsedBytes.bytes) / Double(max(1, option.memoryBytes.bytes)) * 100
      table.add([
        option.machine, "\(option.boxes)", "\(option.accelerators)", option.engine, option.quantization,
        option.layout, "\((option.utilization * 100).formatted(decimals: 0))%", option.confidence,
        option.timeToFirstToken.map { formattedSeconds($0.expected) } ?? "",
        option.timePerOutputToken.map { formattedSeconds($0.expected) } ?? "",
        option.outputTokensPerSecond.map { $0.expected.formatted(decimals: 0) } ?? "",
        "\(memory.formatted(decimals: 0))%", option.watts.map { $0.formatted(decimals: 0) } ?? "",
        option.price.map { Int($0).grouped } ?? "", option.costPerMillionTokens.map { $0.formatted(decimals: 2) } ?? "",
        option.breakEvenMonths.map { "\($0.formatted(decimals: 0)) months" } ?? "",
        option.marks.joined(separator: ", "),
      ])
    }
    return table
  }

  private func words(_ option: SizingOption) -> String {
    let source = option.priceSource.map { " (price: \($0))" } ?? ""
    return "\(option.boxWords) with \(option.engine) and \(option.quantization)\(source)"
  }

  private func failureCounts(_ failures: [SizingFailure]) -> String {
    let counts = Dictionary(grouping: failures, by: \.reason.code.rawValue).mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
      .joined(separator: ", ")
  }

  /// Each machine's failing boxes, those that fail alike together, with the figures of the largest.
  private var failureLines: [String] {
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
      return "\(group.map(\.box).joined(separator: " | ")): \(last.reason.message) [\(last.reason.code)]\(remedy)"
    }
  }

  private func number(_ value: Double?) -> String { value.map { $0.formatted(significant: 4) } ?? "" }
}
