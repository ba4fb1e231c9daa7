import Units

/// The table that `amd-smi` prints without options since ROCm 7: two lines for each device.
enum AmdSMITableDump: DumpReader {
  static let kind = "amd-smi table"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil, dump.lines.contains(where: { $0.contains("| AMD-SMI ") }),
      let start = dump.lines.firstIndex(where: { $0.contains("GPU-Name") })
    else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    for line in dump.lines[start...].prefix(20_000) {
      // Processes below are rows of numbers too.
      guard !line.contains("Processes:") else { break }
      let cells = line.split(separator: "|").map { MachineText.trimmed($0) }
      guard line.hasPrefix("|"), cells.count == 2 else { continue }
      let words = cells[0].split(separator: " ")
      if let address = words.first.flatMap({ MachineText.pciAddress($0) }), findings.machine.accelerators.count < 4096 {
        var device = Accelerator(vendor: Figure(.amd, source))
        device.model = MachineText.known(words.dropFirst().joined(separator: " ")).map { Figure($0, source) }
        device.address = Figure(address, source)
        device.watts = limit(cells[1], unit: " W").map { Figure($0, source) }
        findings.machine.accelerators.append(device)
      } else if let last = findings.machine.accelerators.indices.last, words.first.flatMap({ Int($0) }) != nil {
        describe(&findings.machine.accelerators[last], mode: words.last, memory: cells[1], source)
      }
    }
    AMDPartitions.share(&findings.machine.accelerators)
    if let line = dump.lines.first(where: { $0.contains("| AMD-SMI ") }),
      let place = line.firstRange(of: "amdgpu version: ")
    {
      let version = String(line[place.upperBound...].prefix { !$0.isWhitespace })
      if !version.isEmpty { findings.machine.software.append(SoftwareVersion("amdgpu", Figure(version, source))) }
    }
    return findings.machine.accelerators.isEmpty ? nil : findings
  }

  /// The second line: `SPX/NPS1`, and `285/196592 MB`, which are 2^20 bytes.
  private static func describe(_ device: inout Accelerator, mode: Substring?, memory: String, _ source: Source) {
    if let total = limit(memory, unit: " MB"), total >= 1, device.memoryBytes == nil {
      device.memoryBytes = Figure(.mebibytes(Int(total)), source)
    }
    let name = mode.map { String($0.prefix { $0 != "/" }) }
    if let partition = AMDPartitions.partition(mode: name, model: device.model?.value) {
      device.take(partition, of: Int((1 / partition.computeShare).rounded()))
    }
  }

  /// The amount after the slash in `131/750 W`.
  private static func limit(_ cell: String, unit: String) -> Double? {
    guard cell.hasSuffix(unit), let slash = cell.lastIndex(of: "/") else { return nil }
    return MachineText.number(cell[cell.index(after: slash)...])?.value
  }
}
