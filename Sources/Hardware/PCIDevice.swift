import Units

/// One PCI device, as far as a list of them tells.
struct PCIDevice: Hashable {
  /// `0000:0c:00.0`.
  var address: String
  /// Class and subclass, such as 0x0302 for a 3D controller.
  var classCode: Int
  var vendor: Int
  var device: Int
  /// The product's name in the list's own words.
  var name: String?
  var numaNode: Int?

  private enum Class {
    static let vga = 0x0300
    static let controller3D = 0x0302
    static let display = 0x0380
    static let coprocessor = 0x0b40
    static let accelerator = 0x1200
  }

  /// Who makes accelerators, by vendor number.
  static let vendors = [
    0x10de: "NVIDIA", 0x1002: "AMD", 0x8086: "Intel", 0x1da3: "Habana", 0x19e5: "Huawei", 0x1bcf: "NEC",
    0x17cb: "Qualcomm", 0x1e52: "Tenstorrent", 0x1ae0: "Google", 0x1d0f: "Amazon", 0x1ed5: "Moore Threads",
    0x9999: "Iluvatar", 0x1db7: "Phytium", 0xcabc: "Cambricon", 0x1d94: "Hygon", 0x1ee0: "MetaX", 0x1cc4: "FuriosaAI",
  ]

  /// The accelerator that this device is; nil for all else, the display controllers of server boards among it.
  func accelerator(_ source: Source) -> Accelerator? {
    let isGPU = [Class.vga, Class.controller3D, Class.display].contains(classCode)
    let isAccelerator = classCode == Class.accelerator || classCode == Class.coprocessor
    guard isGPU || isAccelerator, let vendorName = Self.vendors[vendor] else { return nil }
    var found = Accelerator(vendor: Figure(vendorName, source))
    switch vendor {
    case 0x1002:
      guard let isShared = Self.amdSharesMemory(device) else { return nil }
      found.sharesMemory = isShared ? true : nil
    case 0x8086:
      guard !isAccelerator || Self.isIntelDiscrete(device), let isShared = Self.intelSharesMemory(device) else {
        return nil
      }
      found.sharesMemory = isShared ? true : nil
    default: break
    }
    found.model = (name ?? Self.names[vendor << 16 | device]).map { Figure($0, source) }
    found.address = Figure(address, source)
    found.numaNode = numaNode.flatMap { $0 >= 0 ? Figure($0, source) : nil }
    return found
  }

  /// True for the GPU of an APU that engines can use, false for a card, nil for what has no compute of use: the chips of
  /// server boards (ES1000, Rage) and the two-unit display parts of desktop processors.
  private static func amdSharesMemory(_ device: Int) -> Bool? {
    switch device {
    // Phoenix, Hawk Point, Strix Point, Krackan Point, Strix Halo; MI300A has memory of its own kind.
    case 0x15bf, 0x15c8, 0x1900, 0x1901, 0x150e, 0x1114, 0x1586: true
    case 0x74a0: true
    case 0x6600...0x7fff: (0x6640...0x666f).contains(device) ? nil : false
    default: nil
    }
  }

  private static func isIntelDiscrete(_ device: Int) -> Bool {
    switch device {
    // DG1, Ponte Vecchio, Arc A and Flex, Arc B and Pro B.
    case 0x4905...0x4909, 0x0b69, 0x0b6e, 0x0bd0...0x0bdb, 0x5690...0x56c2, 0xe202...0xe223: true
    default: false
    }
  }

  /// False for a card, true for a processor's own GPU from the Xe generation on, nil for older ones.
  private static func intelSharesMemory(_ device: Int) -> Bool? {
    if isIntelDiscrete(device) { return false }
    switch device {
    // Tiger, Rocket, Alder, Raptor, Meteor, Arrow, Lunar and Panther Lake.
    case 0x9a40...0x9af8, 0x4c8a...0x4c9a, 0x4680...0x46d4, 0xa720...0xa7ad, 0xa780...0xa78b, 0x7d40...0x7dd5,
      0x6420...0x64b0, 0xb080...0xb0b0:
      return true
    default: return nil
    }
  }

  /// Products that a list without names would leave unnamed.
  private static let names: [Int: String] = [
    0x10de_1b06: "GeForce GTX 1080 Ti", 0x10de_1db4: "Tesla V100-PCIE-16GB", 0x10de_1db1: "Tesla V100-SXM2-16GB",
    0x10de_1db5: "Tesla V100-SXM2-32GB", 0x10de_1db8: "Tesla V100-SXM3-32GB", 0x10de_1eb8: "Tesla T4",
    0x10de_20b0: "A100-SXM4-40GB", 0x10de_20b2: "A100-SXM4-80GB", 0x10de_20b5: "A100 80GB PCIe",
    0x10de_20f1: "A100-PCIE-40GB", 0x10de_2235: "A40", 0x10de_2237: "A10G", 0x10de_2236: "A10",
    0x10de_2204: "GeForce RTX 3090",
    0x10de_2684: "GeForce RTX 4090", 0x10de_26b5: "L40", 0x10de_26b9: "L40S", 0x10de_27b8: "L4",
    0x10de_2330: "H100 80GB HBM3", 0x10de_2331: "H100 PCIe", 0x10de_2321: "H100 NVL", 0x10de_2335: "H200",
    0x10de_233b: "H200 NVL", 0x10de_2342: "GH200 480GB", 0x10de_2901: "B200", 0x10de_2b85: "GeForce RTX 5090",
    0x10de_2bb1: "RTX PRO 6000 Blackwell Workstation Edition", 0x10de_2e12: "GB10",
    0x1002_66a1: "Instinct MI50/MI60", 0x1002_6860: "Instinct MI25", 0x1002_738c: "Instinct MI100",
    0x1002_7408: "Instinct MI250X", 0x1002_740c: "Instinct MI250X/MI250", 0x1002_740f: "Instinct MI210",
    0x1002_74a0: "Instinct MI300A", 0x1002_74a1: "Instinct MI300X", 0x1002_74a5: "Instinct MI325X",
    0x1002_75a0: "Instinct MI350X", 0x1002_75a3: "Instinct MI355X", 0x1002_1586: "Radeon 8060S (Strix Halo)",
    0x1002_73df: "Radeon RX 6700 XT", 0x1002_6861: "Radeon Pro WX 9100", 0x1002_66a0: "Instinct MI50/MI60",
    0x1002_73bf: "Radeon RX 6800/6900 XT", 0x1002_747e: "Radeon RX 7700 XT/7800 XT",
    0x1002_7480: "Radeon RX 7600", 0x1002_7550: "Radeon RX 9070/9070 XT", 0x1002_7551: "Radeon AI PRO R9700",
    0x1002_74a2: "Instinct MI308X", 0x1002_74a9: "Instinct MI300X HF", 0x1002_74b5: "Instinct MI300X VF",
    0x1002_744c: "Radeon RX 7900 XT/7900 XTX", 0x1002_7448: "Radeon Pro W7900",
    0x8086_56a0: "Arc A770", 0x8086_56a1: "Arc A750", 0x8086_56a2: "Arc A580", 0x8086_e20b: "Arc B580",
    0x8086_e20c: "Arc B570", 0x8086_56c0: "Data Center GPU Flex 170", 0x8086_56c1: "Data Center GPU Flex 140",
    0x8086_0bd5: "Data Center GPU Max 1550", 0x8086_0bda: "Data Center GPU Max 1100", 0x8086_64a0: "Arc 140V",
    0x1da3_1000: "Gaudi HL-2000", 0x1da3_1020: "Gaudi 2 HL-225", 0x1da3_1060: "Gaudi 3 HL-325",
  ]
}
