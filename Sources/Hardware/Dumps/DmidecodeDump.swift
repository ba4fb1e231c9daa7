import Units

/// The text of `dmidecode`.
enum DmidecodeDump: DumpReader {
  static let kind = "dmidecode"

  /// One record: its title and its fields.
  private struct Record {
    var title: String
    var fields: [String: String] = [:]

    func known(_ names: String...) -> String? {
      for name in names { if let value = MachineText.known(fields[name]) { return value } }
      return nil
    }
  }

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    let records = records(dump.lines)
    guard
      records.contains(where: { ["Processor Information", "Memory Device", "System Information"].contains($0.title) })
    else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.firmware)
    if let system = records.first(where: { $0.title == "System Information" }) {
      let board = records.first { $0.title == "Base Board Information" }
      let vendor = system.known("Manufacturer") ?? board?.known("Manufacturer")
      let product = system.known("Product Name") ?? board?.known("Product Name")
      findings.machine.system = SystemIdentity(
        vendor: vendor.map { Figure($0, source) }, product: product.map { Figure($0, source) })
    }
    describeProcessors(records.filter { $0.title == "Processor Information" }, source, in: &findings)
    let modules = records.filter { $0.title == "Memory Device" }.map(module)
    if modules.contains(where: { $0.bytes != nil }) {
      findings.modules = MemoryModules(modules: modules, source: source)
    }
    return findings
  }

  /// A title stands at the line's start, its fields are indented below it.
  private static func records(_ lines: [Substring]) -> [Record] {
    var records: [Record] = []
    var isOpen = false
    for line in lines {
      if line.allSatisfy(\.isWhitespace) {
        isOpen = false
      } else if line.first?.isWhitespace ?? false {
        guard isOpen, let (key, value) = MachineText.pair(line) else { continue }
        if records[records.count - 1].fields[key] == nil { records[records.count - 1].fields[key] = value }
      } else if !line.contains(":"), !line.hasPrefix("Handle "), !line.hasPrefix("#"), records.count < 8192 {
        records.append(Record(title: MachineText.trimmed(line)))
        isOpen = true
      } else {
        isOpen = false
      }
    }
    return records
  }

  private static func describeProcessors(_ records: [Record], _ source: Source, in findings: inout Findings) {
    let present = records.filter { record in
      (record.known("Status")?.hasPrefix("Populated") ?? true)
        && (record.known("Type") ?? "Central Processor") == "Central Processor"
    }
    guard let first = present.first else { return }
    var cpu = Processor()
    cpu.packages = Figure(present.count, source)
    let vendor = first.known("Manufacturer")
    cpu.vendor = vendor.map { Figure($0, source) }
    cpu.model = first.known("Version").map { Figure($0, source) }
    cpu.implementer = implementer(first, vendor).map { Figure($0, source) }
    func sum(_ names: String...) -> Int? {
      let counts = present.map { record in
        names.lazy.compactMap { record.known($0).flatMap { MachineText.count($0) } }.first
      }
      return counts.allSatisfy { $0 != nil } ? counts.reduce(0) { $0 + ($1 ?? 0) } : nil
    }
    let cores = sum("Core Enabled", "Core Count")
    cpu.cores = cores.map { Figure($0, source) }
    // Some firmware gives the threads of one core here.
    if let threads = sum("Thread Count"), threads >= cores ?? 1 { cpu.threads = Figure(threads, source) }
    findings.machine.cpu = cpu
    findings.evidence.sockets = present.count
    findings.evidence.names = present.flatMap { [$0.known("Version"), $0.known("Part Number")].compactMap { $0 } }
  }

  private static func implementer(_ record: Record, _ vendor: String?) -> String? {
    // "Signature: Implementor 0x41, Variant 0x3, Architecture 15, Part 0xd0c, Revision 1"
    let words = record.known("Signature")?.split { $0 == " " || $0 == "," } ?? []
    if let place = words.firstIndex(of: "Implementor"), place + 1 < words.count,
      let number = MachineText.count(words[place + 1])
    {
      return ArmPart.implementer(number)
    }
    let lower = vendor?.lowercased() ?? ""
    return ["intel", "amd", "ampere", "apple", "qualcomm", "nvidia"].first { lower.contains($0) }
      ?? (lower.hasPrefix("advanced micro") ? "amd" : nil)
  }

  private static func module(_ record: Record) -> MemoryModule {
    var module = MemoryModule()
    module.bytes = record.fields["Size"].flatMap(size)
    module.type = record.known("Type").flatMap { ["Other", "Flash", "DRAM", "RAM"].contains($0) ? nil : $0 }
    module.isPersistent =
      record.known("Memory Technology")?.contains("persistent") ?? false
      || module.type?.hasPrefix("Logical non-volatile") ?? false || record.known("Type") == "Flash"
    // Before dmidecode 3.2 the field was called a clock speed; "Speed" alone is what the module could do at best.
    let speed = record.known("Configured Memory Speed", "Configured Clock Speed") ?? record.known("Speed")
    module.speedMTs =
      module.bytes == nil
      ? nil : speed.flatMap { MachineText.number($0) }.map { Int($0.value) }.flatMap { $0 > 0 ? $0 : nil }
    module.bits = record.known("Data Width").flatMap { MachineText.number($0) }.map { Int($0.value) }
    module.locator = record.known("Locator") ?? ""
    module.bank = record.known("Bank Locator") ?? ""
    return module
  }

  /// `64 GB`, `16384 MB`; all of its units are binary. `No Module Installed` is nil.
  private static func size(_ text: String) -> ByteCount? {
    guard let (value, unit) = MachineText.number(text), value > 0, value < 1e9 else { return nil }
    switch unit.uppercased() {
    case "KB": return .kibibytes(Int(value))
    case "MB": return .mebibytes(Int(value))
    case "GB": return .gibibytes(Int(value))
    case "TB": return .gibibytes(Int(value) * 1024)
    default: return nil
    }
  }
}
