public import Hardware
import Units

/// The catalogue at a glance, as `machines list` prints it; a figure that is not verified has a question mark.
public struct MachineTable: Encodable, Sendable {
  public var schema = "plimsoll.machines/1"
  public var machines: [Machine]
  private let entries: [(name: String, kind: String)]

  private enum CodingKeys: String, CodingKey { case schema, machines }

  /// - Parameter rows: each machine with the name and the kind of its entry.
  public init(_ rows: [(name: String, kind: String, machine: Machine)]) {
    entries = rows.map { ($0.name, $0.kind) }
    machines = rows.map(\.machine)
  }

  /// - Parameter limit: the most rows; nil for all.
  public func rendered(limit: Int? = nil) -> String {
    func text(_ figure: Figure<Double>?, scale: Double = 1) -> String {
      guard let figure else { return "" }
      return (figure.value / scale).datasheetText + (figure.source.unverified == true ? "?" : "")
    }
    var table = TextTable(
      ["name", "kind", ">GPUs", ">GiB", ">GB/s", ">FP16 TFLOPS", ">W"], optional: ["kind"])
    for (entry, machine) in zip(entries, machines).prefix(limit ?? .max) {
      let gpu = machine.accelerators.first
      let memory = gpu?.memoryBytes ?? machine.memory.totalBytes
      table.add([
        entry.name, entry.kind, machine.accelerators.isEmpty ? "" : "\(machine.accelerators.count)",
        text(memory.map { $0.map { $0.gibibytes } }), text(gpu?.bandwidth ?? machine.memory.bandwidth, scale: 1e9),
        text(gpu?.teraOperationsPerSecond?["fp16"]), text(gpu?.watts ?? machine.watts ?? machine.cpu.watts),
      ])
    }
    return table.rendered()
  }
}

extension MachineComparison {
  /// What changes from one machine to another, as a table.
  public func rendered() -> String {
    var table = TextTable([""] + machines.map { ">\($0)" } + [">ratio", "unit"])
    for row in rows {
      let cells = zip(row.values, row.sources).map { value, source in
        value.map { $0 == 0 ? "none" : $0.datasheetText + (source?.unverified == true ? "?" : "") } ?? "unknown"
      }
      table.add([row.name] + cells + [row.ratio.map { "x\($0.formatted(decimals: 2))" } ?? "", row.unit])
    }
    return table.rendered()
  }
}

extension Double {
  /// Four digits at most, without zeros behind the point: `24`, `716.8`.
  fileprivate var datasheetText: String {
    var text = formatted(significant: 4)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
