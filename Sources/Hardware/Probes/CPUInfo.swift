import Units

/// What `/proc/cpuinfo` says of one logical CPU, or the common part of all.
struct CPUInfo {
  /// The fields of one block, keys in lower case; the first of several equal keys wins.
  typealias Block = [String: String]

  /// One block for each logical CPU.
  private(set) var cpus: [Block] = []
  /// Fields outside any CPU's block: 32-bit Arm and s390 put the common ones there.
  private(set) var common: Block = [:]

  /// The most CPUs that are read; a longer file is cut, not refused.
  private static let limit = 16384

  /// Reads the text; nil where it is not in the form of `/proc/cpuinfo`.
  init?(_ text: String) {
    for paragraph in Self.paragraphs(text) { add(paragraph) }
    guard !cpus.isEmpty, cpus.count <= Self.limit else { return nil }
  }

  private static func paragraphs(_ text: String) -> [[Substring]] {
    var all: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) {
        if all.last?.isEmpty == false { all.append([]) }
      } else {
        all[all.count - 1].append(line)
      }
    }
    return all
  }

  private mutating func add(_ lines: [Substring]) {
    var block: Block = [:]
    var isCPU = false
    for line in lines {
      guard let (key, value) = MachineText.pair(line) else { continue }
      let name = key.lowercased()
      if name == "processor", Int(value) != nil {
        // A file without blank lines still starts each CPU with its number.
        if isCPU { cpus.append(block) }
        if isCPU { block = [:] }
        isCPU = true
      } else if name.hasPrefix("processor "), Int(name.dropFirst(10)) != nil {
        cpus.append(["processor": String(name.dropFirst(10)), "s390": value])
        continue
      }
      if block[name] == nil { block[name] = value }
    }
    if isCPU { cpus.append(block) } else { common.merge(block) { first, _ in first } }
  }

  /// Returns a field of the first CPU that has it, else the common one.
  func field(_ names: String...) -> String? {
    for name in names {
      if let value = cpus.lazy.compactMap({ $0[name] }).first ?? common[name], !value.isEmpty { return value }
    }
    return nil
  }

  /// The features that every CPU has.
  var features: [String]? {
    let lists = cpus.compactMap { $0["flags"] ?? $0["features"] }
    if let first = lists.first ?? common["features"] {
      // An Itanium's features are prose, and every list of one machine is mostly equal: compare before splitting.
      guard !first.contains(", ") else { return nil }
      var shared = Self.words(first)
      for list in Set(lists) where list != first {
        let other = Set(Self.words(list))
        shared.removeAll { !other.contains($0) }
      }
      return shared
    }
    return field("isa").map(Self.riscvExtensions)
  }

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
  }

  /// Splits `rv64imafdcv_zicbom` into `i m a f d c v zicbom`.
  static func riscvExtensions(_ isa: String) -> [String] {
    let parts = isa.lowercased().split(separator: "_")
    guard let base = parts.first, base.hasPrefix("rv32") || base.hasPrefix("rv64") else { return [] }
    let letters = base.dropFirst(4).prefix { !"zsx".contains($0) }
    let rest = base.dropFirst(4 + letters.count)
    return letters.map { String($0) } + (rest.isEmpty ? [] : [String(rest)]) + parts.dropFirst().map { String($0) }
  }

  /// The implementer and part of a CPU's core; nil where it is no Arm.
  static func armCore(_ block: Block) -> (implementer: Int, part: Int)? {
    guard let implementer = block["cpu implementer"].flatMap({ MachineText.count($0) }),
      let part = block["cpu part"].flatMap({ MachineText.count($0) })
    else { return nil }
    return (implementer, part)
  }

  /// The Arm cores in the order of the CPUs, one for each CPU.
  var armCores: [(implementer: Int, part: Int)] {
    let own = cpus.compactMap { Self.armCore($0) }
    return own.isEmpty ? [Self.armCore(common)].compactMap { $0 } : own
  }

  /// The instruction set, as `uname -m` names it, where the fields give it away.
  var architecture: String? {
    if field("isa")?.lowercased().hasPrefix("rv64") ?? false { return "riscv64" }
    if field("isa")?.lowercased().hasPrefix("rv32") ?? false { return "riscv32" }
    if let level = field("cpu architecture") {
      return level.hasPrefix("8") || level == "AArch64" ? "aarch64" : "armv7l"
    }
    if field("arch") == "IA-64" { return "ia64" }
    if field("vendor_id")?.hasPrefix("IBM/S390") ?? false { return "s390x" }
    if field("cpu")?.uppercased().contains("POWER") ?? false { return "ppc64" }
    guard let features = field("flags") else { return nil }
    return Self.words(features).contains("lm") ? "x86_64" : "i686"
  }
}
