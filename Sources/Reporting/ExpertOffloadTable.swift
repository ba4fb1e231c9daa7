import Planning
import Units

/// The speeds and amounts of memory with the experts of more and more layers on the CPU.
struct ExpertOffloadTable: Sendable {
  let rows: [ExpertOffload]

  init(_ rows: [ExpertOffload]) { self.rows = rows }

  func rendered() -> String {
    var table = TextTable([
      "", ">experts on the CPU", ">devices at most", ">host at most", ">tok/s", ">prompt tok/s", "verdict",
    ])
    for row in rows {
      table.add([
        row.isChosen ? ">" : "", counted(row.layers, "layer"), "\(row.deviceBytes)", "\(row.hostBytes)",
        Self.rate(row.decode), Self.rate(row.prefill), row.verdict.rawValue,
      ])
    }
    return table.rendered()
  }

  private static func rate(_ band: Band?) -> String {
    band.map { $0.expected.formatted(significant: 3) } ?? "unknown"
  }
}
