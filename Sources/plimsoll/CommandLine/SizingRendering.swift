import Foundation
import Planning
import Reporting
import Units

/// Prints what `size` found.
struct SizingRendering {
  let sizing: Sizing

  init(_ sizing: Sizing) { self.sizing = sizing }

  /// A table of the best options, the three that stand out, and why the others fail.
  func text(limit: Int) -> String {
    let load = sizing.workload
    var lines = [
      "\(sizing.model): \(load.concurrency) requests in flight, \(load.inputTokens) tokens in, "
        + "\(load.outputTokens) out\(targets), growth x\(sizing.growth.formatted(significant: 2))", "",
      table(sizing.shown(limit)).rendered(), "",
    ]
    for mark in ["cheapest", "smallest", "headroom"] {
      guard let option = sizing.options.first(where: { $0.marks.contains(mark) }) else { continue }
      lines.append("\(mark): \(words(option))")
    }
    lines.append(
      "\(sizing.options.count) layouts hold the load; \(sizing.failures.count) machines do not: \(failureCounts)")
    return lines.joined(separator: "\n")
  }

  /// All options, one line each, for other programs.
  var csv: String {
    let titles = [
      "machine", "boxes", "accelerators_per_box", "engine", "quantization", "tensor_parallel", "replicas_per_box",
      "concurrency_per_box", "utilization", "ttft_s", "tpot_s", "output_tokens_per_s", "memory_used_bytes",
      "memory_bytes", "watts", "price", "cost_per_million_tokens", "break_even_months", "marks",
    ]
    let rows = sizing.options.map { option -> [String] in
      [
        option.machine, "\(option.boxes)", "\(option.acceleratorsPerBox)", option.engine, option.quantization,
        "\(option.tensorParallel)", "\(option.replicasPerBox)", "\(option.concurrencyPerBox)",
        option.utilization.formatted(significant: 3), number(option.timeToFirstToken?.expected),
        number(option.timePerOutputToken?.expected), number(option.outputTokensPerSecond?.expected),
        "\(option.memoryUsedBytes.bytes)", "\(option.memoryBytes.bytes)", number(option.watts), number(option.price),
        number(option.costPerMillionTokens), number(option.breakEvenMonths), option.marks.joined(separator: " "),
      ]
    }
    return ([titles] + rows).map { $0.map(Self.cell).joined(separator: ",") }.joined(separator: "\n")
  }

  /// Writes a report with charts: HTML where the name ends in .html, else Markdown.
  func write(to path: String, at seconds: Double) throws {
    let report = RunReport(sizing, createdAt: seconds)
    let renderer: any ReportRenderer = path.hasSuffix(".html") ? HTMLReport() : MarkdownReport()
    try Data(try renderer.render(report).utf8).write(to: URL(filePath: path), options: .atomic)
  }

  private func table(_ options: [SizingOption]) -> TextTable {
    var table = TextTable(
      [
        "machine", ">boxes", ">GPUs", "engine", "quant", "layout", ">load", ">TTFT", ">TPOT", ">tok/s", ">memory", ">W",
        ">price", ">per 1M", ">break-even", "",
      ], optional: ["break-even", "memory", "engine", "W", "tok/s", "GPUs"])
    for option in options {
      let memory = Double(option.memoryUsedBytes.bytes) / Double(max(1, option.memoryBytes.bytes)) * 100
      table.add([
        option.machine, "\(option.boxes)", "\(option.accelerators)", option.engine, option.quantization,
        "\(option.replicasPerBox) x \(option.engine == "vllm" ? "TP" : "split ")\(option.tensorParallel)",
        "\((option.utilization * 100).formatted(decimals: 0))%",
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
    let what = option.acceleratorsPerBox == 0 ? option.machine : "\(option.acceleratorsPerBox)x \(option.machine)"
    let source = option.priceSource.map { " (price: \($0))" } ?? ""
    return "\(option.boxes) x (\(what)) with \(option.engine) and \(option.quantization)\(source)"
  }

  private var targets: String {
    let first = sizing.workload.timeToFirstTokenTarget.map { ", TTFT within \(formattedSeconds($0))" } ?? ""
    let each = sizing.workload.timePerOutputTokenTarget.map { ", TPOT within \(formattedSeconds($0))" } ?? ""
    return first + each
  }

  private var failureCounts: String {
    let counts = Dictionary(grouping: sizing.failures, by: \.reason.code.rawValue).mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
      .joined(separator: ", ")
  }

  private func number(_ value: Double?) -> String { value.map { $0.formatted(significant: 4) } ?? "" }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { ",\"\n".contains($0) }) else { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
