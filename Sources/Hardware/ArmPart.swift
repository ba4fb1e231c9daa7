/// Names of Arm cores, by the implementer and part numbers of the main identification register.
enum ArmPart {
  /// Returns who designed the core, in lower case, or nil for a number that is not known.
  static func implementer(_ number: Int) -> String? {
    let names = [
      0x41: "arm", 0x42: "broadcom", 0x43: "cavium", 0x44: "dec", 0x46: "fujitsu", 0x48: "hisilicon", 0x49: "infineon",
      0x4d: "motorola", 0x4e: "nvidia", 0x50: "apm", 0x51: "qualcomm", 0x53: "samsung", 0x56: "marvell", 0x61: "apple",
      0x66: "faraday", 0x69: "intel", 0x6d: "microsoft", 0x70: "phytium", 0xc0: "ampere",
    ]
    return names[number]
  }

  /// Returns the core's name, such as `Neoverse-N1`.
  static func name(implementer: Int, part: Int) -> String? {
    switch implementer {
    case 0x41: arm[part]
    case 0x43: [0x0a1: "ThunderX", 0x0af: "ThunderX2", 0x0b8: "ThunderX3"][part]
    case 0x46: [0x001: "A64FX", 0x003: "MONAKA"][part]
    case 0x48: [0xd01: "TaiShan-v110", 0xd02: "TaiShan-v120", 0xd06: "Kunpeng-930", 0xd40: "Cortex-A76"][part]
    case 0x4e: [0x000: "Denver", 0x003: "Denver-2", 0x004: "Carmel", 0x010: "Olympus"][part]
    case 0x50: [0x000: "X-Gene"][part]
    case 0x51: qualcomm[part]
    case 0x61: apple[part]
    case 0x6d: [0xd49: "Azure-Cobalt-100"][part]
    case 0x70: [0x662: "FTC662", 0x663: "FTC663", 0x664: "FTC664", 0x862: "FTC862"][part]
    case 0xc0: [0xac3: "Ampere-1", 0xac4: "Ampere-1a", 0xac5: "Ampere-1b", 0xac7: "Ampere-1c"][part]
    default: nil
    }
  }

  /// True for the few cores that have several threads: ThunderX2 and 3, Cortex-A65, Neoverse E1, Kunpeng 930, Olympus.
  static func hasThreads(_ implementer: Int, _ part: Int) -> Bool {
    switch implementer {
    case 0x41: [0xd06, 0xd43, 0xd4a].contains(part)
    case 0x43: [0x0af, 0x0b8].contains(part)
    case 0x48: [0xd02, 0xd06].contains(part)
    case 0x4e: part == 0x010
    default: false
    }
  }

  /// True for the cores of servers, of which a machine may have two packages: Neoverse, ThunderX, TaiShan, AmpereOne, A64FX.
  static func isServer(_ implementer: Int, _ part: Int) -> Bool {
    switch implementer {
    case 0x41: [0xd0c, 0xd40, 0xd49, 0xd4f, 0xd84, 0xd8e].contains(part)
    case 0x43, 0xc0: true
    case 0x46: part == 0x001
    case 0x48: [0xd01, 0xd02, 0xd06].contains(part)
    default: false
    }
  }

  /// How strong a core is among those that chips combine: 0 for little ones, 1 for most, 2 for the largest.
  ///
  /// Clocks do not tell: a little core may run as fast as a large one.
  static func rank(ofName name: String) -> Int {
    let lower = name.lowercased()
    let little = [
      "cortex-a5", "cortex-a7", "cortex-a32", "cortex-a34", "cortex-a35", "cortex-a53", "cortex-a55", "cortex-a510",
      "cortex-a520", "cortex-a520ae", "cortex-a320", "c1-nano",
    ]
    if little.contains(lower) || ["icestorm", "blizzard", "sawtooth"].contains(where: { lower.hasPrefix($0) })
      || lower.hasSuffix("silver")
    {
      return 0
    }
    return lower.hasPrefix("cortex-x") || lower == "c1-ultra" ? 2 : 1
  }

  private static let arm: [Int: String] = [
    0x926: "ARM926", 0xb36: "ARM1136", 0xb76: "ARM1176", 0xc05: "Cortex-A5", 0xc07: "Cortex-A7", 0xc08: "Cortex-A8",
    0xc09: "Cortex-A9", 0xc0d: "Cortex-A17", 0xc0e: "Cortex-A17", 0xc0f: "Cortex-A15", 0xd01: "Cortex-A32",
    0xd02: "Cortex-A34", 0xd03: "Cortex-A53", 0xd04: "Cortex-A35", 0xd05: "Cortex-A55", 0xd06: "Cortex-A65",
    0xd07: "Cortex-A57", 0xd08: "Cortex-A72", 0xd09: "Cortex-A73", 0xd0a: "Cortex-A75", 0xd0b: "Cortex-A76",
    0xd0c: "Neoverse-N1", 0xd0d: "Cortex-A77", 0xd0e: "Cortex-A76AE", 0xd40: "Neoverse-V1", 0xd41: "Cortex-A78",
    0xd42: "Cortex-A78AE", 0xd43: "Cortex-A65AE", 0xd44: "Cortex-X1", 0xd46: "Cortex-A510", 0xd47: "Cortex-A710",
    0xd48: "Cortex-X2", 0xd49: "Neoverse-N2", 0xd4a: "Neoverse-E1", 0xd4b: "Cortex-A78C", 0xd4c: "Cortex-X1C",
    0xd4d: "Cortex-A715", 0xd4e: "Cortex-X3", 0xd4f: "Neoverse-V2", 0xd80: "Cortex-A520", 0xd81: "Cortex-A720",
    0xd82: "Cortex-X4", 0xd83: "Neoverse-V3AE", 0xd84: "Neoverse-V3", 0xd85: "Cortex-X925", 0xd87: "Cortex-A725",
    0xd88: "Cortex-A520AE", 0xd89: "Cortex-A720AE", 0xd8a: "C1-Nano", 0xd8b: "C1-Pro", 0xd8c: "C1-Ultra",
    0xd8e: "Neoverse-N3", 0xd8f: "Cortex-A320", 0xd90: "C1-Premium",
  ]

  private static let qualcomm: [Int: String] = [
    0x001: "Oryon", 0x002: "Oryon-2", 0x201: "Kryo", 0x205: "Kryo", 0x211: "Kryo", 0x800: "Kryo-2XX-Gold",
    0x801: "Kryo-2XX-Silver", 0x802: "Kryo-3XX-Gold", 0x803: "Kryo-3XX-Silver", 0x804: "Kryo-4XX-Gold",
    0x805: "Kryo-4XX-Silver", 0xc00: "Falkor", 0xc01: "Saphira",
  ]

  private static let apple: [Int: String] = [
    0x020: "Icestorm-A14", 0x021: "Firestorm-A14", 0x022: "Icestorm-M1", 0x023: "Firestorm-M1",
    0x024: "Icestorm-M1-Pro",
    0x025: "Firestorm-M1-Pro", 0x028: "Icestorm-M1-Max", 0x029: "Firestorm-M1-Max", 0x030: "Blizzard-A15",
    0x031: "Avalanche-A15", 0x032: "Blizzard-M2", 0x033: "Avalanche-M2", 0x034: "Blizzard-M2-Pro",
    0x035: "Avalanche-M2-Pro", 0x036: "Sawtooth-A16", 0x037: "Everest-A16", 0x038: "Blizzard-M2-Max",
    0x039: "Avalanche-M2-Max",
  ]
}
