extension Maker {
  public static let intel = Maker(canonical: "Intel")
}

/// What Intel's GPUs need; its Gaudi accelerators are Habana's.
enum Intel {
  static let facts: MakerFacts = {
    var facts = MakerFacts(.intel, aliases: ["Intel", "GenuineIntel"])
    facts.pciVendors = [0x8086]
    facts.implementer = "intel"
    facts.products = products
    facts.use = use
    facts.memoryCommand = "xpu-smi discovery -j"
    facts.scaleUpLink = .xelink
    facts.visibility = DeviceVisibility("ZE_AFFINITY_MASK")
    facts.container = .files(["/dev/dri"], groups: ["render"])
    facts.containerVariable = "ZE_AFFINITY_MASK"
    facts.kubernetesResource = "gpu.intel.com/xe"
    facts.driver = DriverCheck("Intel driver", .files(["/dev/dri/renderD"]))
    return facts
  }()

  /// A card, a processor's own GPU from the Xe generation on, or an older one of no use.
  private static func use(of product: PCIProduct) -> PCIUse {
    if isDiscrete(product.device) { return .card }
    if product.isAccelerator { return .none }
    switch product.device {
    // Tiger, Rocket, Alder, Raptor, Meteor, Arrow, Lunar and Panther Lake.
    case 0x9a40...0x9af8, 0x4c8a...0x4c9a, 0x4680...0x46d4, 0xa720...0xa7ad, 0xa780...0xa78b, 0x7d40...0x7dd5,
      0x6420...0x64b0, 0xb080...0xb0b0:
      return .sharesMemory
    default: return .none
    }
  }

  private static func isDiscrete(_ device: Int) -> Bool {
    switch device {
    // DG1, Ponte Vecchio, Arc A and Flex, Arc B and Pro B.
    case 0x4905...0x4909, 0x0b69, 0x0b6e, 0x0bd0...0x0bdb, 0x5690...0x56c2, 0xe202...0xe223: true
    default: false
    }
  }

  private static let products = [
    0x56a0: "Arc A770", 0x56a1: "Arc A750", 0x56a2: "Arc A580", 0xe20b: "Arc B580",
    0xe20c: "Arc B570", 0x56c0: "Data Center GPU Flex 170", 0x56c1: "Data Center GPU Flex 140",
    0x0bd5: "Data Center GPU Max 1550", 0x0bda: "Data Center GPU Max 1100", 0x64a0: "Arc 140V",
  ]
}
