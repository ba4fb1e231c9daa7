import Units

/// The table that `rocm-smi` prints without options: one row a device, with its number of the PCI list since ROCm 6.
enum RocmTableDump: DumpReader {
  static let kind = "rocm-smi table"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      let start = dump.lines.firstIndex(where: { $0.contains("Concise Info") }),
      let header = dump.lines[start...].prefix(4).first(where: { $0.contains("VRAM%") && $0.contains("PwrCap") })
    else { return nil }
    let source = Source(.probed, kind)
    let hasNumbers = header.contains("Node")
    var findings = Findings(.vendorTool)
    for line in dump.lines[start...].prefix(4096) {
      guard !line.contains("End of ROCm SMI Log") else { break }
      let words = line.split { $0.isWhitespace || $0 == "," }
      guard let number = words.first.flatMap({ Int($0) }), number == findings.machine.accelerators.count,
        words.count > 6
      else { continue }
      var device = Accelerator(vendor: Figure(.amd, source))
      if hasNumbers, let id = words.first(where: { $0.hasPrefix("0x") }).flatMap({ MachineText.count($0) }),
        let known = PCIDevice(address: "", classCode: 0x0380, vendor: 0x1002, device: id).accelerator(source)
      {
        device.model = known.model
        device.sharesMemory = known.sharesMemory
      }
      // The cap is the last amount of watts; the one before it is what the card draws now.
      let watts = words.filter { $0.hasSuffix("W") }.compactMap { Double($0.dropLast()) }
      device.watts = watts.last.flatMap { watts.count > 1 && $0 > 0 ? Figure($0, source) : nil }
      findings.machine.accelerators.append(device)
    }
    return findings.machine.accelerators.isEmpty ? nil : findings
  }
}
