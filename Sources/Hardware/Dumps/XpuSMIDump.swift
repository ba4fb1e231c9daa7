import Units

/// `xpu-smi discovery`: the table, or JSON by `-j`. Intel's data-center GPUs; a card of two tiles is one device.
enum XpuSMIDump: DumpReader {
  static let kind = "xpu-smi"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    if let json = dump.json {
      let list = json.member("device_list")?.array ?? (json.member("device_name") != nil ? [json] : [])
      findings.machine.accelerators = list.prefix(4096).compactMap { device in
        device.member("device_name").map { _ in
          accelerator(source) { name in device.member(name)?.string }
        }
      }
    } else if dump.xml == nil, dump.lines.contains(where: { $0.contains("| Device ID | Device Information") }) {
      findings.machine.accelerators = rows(dump.lines).map { fields in accelerator(source) { fields[$0] } }
    }
    return findings.machine.accelerators.isEmpty ? nil : findings
  }

  /// One dictionary for each device, keys as in the JSON.
  private static func rows(_ lines: [Substring]) -> [[String: String]] {
    var rows: [[String: String]] = []
    for line in lines where line.hasPrefix("|") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { MachineText.trimmed($0) }
      guard cells.count >= 4 else { continue }
      if Int(cells[1]) != nil, rows.count < 4096 { rows.append([:]) }
      guard !rows.isEmpty, let (key, value) = MachineText.pair(cells[2]) else { continue }
      rows[rows.count - 1][MachineText.replacing(key.lowercased(), " ", with: "_")] = value
    }
    return rows
  }

  private static func accelerator(_ source: Source, _ field: (String) -> String?) -> Accelerator {
    var device = Accelerator(vendor: Figure(.intel, source), model: field("device_name").map { Figure($0, source) })
    device.address = field("pci_bdf_address").flatMap { MachineText.pciAddress($0) }.map { Figure($0, source) }
    if let bytes = field("memory_physical_size_byte").flatMap({ Int($0) }), bytes > 0 {
      device.memoryBytes = Figure(ByteCount(bytes), source)
    } else if let text = field("memory_physical_size"), let bytes = NvidiaGPU.bytes(text) {
      device.memoryBytes = Figure(bytes, source)
    }
    device.driver = field("driver_version").map { Figure($0, source) }
    return device
  }
}
