import Units

/// `hl-smi`: the table, or the CSV of a query. Habana's Gaudi cards.
enum HlSMIDump: DumpReader {
  static let kind = "hl-smi"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    let text = dump.lines
    if let start = text.firstIndex(where: { $0.contains("HL-SMI Version") }) {
      findings.machine.accelerators = SMITable.devices(Array(text[start...])).map { row in
        var device = accelerator(row.name, source)
        device.address = row.address.isEmpty ? nil : Figure(row.address, source)
        device.memoryBytes = row.total.map { Figure($0, source) }
        if let total = row.total, let used = row.used { device.freeBytes = Figure(total - used, source) }
        device.watts = row.watts.map { Figure($0, source) }
        return device
      }
    } else {
      findings.machine.accelerators = csv(text, source)
    }
    guard !findings.machine.accelerators.isEmpty else { return nil }
    let line = text.first { $0.contains("Driver Version:") }
    if let line, let place = line.firstRange(of: "Driver Version:") {
      let version = line[place.upperBound...].split { $0 == " " || $0 == "|" }.first.map { String($0) }
      if let version { findings.machine.software.append(SoftwareVersion("habana-driver", Figure(version, source))) }
    }
    return findings
  }

  private static func accelerator(_ name: String, _ source: Source) -> Accelerator {
    let products = [
      "HL-20": "Gaudi", "HL-22": "Gaudi 2", "HL-28": "Gaudi 2", "HL-32": "Gaudi 3", "HL-33": "Gaudi 3",
      "HL-38": "Gaudi 3",
    ]
    let product = products.first { name.hasPrefix($0.key) }?.value
    return Accelerator(
      vendor: Figure(.habana, source), model: Figure(product.map { "\($0) (\(name))" } ?? name, source))
  }

  /// The header of `hl-smi -Q ... -f csv` names its units, which are not the same in every version.
  private static func csv(_ lines: [Substring], _ source: Source) -> [Accelerator] {
    func fields(_ line: Substring) -> [String] {
      line.split(separator: ",", omittingEmptySubsequences: false).map { MachineText.trimmed($0) }
    }
    for (index, line) in lines.enumerated() where line.contains("name") && line.contains(",") {
      let titles = fields(line)
      let rows = lines[(index + 1)...].prefix(1024).map(fields).prefix { $0.count == titles.count }
      let cards = rows.compactMap { row -> Accelerator? in
        let values = Dictionary(zip(titles, row)) { first, _ in first }
        guard let name = values["name"], name.hasPrefix("HL-") else { return nil }
        var device = accelerator(name, source)
        device.address = (values["bus_id"] ?? values["pci.bus_id"]).flatMap { MachineText.pciAddress($0) }.map {
          Figure($0, source)
        }
        if let title = titles.first(where: { $0.hasPrefix("memory.total") }), let text = values[title] {
          let unit = title.contains("[") ? String(title.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }) : ""
          let amount = text.contains(where: \.isLetter) ? text : "\(text) \(unit)"
          device.memoryBytes = NvidiaGPU.bytes(amount).map { Figure($0, source) }
        }
        return device
      }
      if !cards.isEmpty { return cards }
    }
    return []
  }
}
