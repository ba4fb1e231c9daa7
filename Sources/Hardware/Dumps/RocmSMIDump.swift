import Units

/// `rocm-smi` of ROCm 4 to 7 as JSON or as text; its keys changed in spelling with nearly every release.
enum RocmSMIDump: DumpReader {
  static let kind = "rocm-smi"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let object = dump.json?.object ?? textCards(dump) ?? csvCards(dump) else { return nil }
    let cards = object.keys.compactMap { key in key.hasPrefix("card") ? Int(key.dropFirst(4)) : nil }.sorted().prefix(
      4096)
    guard !cards.isEmpty else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    findings.machine.accelerators = cards.compactMap { object["card\($0)"] }.map { accelerator($0, source) }
    AMDPartitions.share(&findings.machine.accelerators)
    for (place, card) in cards.enumerated() where findings.machine.accelerators[place].partition == nil {
      let device = findings.machine.accelerators[place]
      let mode = object["card\(card)"]?.member("Compute Partition")?.string
      guard let partition = AMDPartitions.partition(mode: mode, model: device.model?.value) else { continue }
      findings.machine.accelerators[place].take(partition, of: Int((1 / partition.computeShare).rounded()))
    }
    if let driver = object["system"]?.member("Driver version")?.string {
      findings.machine.software.append(SoftwareVersion("amdgpu", Figure(driver, source)))
    }
    findings.machine.links = links(object["system"]?.object ?? [:], count: cards.count, source)
    return findings
  }

  /// The lines `GPU[0] : Card Series: AMD Instinct MI300X` as the object that `--json` would print.
  private static func textCards(_ dump: DumpText) -> [String: JSONValue]? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    var cards: [String: [String: JSONValue]] = [:]
    for line in dump.lines.prefix(200_000) {
      let text = line.drop(while: \.isWhitespace)
      guard text.hasPrefix("GPU["), let (head, rest) = MachineText.pair(text), head.hasSuffix("]"),
        let number = Int(head.dropFirst(4).dropLast()), (0..<4096).contains(number),
        let (key, value) = MachineText.pair(rest), MachineText.known(value) != nil
      else { continue }
      if cards["card\(number)"]?[key] == nil { cards["card\(number)", default: [:]][key] = .text(value) }
    }
    return cards.isEmpty ? nil : cards.mapValues { .object($0) }
  }

  /// The tables of `--csv`, a row for each card, as the same object.
  private static func csvCards(_ dump: DumpText) -> [String: JSONValue]? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    var titles: [String] = []
    var cards: [String: [String: JSONValue]] = [:]
    for line in dump.lines.prefix(200_000) {
      if line.hasPrefix("device,") { titles = cells(line) }
      guard line.hasPrefix("card"), !titles.isEmpty else { continue }
      let row = cells(line)
      guard row.count == titles.count, let name = row.first else { continue }
      for (title, cell) in zip(titles, row).dropFirst() where MachineText.known(cell) != nil {
        if cards[name]?[title] == nil { cards[name, default: [:]][title] = .text(cell) }
      }
    }
    return cards.isEmpty ? nil : cards.mapValues { .object($0) }
  }

  /// Cells between commas; the maker's name has one in quotation marks.
  private static func cells(_ line: Substring) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells.map { MachineText.trimmed($0) }
  }

  private static func accelerator(_ card: JSONValue, _ source: Source) -> Accelerator {
    var device = Accelerator(vendor: Figure(.amd, source))
    let names = ["Card Series", "Device Name", "Card series", "Card Model", "Card model", "Product Name"]
    let model = names.lazy.compactMap { card.member($0)?.string }.first {
      !$0.hasPrefix("0x") && $0.lowercased() != "n/a"
    }
    device.model = model.map { Figure($0, source) }
    device.address = card.member("PCI Bus")?.string.flatMap { MachineText.pciAddress($0) }.map { Figure($0, source) }
    if let total = card.member("VRAM Total Memory (B)")?.int, total > 0 {
      device.memoryBytes = Figure(ByteCount(total), source)
      if let used = card.member("VRAM Total Used Memory (B)")?.int {
        device.freeBytes = Figure(ByteCount(total - used), source)
      }
    }
    let version = card.member("GFX Version")?.string
    device.architecture = version.map { Figure($0.hasPrefix("gfx") ? $0 : "gfx\($0)", source) }
    let power = ["Max Graphics Package Power (W)", "Current Socket Graphics Package Power Cap (W)"]
    device.watts = power.lazy.compactMap { card.member($0)?.double }.first { $0 > 0 }.map { Figure($0, source) }
    let node = card.member("(Topology) Numa Node")?.int ?? card.member("(Topology) Numa Affinity")?.int
    device.numaNode = node.flatMap { $0 >= 0 ? Figure($0, source) : nil }
    let numbers = ["Device ID", "GPU ID", "Card Model", "Card model"]
    if let number = numbers.lazy.compactMap({ card.member($0)?.string.flatMap { MachineText.count($0) } }).first,
      let known = PCIDevice(address: "", classCode: 0x0380, vendor: 0x1002, device: number).accelerator(source)
    {
      device.model.fill(known.model)
      device.sharesMemory = known.sharesMemory
    }
    return device
  }

  /// `(Topology) Link type between DRM devices 0 and 1`: `XGMI` or `PCIE`.
  private static func links(_ system: [String: JSONValue], count: Int, _ source: Source) -> [Link] {
    system.sorted { $0.key < $1.key }.prefix(100_000).compactMap { key, value in
      guard key.contains("Link type between"),
        let kind = (value.string?.lowercased()).flatMap({ LinkKind(rawValue: $0) })
      else { return nil }
      let numbers = key.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 2, numbers.allSatisfy({ $0 < count }) else { return nil }
      return Link(kind: kind, a: "gpu\(numbers[0])", b: "gpu\(numbers[1])")
    }
  }
}
