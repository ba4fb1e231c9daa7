import Units

/// `rocminfo`: the agents of AMD's runtime, processors and GPUs.
enum RocminfoDump: DumpReader {
  static let kind = "rocminfo"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      dump.lines.contains(where: { $0.hasPrefix("HSA Agents") || $0.hasPrefix("HSA System Attributes") })
    else { return nil }
    let starts = dump.lines.indices.filter { index in
      dump.lines[index].hasPrefix("Agent ") && Int(MachineText.trimmed(dump.lines[index].dropFirst(6))) != nil
    }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    for (place, start) in starts.prefix(4096).enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] : dump.lines.endIndex
      let block = dump.lines[(start + 1)..<end].prefix(2000)
      if let device = accelerator(block, source) { findings.machine.accelerators.append(device) }
      if findings.machine.cpu.model == nil, value(block, "Device Type") == "CPU" {
        findings.machine.cpu.model = value(block, "Marketing Name").map { Figure($0, source) }
      }
    }
    AMDPartitions.share(&findings.machine.accelerators)
    if let version = value(dump.lines[...], "Runtime Version") {
      findings.machine.software.append(SoftwareVersion("hsa-runtime", Figure(version, source)))
    }
    return findings.isEmpty ? nil : findings
  }

  private static func value(_ lines: ArraySlice<Substring>, _ key: String) -> String? {
    lines.lazy.compactMap { MachineText.pair($0) }.first { $0.key == key }.flatMap { MachineText.known($0.value) }
  }

  private static func accelerator(_ block: ArraySlice<Substring>, _ source: Source) -> Accelerator? {
    guard value(block, "Device Type") == "GPU", let name = value(block, "Name") else { return nil }
    var device = Accelerator(
      vendor: Figure(.amd, source), model: value(block, "Marketing Name").map { Figure($0, source) })
    device.architecture = Figure(name, source)
    if value(block, "Memory Properties")?.contains("APU") ?? false {
      device.sharesMemory = true
      // Two units draw a picture, and compute nothing of use.
      if let units = value(block, "Compute Unit").flatMap({ Int($0) }), units <= 2 { return nil }
    }
    // `5510(0x1586)`; the address is bus, device and function in 16 bits.
    let number = value(block, "Chip ID").flatMap { Int($0.prefix { $0.isNumber }) }
    if let place = value(block, "BDFID").flatMap({ Int($0) }), place > 0, place < 1 << 16 {
      let domain = value(block, "Domain").flatMap { Int($0) } ?? 0
      device.address = Figure(
        MachineText.pciAddress(domain: domain, bus: place >> 8, device: place >> 3 & 31, function: place & 7), source)
    }
    if let number,
      let known = PCIDevice(address: "", classCode: 0x0380, vendor: 0x1002, device: number).accelerator(source)
    {
      device.sharesMemory = device.sharesMemory ?? known.sharesMemory
      if device.model?.value.contains("Radeon Graphics") ?? true { device.model = known.model ?? device.model }
    }
    // The first pool of the global segment is all of its memory: `201310208(0xbffc000) KB`.
    var isGlobal = false
    for line in block {
      guard let (key, text) = MachineText.pair(line) else { continue }
      if key == "Segment" { isGlobal = text.hasPrefix("GLOBAL") }
      guard key == "Size", isGlobal, device.memoryBytes == nil, text.hasSuffix("KB"),
        let size = Int(text.prefix { $0.isNumber }), size > 0, size < 1 << 40
      else { continue }
      device.memoryBytes = Figure(.kibibytes(size), source)
    }
    return device
  }
}
