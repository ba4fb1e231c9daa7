import Units

extension Maker {
  public static let amd = Maker(canonical: "AMD")
}

/// What AMD's devices need.
enum AMD {
  static let facts: MakerFacts = {
    var facts = MakerFacts(
      .amd, aliases: ["AMD", "Advanced Micro Devices", "ATI", "ATI Technologies", "AuthenticAMD", "Radeon"])
    facts.pciVendors = [0x1002]
    facts.implementer = "amd"
    facts.products = products
    facts.use = { use(of: $0.device) }
    facts.memoryCommand = "amd-smi static --json"
    facts.otherMemoryCommand = "rocm-smi --showmeminfo vram --showproductname"
    facts.scaleUpLink = .xgmi
    facts.visibility = DeviceVisibility("ROCR_VISIBLE_DEVICES")
    facts.container = .files(["/dev/kfd", "/dev/dri"], groups: ["video", "render"])
    facts.containerVariable = "ROCR_VISIBLE_DEVICES"
    facts.kubernetesResource = "amd.com/gpu"
    facts.driver = DriverCheck("AMD driver", .files(["/dev/kfd"]))
    facts.sharedMemoryRemedy = { wanted in
      "the kernel parameter ttm.pages_limit=\((wanted.bytes >> 12) + 1) (pages of 4 KiB) lets the GPU use that much"
    }
    return facts
  }()

  /// The chips of server boards (ES1000, Rage) and the two-unit display parts of desktop processors have no compute of use.
  private static func use(of device: Int) -> PCIUse {
    switch device {
    // Phoenix, Hawk Point, Strix Point, Krackan Point, Strix Halo; MI300A has memory of its own kind.
    case 0x15bf, 0x15c8, 0x1900, 0x1901, 0x150e, 0x1114, 0x1586, 0x1902: .sharesMemory
    // Rembrandt, Van Gogh, Cyan Skillfish.
    case 0x1681, 0x163f, 0x13fe: .sharesMemory
    case 0x74a0: .sharesMemory
    case 0x6600...0x7fff: (0x6640...0x666f).contains(device) ? .none : .card
    default: .none
    }
  }

  private static let products = [
    0x66a1: "Instinct MI50/MI60", 0x6860: "Instinct MI25", 0x738c: "Instinct MI100",
    0x7408: "Instinct MI250X", 0x740c: "Instinct MI250X/MI250", 0x740f: "Instinct MI210",
    0x74a0: "Instinct MI300A", 0x74a1: "Instinct MI300X", 0x74a5: "Instinct MI325X",
    0x75a0: "Instinct MI350X", 0x75a3: "Instinct MI355X", 0x1586: "Radeon 8060S (Strix Halo)",
    0x1681: "Radeon 680M", 0x15bf: "Radeon 780M", 0x150e: "Radeon 890M", 0x1114: "Radeon 860M",
    0x73df: "Radeon RX 6700 XT", 0x6861: "Radeon Pro WX 9100", 0x66a0: "Instinct MI50/MI60",
    0x73bf: "Radeon RX 6800/6900 XT", 0x747e: "Radeon RX 7700 XT/7800 XT",
    0x7480: "Radeon RX 7600", 0x7550: "Radeon RX 9070/9070 XT", 0x7551: "Radeon AI PRO R9700",
    0x74a2: "Instinct MI308X", 0x74a9: "Instinct MI300X HF", 0x74b5: "Instinct MI300X VF",
    0x744c: "Radeon RX 7900 XT/7900 XTX", 0x7448: "Radeon Pro W7900",
  ]
}
