import Units

/// Text of `nvidia-smi`: `-q`, `--query-gpu` as CSV, the default table, `-L`; several of them in one file too.
enum NvidiaSMIDump: DumpReader {
  static let kind = "nvidia-smi text"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    // Each form of the output tells of all cards: the fullest gives the list, the others fill its gaps.
    var lists = [queried(dump.lines), csv(dump.lines), table(dump.lines), listed(dump.lines), bare(dump.lines)].filter {
      !$0.isEmpty
    }
    if let trouble = NvidiaTrouble.warning(inText: dump.lines) { findings.machine.warnings.append(trouble) }
    guard !lists.isEmpty else { return findings.machine.warnings.isEmpty ? nil : findings }
    var cards = lists.removeFirst()
    for list in lists where list.count == cards.count {
      for index in cards.indices { fill(&cards[index], list[index]) }
    }
    let driver = version(dump.lines, "Driver Version")
    for index in cards.indices {
      cards[index].driver = driver
      if cards[index].name == "ERR!" {
        findings.machine.warnings.append(NvidiaTrouble.answersWithErrors(cards[index].address ?? "GPU \(index)"))
        cards[index].name = nil
      }
      if cards[index].total == .zero {
        findings.machine.warnings.append(NvidiaTrouble.noMemory(cards[index].name ?? "GPU \(index)"))
        cards[index].total = nil
        cards[index].free = nil
      }
    }
    findings.machine.accelerators = cards.flatMap { $0.accelerators(source) }
    if let driver { findings.machine.software.append(SoftwareVersion("nvidia-driver", Figure(driver, source))) }
    if let cuda = version(dump.lines, "CUDA Version") {
      findings.machine.software.append(SoftwareVersion("cuda", Figure(cuda, source)))
    }
    return findings
  }

  private static func fill(_ card: inout NvidiaGPU, _ other: NvidiaGPU) {
    card.name.fill(other.name)
    card.address.fill(other.address)
    card.total.fill(other.total)
    card.reserved.fill(other.reserved)
    card.free.fill(other.free)
    card.isMIG.fill(other.isMIG)
    card.capability.fill(other.capability)
    card.watts.fill(other.watts)
    card.pcieGeneration.fill(other.pcieGeneration)
    card.pcieWidth.fill(other.pcieWidth)
    if card.instances.isEmpty { card.instances = other.instances }
    for index in card.instances.indices where index < other.instances.count {
      card.instances[index].profile.fill(other.instances[index].profile)
    }
  }

  private static func version(_ lines: [Substring], _ name: String) -> String? {
    for line in lines {
      // A report on an environment writes "Nvidia driver version".
      guard
        let place = line.firstRange(of: name)
          ?? (line.hasPrefix("Nvidia driver version") && name == "Driver Version"
            ? line.firstRange(of: "driver version") : nil)
      else { continue }
      let rest = line[place.upperBound...].drop { $0 == " " || $0 == ":" }
      let number = rest.prefix { $0.isNumber || $0 == "." }
      if number.contains(".") { return String(number) }
    }
    return nil
  }

  // MARK: - nvidia-smi -q

  private static func queried(_ lines: [Substring]) -> [NvidiaGPU] {
    var cards: [NvidiaGPU] = []
    for (index, line) in lines.enumerated() {
      guard line.hasPrefix("GPU "), let address = MachineText.pciAddress(line.dropFirst(4)), cards.count < 1024 else {
        continue
      }
      // A log that was taken twice tells of the same cards again.
      guard !cards.contains(where: { $0.address == address }) else { continue }
      let block = lines[(index + 1)...].prefix { $0.first == " " || $0.allSatisfy(\.isWhitespace) }.prefix(5000)
      cards.append(card(IndentedText.Node(key: "", children: IndentedText.nodes(block)), address))
    }
    return cards
  }

  private static func card(_ node: IndentedText.Node, _ address: String) -> NvidiaGPU {
    var gpu = NvidiaGPU()
    gpu.address = address
    gpu.name = node.value("Product Name")
    gpu.total = NvidiaGPU.bytes(node.value("FB Memory Usage", "Total"))
    gpu.reserved = NvidiaGPU.bytes(node.value("FB Memory Usage", "Reserved"))
    gpu.free = NvidiaGPU.bytes(node.value("FB Memory Usage", "Free"))
    gpu.isMIG = node.value("MIG Mode", "Current").map { $0 == "Enabled" }
    let power = node.section("GPU Power Readings") ?? node.section("Power Readings")
    gpu.watts = (power?.value("Current Power Limit") ?? power?.value("Power Limit")).flatMap {
      MachineText.number($0)?.value
    }
    let link = node.section("PCI")?.section("GPU Link Info")
    gpu.pcieGeneration = link?.value("PCIe Generation", "Max").flatMap { Int($0) }
    gpu.pcieWidth = link?.value("Link Width", "Max").flatMap { Int($0.filter(\.isNumber)) }
    gpu.memoryMegahertz = node.value("Max Clocks", "Memory").flatMap { MachineText.number($0)?.value }
    gpu.isCoherent = node.value("Addressing Mode") == "ATS"
    for device in node.sections("MIG Device") {
      let number = device.value("GPU Instance ID") ?? "\(gpu.instances.count)"
      let memory = device.section("Shared FB Memory Usage") ?? device.section("FB Memory Usage")
      guard !gpu.instances.contains(where: { $0.number == number }), let total = NvidiaGPU.bytes(memory?.value("Total"))
      else { continue }
      gpu.instances.append(
        .init(number: number, profile: nil, total: total, free: NvidiaGPU.bytes(memory?.value("Free"))))
    }
    return gpu
  }

  // MARK: - nvidia-smi --query-gpu

  private static func csv(_ lines: [Substring]) -> [NvidiaGPU] {
    for (index, line) in lines.enumerated() where isHeader(line) {
      let titles = fields(line)
      let rows = lines[(index + 1)...].prefix(1024).prefix { fields($0).count == titles.count }
      let cards = rows.map { row in card(Dictionary(zip(titles, fields(row))) { first, _ in first }) }
      // Habana's tool has the same fields.
      if cards.contains(where: { $0.name?.hasPrefix("HL-") ?? false }) { return [] }
      if !cards.isEmpty { return cards }
    }
    return []
  }

  /// A header has several of the names that the tool knows, with their units.
  private static func isHeader(_ line: Substring) -> Bool {
    guard line.contains(","), !line.hasPrefix("#"), !line.contains("--query") else { return false }
    let known: Set = [
      "name", "gpu_name", "memory.total [MiB]", "memory.total", "pci.bus_id", "gpu_bus_id", "index", "uuid", "gpu_uuid",
      "driver_version", "memory.free [MiB]", "memory.free", "compute_cap",
    ]
    return fields(line).filter { known.contains($0) }.count >= 2
  }

  private static func fields(_ line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { MachineText.trimmed($0) }
  }

  private static func card(_ row: [String: String]) -> NvidiaGPU {
    func value(_ name: String) -> String? { MachineText.known(row[name]) }
    func memory(_ name: String) -> ByteCount? {
      NvidiaGPU.bytes(value("\(name) [MiB]")) ?? NvidiaGPU.bytes(value(name))
    }
    var gpu = NvidiaGPU()
    gpu.name = value("name") ?? value("gpu_name")
    gpu.address = (value("pci.bus_id") ?? value("gpu_bus_id")).flatMap { MachineText.pciAddress($0) }
    gpu.total = memory("memory.total")
    gpu.reserved = memory("memory.reserved")
    gpu.free = memory("memory.free")
    gpu.isMIG = value("mig.mode.current").map { $0 == "Enabled" }
    gpu.capability = value("compute_cap")
    gpu.watts = (value("power.limit [W]") ?? value("power.limit")).flatMap { MachineText.number($0)?.value }
    gpu.pcieGeneration = (value("pcie.link.gen.max") ?? value("pcie.link.gen.gpumax")).flatMap { Int($0) }
    gpu.pcieWidth = value("pcie.link.width.max").flatMap { Int($0) }
    return gpu
  }

  // MARK: - the default table

  private static func table(_ lines: [Substring]) -> [NvidiaGPU] {
    guard lines.contains(where: { $0.contains("NVIDIA-SMI") && $0.hasPrefix("|") }) else { return [] }
    var cards: [NvidiaGPU] = []
    let slices = SMITable.slices(lines)
    for device in SMITable.devices(lines) {
      let address = device.address.isEmpty ? nil : device.address
      guard !cards.contains(where: { $0.address == address }) else { break }
      var gpu = NvidiaGPU()
      gpu.name = device.name
      gpu.address = address
      gpu.total = device.total
      if let total = device.total, let used = device.used { gpu.free = total - used }
      gpu.watts = device.watts
      if device.status.contains("Enabled") { gpu.isMIG = true }
      if device.status.contains("Disabled") { gpu.isMIG = false }
      for slice in slices where slice.gpu == device.index {
        // Compute instances of one GPU instance share its memory.
        guard !gpu.instances.contains(where: { $0.number == slice.instance }) else { continue }
        let free = slice.used.map { slice.total - $0 }
        gpu.instances.append(.init(number: slice.instance, profile: nil, total: slice.total, free: free))
      }
      cards.append(gpu)
    }
    return cards
  }

  // MARK: - rows without a header

  /// `0, NVIDIA GB200, 00000008:01:00.0, 189471 MiB`: `--format=csv,noheader`, where the cells must tell what they are.
  private static func bare(_ lines: [Substring]) -> [NvidiaGPU] {
    var cards: [NvidiaGPU] = names(lines)
    guard cards.isEmpty else { return cards }
    for line in lines where line.contains(",") && line.count < 1000 && cards.count < 1024 {
      let cells = fields(line)
      guard let name = cells.first(where: { cell in makes.contains { cell.hasPrefix($0) } && cell.count < 80 }) else {
        continue
      }
      // The largest amount is the whole: used and free are parts of it. By `nounits` it is a plain number of MiB, which no
      // other field is as large as.
      let amounts = cells.compactMap { cell -> ByteCount? in
        if let plain = Int(cell), (1024..<4_000_000).contains(plain) { return .mebibytes(plain) }
        return cell.hasSuffix(" MiB") ? NvidiaGPU.bytes(cell) : nil
      }
      let address = cells.lazy.compactMap { $0.contains(":") ? MachineText.pciAddress($0) : nil }.first
      guard amounts.max() != nil || address != nil else { continue }
      guard address == nil || !cards.contains(where: { $0.address == address }) else { continue }
      var gpu = NvidiaGPU()
      gpu.name = name
      gpu.address = address
      gpu.total = amounts.max()
      cards.append(gpu)
    }
    return cards
  }

  private static let makes = ["NVIDIA ", "Tesla ", "GeForce ", "Quadro ", "GRID "]

  /// `--query-gpu=name --format=csv`, with or without its header: a text of nothing but names.
  private static func names(_ lines: [Substring]) -> [NvidiaGPU] {
    let rows = lines.prefix(1025).map { MachineText.trimmed($0) }.filter { !$0.isEmpty }
    let names = ["name", "gpu_name"].contains(rows.first ?? "") ? rows.dropFirst() : rows[...]
    let isList = names.allSatisfy { name in
      makes.contains { name.hasPrefix($0) } && name.count < 80 && !name.contains { ",:|.".contains($0) }
    }
    guard isList else { return [] }
    return names.map { name in
      var gpu = NvidiaGPU()
      gpu.name = name
      return gpu
    }
  }

  // MARK: - nvidia-smi -L

  /// `GPU 0: NVIDIA A100 (UUID: GPU-...)`, and below it `  MIG 3g.20gb     Device  0: (UUID: MIG-...)`.
  private static func listed(_ lines: [Substring]) -> [NvidiaGPU] {
    var cards: [NvidiaGPU] = environment(lines)
    guard cards.isEmpty else { return cards }
    for line in lines {
      if line.hasPrefix("GPU "), line.contains("(UUID: GPU-"), let (key, value) = MachineText.pair(line),
        let number = Int(key.dropFirst(4)), number == cards.count, let end = value.firstRange(of: " (UUID")
      {
        var gpu = NvidiaGPU()
        gpu.name = String(value[..<end.lowerBound])
        cards.append(gpu)
      } else if line.hasPrefix("  MIG "), !cards.isEmpty, let profile = line.split(separator: " ").dropFirst().first {
        cards[cards.count - 1].isMIG = true
        let number = "\(cards[cards.count - 1].instances.count)"
        cards[cards.count - 1].instances.append(
          .init(number: number, profile: String(profile), total: .zero, free: nil))
      }
    }
    return cards
  }

  /// The list in PyTorch's and vLLM's `collect_env`, which has no memory and no addresses.
  private static func environment(_ lines: [Substring]) -> [NvidiaGPU] {
    let title = "GPU models and configuration"
    guard let start = lines.firstIndex(where: { $0.drop(while: \.isWhitespace).hasPrefix(title) }) else { return [] }
    var cards: [NvidiaGPU] = []
    let first = MachineText.pair(lines[start])?.value ?? ""
    for line in [Substring(first)] + lines[(start + 1)...].prefix(256) {
      let text = MachineText.trimmed(line)
      if text.isEmpty { if cards.isEmpty { continue } else { break } }
      guard let (key, value) = MachineText.pair(text), key.hasPrefix("GPU "), Int(key.dropFirst(4)) == cards.count
      else {
        if text.hasPrefix("MIG ") { continue }
        break
      }
      var gpu = NvidiaGPU()
      gpu.name = value.firstRange(of: " (UUID").map { String(value[..<$0.lowerBound]) } ?? value
      cards.append(gpu)
    }
    return cards
  }
}
