public import Engines
public import Planning
import Units

/// What was planned for each part of a server's memory beside what the engine says that it allocated.
public struct EngineMemoryComparison: Sendable {
  struct Row {
    var component: String
    /// Sum over all devices.
    var planned: Figure<ByteCount>
    /// Nil where the engine's log does not tell.
    var engine: Figure<ByteCount>?
  }

  let rows: [Row]
  private let estimate: MemoryEstimate
  private let engine: EngineMemory

  public init(_ estimate: MemoryEstimate, _ engine: EngineMemory) {
    self.estimate = estimate
    self.engine = engine
    let devices = estimate.devices.map(\.components.all)
    let names = devices.first?.map(\.name) ?? []
    rows = names.indices.compactMap { index in
      let figures = devices.map { $0[index].figure }
      let row = Row(component: names[index], planned: Self.sum(figures), engine: engine.bytes(of: names[index]))
      return row.planned.value > .zero || row.engine != nil ? row : nil
    }
  }

  private static func sum(_ figures: [Figure<ByteCount>]) -> Figure<ByteCount> {
    guard figures.count != 1 else { return figures[0] }
    func total(_ part: (Figure<ByteCount>) -> ByteCount) -> ByteCount { figures.reduce(.zero) { $0 + part($1) } }
    return Figure(
      total(\.value), Source(.computed, "sum over \(figures.count) devices"), low: total { $0.low ?? $0.value },
      high: total { $0.high ?? $0.value })
  }

  /// A table for a terminal: a row for each part, the differences, and the process as a whole.
  public func rendered() -> String {
    var table = TextTable(["asked the engine", ">planned", ">at most", ">the engine says", ">difference"])
    for row in rows {
      table.add(cells(row.component, row.planned.value, row.planned.high ?? row.planned.value, row.engine?.value))
    }
    table.add(cells("resident", estimate.expectedBytes, estimate.highBytes, engine.residentBytes?.value))
    let build = engine.build.map { ", build \($0)" } ?? ""
    return table.rendered()
      + "\nread from its own log after its first token\(build); resident is the memory of its processes then"
  }

  private func cells(_ name: String, _ planned: ByteCount, _ most: ByteCount, _ found: ByteCount?) -> [String] {
    let difference = found.map { found -> String in
      guard planned > .zero else { return "" }
      let percent = (Double(found.bytes) / Double(planned.bytes) - 1) * 100
      return "\(percent >= 0 ? "+" : "")\(percent.formatted(decimals: 1))%"
    }
    return [name, "\(planned)", "\(most)", found.map { "\($0)" } ?? "-", difference ?? ""]
  }
}
