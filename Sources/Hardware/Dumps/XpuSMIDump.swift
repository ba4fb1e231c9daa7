import Units

/// `xpu-smi discovery` as a table or as JSON by `-j`, and the summary of `xpu-smi` 2; a card of two tiles is one device.
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
    } else if dump.xml == nil, let start = dump.lines.firstIndex(where: isPlainHeader) {
      let lines = dump.lines[(start + 1)...].map { plainRow($0) }
      findings.machine.accelerators = rows(lines).map { fields in accelerator(source) { fields[$0] } }
    } else if dump.xml == nil, dump.lines.contains(where: { $0.lowercased().contains("xpu-smi") }) {
      findings.machine.accelerators = SMITable.devices(dump.lines).filter { $0.name.contains("Intel") }.map {
        summary($0, source)
      }
    }
    return findings.machine.accelerators.isEmpty ? nil : findings
  }

  /// Version 2 prints the table without its lines.
  private static func isPlainHeader(_ line: Substring) -> Bool {
    let words = line.split(separator: " ").joined(separator: " ")
    return words == "Device ID Device Information"
  }

  /// Puts the lines back: the first column is the device's number where one stands.
  private static func plainRow(_ line: Substring) -> Substring {
    let text = line.drop(while: \.isWhitespace)
    let number = text.prefix { $0.isNumber }
    let rest = text.dropFirst(number.count)
    guard !number.isEmpty, rest.first?.isWhitespace ?? false else { return "| | \(text) |" }
    return "| \(number) | \(MachineText.trimmed(rest)) |"
  }

  /// A row of the summary, whose names are cut after a few letters.
  private static func summary(_ row: SMITable, _ source: Source) -> Accelerator {
    var device = Accelerator(vendor: Figure(.intel, source), model: Figure(row.name, source))
    device.address = row.address.isEmpty ? nil : Figure(row.address, source)
    device.memoryBytes = row.total.flatMap { $0 > .zero ? Figure($0, source) : nil }
    if let total = row.total, let used = row.used, total > used { device.freeBytes = Figure(total - used, source) }
    device.watts = row.watts.map { Figure($0, source) }
    return device
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
    let number = (field("pci_device_id") ?? field("device_id")).flatMap { MachineText.count($0) }
    if let number, number > 0xff,
      let known = PCIDevice(address: "", classCode: 0x0380, vendor: 0x8086, device: number).accelerator(source),
      known.sharesMemory == true
    {
      // What it reports as its own is the machine's.
      device.sharesMemory = true
      device.usableBytes = device.memoryBytes
      device.memoryBytes = nil
    }
    device.driver = field("driver_version").map { Figure($0, source) }
    return device
  }
}
