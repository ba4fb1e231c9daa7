import Units

/// `nvidia-smi topo -m`: which devices are joined how, and their nodes; rates from `nvlink -s` where the file has that too.
enum TopologyMatrixDump: DumpReader {
  static let kind = "nvidia-smi topo -m"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, let start = dump.lines.firstIndex(where: isHeader) else { return nil }
    let source = Source(.probed, kind)
    let columns = cells(dump.lines[start]).prefix { isDevice($0) }.map { $0 }
    let perLink = linkRate(dump.lines)
    var findings = Findings(.vendorTool)
    for line in dump.lines[(start + 1)...].prefix(256) {
      let row = cells(line)
      guard let name = row.first, name.hasPrefix("GPU"), let number = Int(name.dropFirst(3)),
        number == findings.machine.accelerators.count
      else { continue }
      // Doubled tabs leave empty cells, and the row's own name comes first.
      let relations = row.dropFirst().prefix(columns.count)
      guard relations.count == columns.count else { continue }
      var device = Accelerator(vendor: Figure(.nvidia, source))
      let rest = row.dropFirst(1 + columns.count).map { $0 }
      if rest.count >= 2, let node = Int(rest[1].prefix { $0.isNumber }) { device.numaNode = Figure(node, source) }
      let bonded = relations.compactMap { bondedLinks($0) }.max()
      if let bonded, let perLink {
        device.interconnectGigabytesPerSecond = Figure(Double(bonded) * perLink, .computed, "\(bonded) NVLinks")
      }
      findings.machine.accelerators.append(device)
      findings.machine.links += links(name, zip(columns, relations).map { ($0, $1) }, perLink, source)
    }
    return findings
  }

  private static func isHeader(_ line: Substring) -> Bool {
    guard line.contains("GPU0"), line.contains("CPU Affinity") else { return false }
    return cells(line).first == "GPU0"
  }

  private static func cells(_ line: Substring) -> [String] {
    let separator: Character = line.contains("\t") ? "\t" : " "
    return line.split(separator: separator).map { MachineText.trimmed($0) }.filter { !$0.isEmpty }
  }

  private static func isDevice(_ cell: String) -> Bool {
    ["GPU", "NIC", "mlx", "bnxt"].contains { cell.hasPrefix($0) } && cell != "GPU NUMA ID"
      && cell.last?.isNumber ?? false
  }

  /// `NV12` is twelve links bonded.
  private static func bondedLinks(_ relation: String) -> Int? {
    relation.hasPrefix("NV") ? Int(relation.dropFirst(2)) : nil
  }

  private static func links(_ name: String, _ row: [(String, String)], _ perLink: Double?, _ source: Source) -> [Link] {
    row.compactMap { column, relation in
      guard column.hasPrefix("GPU"), let from = Int(name.dropFirst(3)), let to = Int(column.dropFirst(3)), to > from
      else { return nil }
      if let count = bondedLinks(relation) {
        let rate = perLink.map { Figure(Double(count) * $0, .computed, "\(count) links of \($0) GB/s") }
        return Link(kind: .nvlink, a: "gpu\(from)", b: "gpu\(to)", gigabytesPerSecond: rate)
      }
      guard ["PIX", "PXB", "PHB", "NODE", "SYS"].contains(relation) else { return nil }
      return Link(kind: .pcie, a: "gpu\(from)", b: "gpu\(to)")
    }
  }

  /// `Link 0: 26.562 GB/s`, the raw rate of the wire.
  private static func linkRate(_ lines: [Substring]) -> Double? {
    for line in lines {
      guard let (key, value) = MachineText.pair(line), key.hasPrefix("Link "), value.hasSuffix("GB/s") else { continue }
      return MachineText.number(value)?.value
    }
    return nil
  }
}
