import Platform
import Units

/// Everything that a Linux file tree tells of its machine; the same for this machine and for a dump of another.
struct TreeProbe {
  let tree: any FileTree
  /// The affinity mask of this process, for a probe of this machine; nil for a dump.
  var affinity: CPUSet?

  init(tree: any FileTree, affinity: CPUSet? = nil) {
    self.tree = tree
    self.affinity = affinity
  }

  /// Returns what the tree holds.
  func findings() -> Findings {
    let limits = ContainerProbe(tree: tree).limits()
    let allowed = [limits.allowed, affinity].compactMap { $0 }.reduce(nil as CPUSet?) { set, next in
      set?.intersection(next) ?? next
    }
    var findings = Findings(.kernel)
    findings.machine.cpu = ProcessorProbe(tree: tree, allowed: allowed).processor()
    findings.machine.numaNodes = NUMAProbe(tree: tree).nodes()
    let memory = MemoryProbe(tree: tree)
    findings.machine.memory = memory.memory(nodes: findings.machine.numaNodes, limits: limits)
    findings.modules = memory.modules()
    findings.machine.cpuLimit = limits.cpus
    let identity = IdentityProbe(tree: tree)
    findings.machine.system = identity.system()
    findings.machine.os = identity.operatingSystem()
    findings.machine.virtualMachine = identity.virtualMachine(
      processor: findings.machine.cpu, system: findings.machine.system)
    findings.machine.storage = StorageProbe(tree: tree).disks()
    findings.evidence = evidence()
    return findings
  }

  private func evidence() -> ProcessorProduct {
    var product = ProcessorProduct()
    if let core = tree.text("/proc/cpuinfo", limit: 16 << 20).flatMap({ CPUInfo($0) })?.armCores.first {
      product.implementer = core.implementer
      product.part = core.part
    }
    if let bytes = tree.read("/sys/firmware/dmi/tables/DMI", limit: 1 << 20) {
      product.names = SMBIOSTable(bytes).processorNames
    }
    product.names += [tree.text("/proc/device-tree/model")].compactMap { $0 }
    product.hasAmpereRoot = tree.list("/sys/bus/pci/devices").prefix(64).contains {
      tree.text("/sys/bus/pci/devices/\($0)/vendor", limit: 16) == "0x1def"
    }
    return product
  }
}

extension ProcessorProduct {
  /// Cores of one package; all threads of an Arm are cores, and a lone package is assumed only where it is counted.
  static func coresPerPackage(_ cpu: Processor) -> Int? {
    guard let cores = cpu.cores?.value ?? cpu.threads?.value else { return nil }
    return cores / max(1, cpu.packages?.value ?? 1)
  }
}

extension MemoryChannelTable {
  /// The channels of all packages together.
  static func channels(of cpu: Processor) -> Int? {
    channels(model: cpu.model?.value, product: cpu.product?.value).map { $0 * max(1, cpu.packages?.value ?? 1) }
  }
}
