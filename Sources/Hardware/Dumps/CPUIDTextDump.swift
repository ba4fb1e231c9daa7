/// The cpuid answers as text: `cpuid -r`, the dumps of InstLatx64, and rows of six numbers.
enum CPUIDTextDump: DumpReader {
  static let kind = "cpuid text"

  /// One answer: leaf, subleaf and the four registers.
  private struct Answer {
    var leaf: UInt32
    var subleaf: UInt32
    var registers: [UInt32]
  }

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    var cpus: [CPUIDDump.CPU] = []
    for line in dump.lines.prefix(500_000) {
      if line.hasPrefix("CPU "), let number = Int(line.dropFirst(4).prefix { $0.isNumber }), cpus.count < 8192 {
        cpus.append(CPUIDDump.CPU(number: number))
      }
      guard let answer = raw(line) ?? instLat(line) ?? row(line) else { continue }
      // Without a number the answers are of one CPU, and say nothing about how many there are.
      if cpus.isEmpty { cpus.append(CPUIDDump.CPU(number: -1)) }
      let key = UInt64(answer.leaf) << 32 | UInt64(answer.subleaf)
      if cpus[cpus.count - 1].leaves[key] == nil { cpus[cpus.count - 1].leaves[key] = answer.registers }
    }
    cpus.removeAll { $0.leaves.isEmpty }
    if cpus.count == 1 { cpus[0].number = -1 }
    // Other tables of numbers have no maker's name in the answer to leaf 0.
    let makers = ["GenuineIntel", "AuthenticAMD", "HygonGenuine", "CentaurHauls", "  Shanghai  "]
    guard let first = cpus.first, first.registers(1) != nil, makers.contains(first.text(0, [1, 3, 2])) else {
      return nil
    }
    return CPUIDDump.findings(cpus)
  }

  /// `   0x00000007 0x00: eax=0x00000001 ebx=0xf1bf97a9 ecx=0x405fcefe edx=0xac184410`
  private static func raw(_ line: Substring) -> Answer? {
    guard line.contains("eax=0x") else { return nil }
    let words = line.split { $0 == " " || $0 == ":" }
    let registers = ["eax=0x", "ebx=0x", "ecx=0x", "edx=0x"].compactMap { name in
      words.first { $0.hasPrefix(name) }.flatMap { UInt32($0.dropFirst(6), radix: 16) }
    }
    let numbers = words.prefix { $0.hasPrefix("0x") }.compactMap { UInt32($0.dropFirst(2), radix: 16) }
    guard registers.count == 4, numbers.count == 2 else { return nil }
    return Answer(leaf: numbers[0], subleaf: numbers[1], registers: registers)
  }

  /// `CPUID 00000007: 00000001-F1BF97A9-405FCEFE-AC184410 [SL 00]`
  private static func instLat(_ line: Substring) -> Answer? {
    guard line.hasPrefix("CPUID "), let (key, value) = MachineText.pair(line.dropFirst(6)),
      let leaf = UInt32(key, radix: 16)
    else { return nil }
    let registers = value.prefix { $0 != " " }.split(separator: "-").compactMap { UInt32($0, radix: 16) }
    guard registers.count == 4 else { return nil }
    let level = value.firstRange(of: "[SL ").flatMap { UInt32(value[$0.upperBound...].prefix(2), radix: 16) }
    return Answer(leaf: leaf, subleaf: level ?? 0, registers: registers)
  }

  /// `7, 0, 2, 4089423851, 415268830, 4228908816`
  private static func row(_ line: Substring) -> Answer? {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    guard cells.count == 6 else { return nil }
    let numbers = cells.compactMap { UInt32(MachineText.trimmed($0)) }
    guard numbers.count == 6 else { return nil }
    return Answer(leaf: numbers[0], subleaf: numbers[1], registers: Array(numbers[2...]))
  }
}
