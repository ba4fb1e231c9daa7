public import Hardware
import Units

extension RunReport {
  /// Lays out what a machine is: its figures with their sources, its accelerators, what is doubtful or not known.
  ///
  /// - Parameter createdAt: seconds since 1970.
  public init(_ machine: Machine, createdAt: Double) {
    let summary = MachineSummary(machine)
    self.init(
      title: machine.name, summary: summary.words.isEmpty ? "" : "\(summary.words).", createdAt: createdAt,
      sections: [
        Self.facts(machine), Self.accelerators(machine), Self.unknowns(machine),
      ].compactMap { $0 }, runs: [])
    keyFigures = Self.keyFigures(machine)
  }

  private static func keyFigures(_ machine: Machine) -> [KeyFigure] {
    let gpu = machine.accelerators.first
    let count = machine.accelerators.count
    let each = count > 1 ? " of each GPU" : " of the GPU"
    return [
      machine.memory.totalBytes.map { KeyFigure("memory", "\($0.value)") },
      machine.memory.bandwidth.map { KeyFigure("memory bandwidth", ReportUnit.bytesPerSecond.text($0.value)) },
      gpu?.memoryBytes.map { KeyFigure("memory\(each)", "\($0.value)") },
      gpu?.bandwidth.map { KeyFigure("bandwidth\(each)", ReportUnit.bytesPerSecond.text($0.value)) },
    ].compactMap { $0 }
  }

  private static func facts(_ machine: Machine) -> ReportSection {
    var section = ReportSection("machine", "The machine")
    section.notices = machine.warnings.map { Notice(.doubtful, $0) }
    section.tables = [
      ReportTable(
        "Figures and their sources", [.text("Figure"), .text("Value"), .text("Source")],
        MachineSummary(machine, showsSources: true).rows.map { row in
          [.text(String(row.name.drop { $0 == " " })), .text(row.text), .text(row.source?.description ?? "")]
        })
    ]
    return section
  }

  private static func accelerators(_ machine: Machine) -> ReportSection? {
    guard !machine.accelerators.isEmpty else { return nil }
    var section = ReportSection("accelerators", "Accelerators")
    func cells(_ device: Accelerator) -> [ReportCell] {
      [
        .text(device.productName), device.memoryBytes.map { .figure(ReportFigure($0)) } ?? .missing("not known"),
        .figure(
          device.bandwidth?.value, .bytesPerSecond, device.bandwidth.map { "\($0.source)" } ?? "", or: "not known"),
        device.teraOperationsPerSecond?["fp16"].map { .text($0.value.formatted(significant: 3)) }
          ?? .missing("not known"),
        .figure(device.watts?.value, .watts, device.watts.map { "\($0.source)" } ?? "", or: "not known"),
      ]
    }
    // Equal ones that follow each other are one row.
    var rows: [(first: Int, last: Int, cells: [ReportCell])] = []
    for (index, device) in machine.accelerators.enumerated() {
      let cells = cells(device)
      if rows.last?.cells == cells { rows[rows.count - 1].last = index } else { rows.append((index, index, cells)) }
    }
    section.tables = [
      ReportTable(
        "Memory and rates of each",
        [
          .text("GPU"), .text("Model"), .number("Memory"), .number("Bandwidth"), .number("FP16 TFLOPS"),
          .number("Power"),
        ],
        rows.map { row in
          [.text(row.first == row.last ? "gpu\(row.first)" : "gpu\(row.first) to gpu\(row.last)")] + row.cells
        })
    ]
    return section
  }

  private static func unknowns(_ machine: Machine) -> ReportSection? {
    guard !machine.unknowns.isEmpty else { return nil }
    var section = ReportSection("unknown", "What is not known")
    section.tables = [
      ReportTable(
        "Facts that were not found", [.text("Fact"), .text("Why"), .text("How to find out")],
        machine.unknowns.map { [.text($0.fact), .text($0.reason), .text($0.command ?? "")] })
    ]
    return section
  }
}
