import Units

extension Maker {
  public static let nvidia = Maker(canonical: "NVIDIA")
}

extension Accelerator {
  /// CUDA's compute capability, such as 8.9; nil for other makers' devices, or where it is not known.
  public var computeCapability: Double? {
    vendor.value == .nvidia ? architecture.flatMap { Self.computeCapability($0.value) } : nil
  }

  /// Reads a compute capability: digits, a point, a digit.
  public static func computeCapability(_ text: String) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 1,
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    return Double(text)
  }
}

/// What NVIDIA's devices need.
enum NVIDIA {
  static let facts: MakerFacts = {
    var facts = MakerFacts(.nvidia, aliases: ["NVIDIA"])
    facts.pciVendors = [0x10de]
    facts.implementer = "nvidia"
    facts.products = products
    // Starts of vLLM and llama.cpp tell 23.5 to 23.6 GiB of 24, 31.4 of 31.8, 79.2 of 79.6, 95.0 of 95.6, 139.8 of 140.4.
    facts.driverReserve = { .mebibytes(420) + $0.scaled(by: 0.0015) }
    facts.memoryCommand = "nvidia-smi -q -x"
    facts.otherMemoryCommand = "nvidia-smi --query-gpu=name,memory.total,pci.bus_id --format=csv"
    // The order of nvidia-smi and of the plan, not CUDA's own "fastest first".
    facts.visibility = DeviceVisibility("CUDA_VISIBLE_DEVICES", fixed: ["CUDA_DEVICE_ORDER": "PCI_BUS_ID"])
    facts.container = .toolkit(cdi: "nvidia.com/gpu", driver: "nvidia")
    facts.kubernetesResource = "nvidia.com/gpu"
    facts.kubernetesProductLabel = "nvidia.com/gpu.product"
    facts.driver = driver
    return facts
  }()

  private static let driver: DriverCheck = {
    let query = ["--query-gpu=driver_version", "--format=csv,noheader"]
    var check = DriverCheck("NVIDIA driver", .program("nvidia-smi", query))
    // NVIDIA's table of CUDA and drivers.
    check.toolkits = [
      DriverToolkit(name: "CUDA 12", leastDriver: 525), DriverToolkit(name: "CUDA 13", leastDriver: 580),
    ]
    return check
  }()

  private static let products = [
    0x1b06: "GeForce GTX 1080 Ti", 0x1db4: "Tesla V100-PCIE-16GB", 0x1db1: "Tesla V100-SXM2-16GB",
    0x1db5: "Tesla V100-SXM2-32GB", 0x1db8: "Tesla V100-SXM3-32GB", 0x1eb8: "Tesla T4",
    0x20b0: "A100-SXM4-40GB", 0x20b2: "A100-SXM4-80GB", 0x20b5: "A100 80GB PCIe",
    0x20f1: "A100-PCIE-40GB", 0x2235: "A40", 0x2237: "A10G", 0x2236: "A10",
    0x2204: "GeForce RTX 3090",
    0x2684: "GeForce RTX 4090", 0x26b5: "L40", 0x26b9: "L40S", 0x27b8: "L4",
    0x2330: "H100 80GB HBM3", 0x2331: "H100 PCIe", 0x2321: "H100 NVL", 0x2335: "H200",
    0x233b: "H200 NVL", 0x2342: "GH200 480GB", 0x2901: "B200", 0x2b85: "GeForce RTX 5090",
    0x2bb1: "RTX PRO 6000 Blackwell Workstation Edition", 0x2e12: "GB10",
  ]
}
