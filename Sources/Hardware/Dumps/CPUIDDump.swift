import Platform
import Units

/// The cpuid answers of every CPU: hwloc's folder of `pu0`, `pu1`..., one line `mask in => out` for each leaf.
enum CPUIDDump {
  /// One CPU's answers; a subleaf is part of the key where the dump's mask says that it matters.
  struct CPU {
    var number: Int
    var leaves: [UInt64: [UInt32]] = [:]

    func registers(_ leaf: UInt32, _ subleaf: UInt32 = 0) -> [UInt32]? { leaves[UInt64(leaf) << 32 | UInt64(subleaf)] }
    /// The processor's family, with the extension for large ones.
    var family: UInt32 {
      guard let version = registers(1)?[0] else { return 0 }
      let base = version >> 8 & 0xf
      return base == 0xf ? base + (version >> 20 & 0xff) : base
    }

    /// True where leaf 4 lists a cache of level three, or lists nothing.
    var hasThirdLevel: Bool {
      let levels = (UInt32(0)..<8).compactMap { registers(4, $0) }.filter { $0[0] & 0x1f != 0 }.map { $0[0] >> 5 & 7 }
      return levels.isEmpty || levels.contains(3)
    }

    func text(_ leaf: UInt32, _ order: [Int]) -> String {
      let bytes = order.flatMap { register -> [UInt8] in
        let value = registers(leaf)?[register] ?? 0
        return (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  static func isCPUID(_ tree: any FileTree, _ path: String) -> Bool {
    tree.text("\(path)/pu0", limit: 4096)?.contains("=>") ?? false
  }

  /// Returns what the folder tells; nil where no CPU is readable.
  static func read(_ tree: any FileTree, _ path: String) -> Findings? {
    let numbers = tree.list(path).compactMap { $0.hasPrefix("pu") ? Int($0.dropFirst(2)) : nil }.sorted().prefix(8192)
    let cpus = numbers.compactMap { number in
      tree.text("\(path)/pu\(number)").map { parse($0, number) }
    }.filter { !$0.leaves.isEmpty }
    return findings(cpus)
  }

  /// Returns what the answers of these CPUs tell; nil where there are none.
  static func findings(_ cpus: [CPU]) -> Findings? {
    guard let first = cpus.first else { return nil }
    let source = Source(.probed, "cpuid of \(cpus.count) CPUs")
    var findings = Findings(.topology)
    var cpu = Processor()
    let vendor = first.text(0, [1, 3, 2])
    cpu.vendor = Figure(vendor, source)
    let brand = (2...4).map { first.text(0x8000_0000 + UInt32($0), [0, 1, 2, 3]) }.joined()
    cpu.model = MachineText.known(brand).map { Figure($0, source) }
    cpu.architecture = Figure("x86_64", source)
    cpu.features = Figure(CPUFeatures.fromCPUID { first.registers($0, $1) }, source)
    cpu.implementer =
      Maker(vendor).facts.implementer.map { Figure($0, source) }
    if cpus.count > 1 || first.number >= 0 { count(cpus, source, in: &cpu) }
    if first.registers(1).map({ $0[2] >> 31 == 1 }) ?? false {
      findings.machine.virtualMachine = Figure(true, .probed, "hypervisor bit of the CPU")
    }
    findings.machine.cpu = cpu
    return findings
  }

  private static func parse(_ text: String, _ number: Int) -> CPU {
    var cpu = CPU(number: number)
    for line in text.split(separator: "\n").prefix(4096) where !line.hasPrefix("#") {
      let sides = line.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      let input = sides[0].split(separator: " ").compactMap { UInt32($0, radix: 16) }
      let output = sides[1].split { $0 == " " || $0 == ">" }.compactMap { UInt32($0, radix: 16) }
      guard input.count == 5, output.count == 4 else { continue }
      let subleaf = input[0] & 4 != 0 ? input[3] : 0
      let key = UInt64(input[1]) << 32 | UInt64(subleaf)
      if cpu.leaves[key] == nil { cpu.leaves[key] = output }
    }
    return cpu
  }

  /// Counts by the APIC number: its lowest bits are the thread, the highest the package.
  private static func count(_ cpus: [CPU], _ source: Source, in processor: inout Processor) {
    let places = cpus.map(place)
    processor.threads = Figure(cpus.count, source)
    let cores = Dictionary(grouping: cpus.indices) { places[$0].core }
    processor.cores = Figure(cores.count, source)
    processor.packages = Figure(Set(places.map(\.package)).count, source)
    // Leaf 0x1a tells the kind of core: 0x40 is a P core, 0x20 an E core; the model number parts E from low-power E.
    // An E core outside the ring of the others, with no cache of level three, is a low-power one.
    let groups = Dictionary(grouping: cores.values) { members -> String in
      guard let cpu = members.first.map({ cpus[$0] }), let kind = cpu.registers(0x1a)?[0], kind >> 24 != 0 else {
        return ""
      }
      return kind >> 24 == 0x40 ? "P" : cpu.hasThirdLevel ? "E" : "low-power E"
    }
    guard groups.count > 1 else { return zenKinds(cpus, cores, source, in: &processor) }
    let order = ["P", "E", "low-power E"]
    processor.kinds = groups.sorted { (order.firstIndex(of: $0.key) ?? 3) < (order.firstIndex(of: $1.key) ?? 3) }.map {
      name, members in
      CoreKind(
        name: name, cores: Figure(members.count, source), threads: Figure(members.reduce(0) { $0 + $1.count }, source))
    }
  }

  /// Zen 5 and Zen 5c: leaf 0x80000026 tells the kind at its first level.
  private static func zenKinds(_ cpus: [CPU], _ cores: [UInt32: [Int]], _ source: Source, in processor: inout Processor)
  {
    let groups = Dictionary(grouping: cores.values) { members -> UInt32 in
      // Bit 30 of EAX says that cores differ, bits 28 to 31 of EBX are this one's kind.
      guard let registers = members.first.flatMap({ cpus[$0].registers(0x8000_0026) }), registers[0] >> 30 & 1 == 1
      else { return 0 }
      return registers[1] >> 28
    }
    guard groups.count > 1 else { return }
    let generation = CoreKinds.zen(family: cpus.first?.family)
    processor.kinds = groups.sorted { $0.key < $1.key }.map { key, members in
      CoreKind(
        name: key == 0 ? generation : "\(generation)c", cores: Figure(members.count, source),
        threads: Figure(members.reduce(0) { $0 + $1.count }, source))
    }
  }

  private static func place(_ cpu: CPU) -> (core: UInt32, package: UInt32) {
    for leaf in [UInt32(0x1f), 0xb] {
      guard let first = cpu.registers(leaf), first[1] & 0xffff != 0 else { continue }
      let apic = first[3]
      var packageShift: UInt32 = 0
      for level in UInt32(0)..<8 {
        guard let registers = cpu.registers(leaf, level), registers[2] >> 8 & 0xff != 0 else { break }
        packageShift = registers[0] & 0x1f
      }
      return (apic >> (first[0] & 0x1f), apic >> packageShift)
    }
    let apic = cpu.registers(1).map { $0[1] >> 24 } ?? UInt32(cpu.number)
    if let extended = cpu.registers(0x8000_001e) {
      // Before Zen the field counts the cores that share a module, each with one thread.
      let threads = cpu.family < 0x17 ? 1 : (extended[1] >> 8 & 0xff) + 1
      let size = cpu.registers(0x8000_0008).map { $0[2] >> 12 & 0xf } ?? 0
      return (extended[0] / threads, extended[0] >> size)
    }
    // Before leaf 0xb: the counts in leaves 1 and 4, or AMD's 0x80000008, give the widths of the parts.
    let logical = cpu.registers(1).map { $0[3] >> 28 & 1 == 1 ? max(1, $0[1] >> 16 & 0xff) : 1 } ?? 1
    let amd = cpu.registers(0x8000_0008).map { ($0[2] & 0xff) + 1 } ?? 1
    let cores = cpu.registers(4).flatMap { $0[0] == 0 ? nil : ($0[0] >> 26) + 1 } ?? amd
    let width = bits(logical)
    return (apic >> (width - min(width, bits(cores))), apic >> width)
  }

  /// The bits that numbers below this need.
  private static func bits(_ count: UInt32) -> UInt32 {
    UInt32(32 - (max(1, count) - 1).leadingZeroBitCount)
  }
}
