import Units

/// The text of `/proc/cpuinfo`, whole or of its first CPU.
enum CPUInfoDump: DumpReader {
  static let kind = "/proc/cpuinfo"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    let marks: Set = [
      "vendor_id", "CPU implementer", "isa", "cpu", "model name", "bogomips", "BogoMIPS", "physical id", "flags",
      "uarch",
    ]
    guard dump.xml == nil, dump.json == nil,
      let start = dump.lines.firstIndex(where: { line in
        (line.hasPrefix("processor") || line.hasPrefix("Processor") || line.hasPrefix("vendor_id"))
          && MachineText.pair(line) != nil
      })
    else { return nil }
    let keys = dump.lines[start...].prefix(40).compactMap { MachineText.pair($0)?.key }
    guard keys.filter({ marks.contains($0) }).count >= 1,
      let info = CPUInfo(dump.lines[start...].joined(separator: "\n"))
    else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    ProcessorProbe.describe(info, source: source, in: &findings.machine.cpu)
    ProcessorProbe.count(info, allowed: nil, in: &findings.machine.cpu)
    if let core = info.armCores.first {
      findings.evidence.implementer = core.implementer
      findings.evidence.part = core.part
    }
    if let features = findings.machine.cpu.features?.value, findings.machine.cpu.architecture?.value == "x86_64" {
      findings.machine.virtualMachine = Figure(features.contains("hypervisor"), source)
    }
    findings.evidence.names = [info.field("hardware"), info.field("model")].compactMap { $0 }.filter { Int($0) == nil }
    return findings
  }
}

/// The text of `/proc/meminfo`.
enum MeminfoDump: DumpReader {
  static let kind = "/proc/meminfo"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.lines.contains(where: { $0.hasPrefix("MemTotal:") }) else { return nil }
    let info = MemoryInfo(dump.text)
    var findings = Findings(.tool)
    findings.machine.memory.totalBytes = info["MemTotal"].map { Figure($0, .probed, "/proc/meminfo MemTotal") }
    findings.machine.memory.availableBytes = info["MemAvailable"].map {
      Figure($0, .probed, "/proc/meminfo MemAvailable")
    }
    return findings
  }
}

/// The text of `free`, with or without `-h`.
enum FreeDump: DumpReader {
  static let kind = "free"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    // The titles are words of the user's language, the columns are the same in all.
    guard dump.xml == nil, dump.json == nil,
      let place = dump.lines.firstIndex(where: { line in ["Mem:", "Speicher:", "Mem.:"].contains { line.hasPrefix($0) }
      }),
      dump.lines[..<place].last?.contains("total") ?? false || dump.lines[..<place].last?.contains("gesamt") ?? false
    else { return nil }
    let words = dump.lines[place].split(whereSeparator: \.isWhitespace).dropFirst().map { String($0) }
    let source = Source(.probed, "free, rounded")
    var findings = Findings(.list)
    findings.machine.memory.totalBytes = words.first.flatMap(amount).map { Figure($0, source) }
    if findings.machine.memory.totalBytes == nil {
      findings.machine.warnings.append(
        "free's numbers may be KiB, MiB or GiB, so they are left out: free -h writes the unit")
    }
    if words.count >= 6 { findings.machine.memory.availableBytes = amount(words[5]).map { Figure($0, source) } }
    return findings
  }

  /// `125Gi`, `3,8Gi` in some locales, or plain KiB; a plain number too small for that may be of `free -m` and is left out.
  private static func amount(_ word: String) -> ByteCount? {
    if let kibibytes = Int(word) { return kibibytes >= 4_000_000 ? .kibibytes(kibibytes) : nil }
    let plain = MachineText.replacing(word, ",", with: ".")
    return ByteCount(parsing: plain.hasSuffix("i") ? plain + "B" : plain)
  }
}

/// The text of `numactl --hardware`.
enum NumactlDump: DumpReader {
  static let kind = "numactl --hardware"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.lines.contains(where: { $0.hasPrefix("available: ") && $0.contains("nodes") }) else { return nil }
    let source = Source(.probed, kind)
    var nodes: [Int: NUMANode] = [:]
    var header: [Int] = []
    for line in dump.lines {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, words[0] == "node", words.dropFirst().allSatisfy({ Int($0) != nil }) {
        header = words.dropFirst().compactMap { Int($0) }
      } else if words.count >= 3, words[0] == "node", let id = Int(words[1]), id < CPUSet.limit {
        describe(&nodes[id, default: NUMANode(id: id)], words, source)
      } else if let (key, value) = MachineText.pair(line), let id = Int(key), header.contains(id) {
        let distances = value.split(separator: " ").compactMap { Int($0) }
        if distances.count == header.count { nodes[id]?.distances = Figure(distances, source) }
      }
    }
    var findings = Findings(.tool)
    findings.machine.numaNodes = nodes.values.sorted { $0.id < $1.id }
    let threads = nodes.values.compactMap { $0.cpus.flatMap { CPUSet(list: $0.value) } }.reduce(CPUSet([])) {
      $0.union($1)
    }
    if !threads.isEmpty {
      findings.machine.cpu.threads = Figure(threads.count, source)
      findings.machine.cpu.allowed = Figure(threads.list, source)
    }
    return findings
  }

  private static func describe(_ node: inout NUMANode, _ words: [Substring], _ source: Source) {
    switch words[2] {
    case "cpus:":
      node.cpus = Figure(CPUSet(words.dropFirst(3).compactMap { Int($0) }).list, source)
    case "size:":
      // The tool's MB are 2^20 bytes.
      if words.count >= 5, let size = Int(words[3]), size >= 0, size < 1 << 40 {
        node.memoryBytes = Figure(.mebibytes(size), source)
      }
    default: break
    }
  }
}

/// The lines that `sbc-bench` and `dmidecode`-like summaries head with "Device Info".
enum DeviceInfoDump: DumpReader {
  static let kind = "device summary"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    let source = Source(.probed, kind)
    var findings = Findings(.firmware)
    if let start = dump.lines.firstIndex(where: { $0.hasPrefix("Device Info:") }) {
      var vendor: String?
      var product: String?
      for line in dump.lines[(start + 1)...].prefix(16) {
        guard line.first?.isWhitespace ?? false, let (key, value) = MachineText.pair(line) else { break }
        if key == "Manufacturer" { vendor = MachineText.known(value) }
        if key == "Product Name" { product = MachineText.known(value) }
      }
      findings.machine.system = SystemIdentity(
        vendor: vendor.map { Figure($0, source) }, product: product.map { Figure($0, source) })
    }
    for line in dump.lines {
      // sbc-bench's own conclusions: the system on a chip, and the board's compatible names.
      guard let (key, value) = MachineText.pair(line), key == "SoC guess" || key == "DT compat" else { continue }
      findings.evidence.names.append(value)
    }
    let description = dump.lines.first { $0.hasPrefix("Description:") }.flatMap { MachineText.pair($0)?.value }
    if findings.machine.system != nil || !findings.evidence.names.isEmpty {
      findings.machine.os = description.map { Figure($0, source) }
    }
    return findings.isEmpty ? nil : findings
  }
}
