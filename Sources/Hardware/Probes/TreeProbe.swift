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

  /// Returns the machine, with only those facts that the tree holds.
  func machine() -> Machine {
    let limits = ContainerProbe(tree: tree).limits()
    let allowed = [limits.allowed, affinity].compactMap { $0 }.reduce(nil as CPUSet?) { set, next in
      set?.intersection(next) ?? next
    }
    var machine = Machine(name: "")
    machine.cpu = ProcessorProbe(tree: tree, allowed: allowed).processor()
    machine.numaNodes = NUMAProbe(tree: tree).nodes()
    machine.memory = MemoryProbe(tree: tree).memory(nodes: machine.numaNodes, limits: limits)
    machine.cpuLimit = limits.cpus
    let identity = IdentityProbe(tree: tree)
    machine.system = identity.system()
    machine.os = identity.operatingSystem()
    machine.virtualMachine = identity.virtualMachine(processor: machine.cpu, system: machine.system)
    machine.storage = StorageProbe(tree: tree).disks()
    describeFirmware(&machine)
    return machine
  }

  private func describeFirmware(_ machine: inout Machine) {
    var product = ProcessorProduct()
    if let core = tree.text("/proc/cpuinfo", limit: 16 << 20).flatMap({ CPUInfo($0) })?.armCores.first {
      product.implementer = core.implementer
      product.part = core.part
    }
    if let bytes = tree.read("/sys/firmware/dmi/tables/DMI", limit: 1 << 20) {
      product.names = SMBIOSTable(bytes).processorNames
    }
    product.names += [tree.text("/proc/device-tree/model")].compactMap { $0 }
    product.systemVendor = machine.system?.vendor?.value
    product.systemProduct = machine.system?.product?.value
    product.coresPerPackage = ProcessorProduct.coresPerPackage(machine.cpu)
    product.hasAmpereRoot = tree.list("/sys/bus/pci/devices").prefix(64).contains {
      tree.text("/sys/bus/pci/devices/\($0)/vendor", limit: 16) == "0x1def"
    }
    machine.cpu.product = product.identified()
    guard var modules = MemoryProbe(tree: tree).modules() else { return }
    modules.channelsOfProcessor = MemoryChannelTable.channels(of: machine.cpu)
    modules.describe(in: &machine.memory)
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
