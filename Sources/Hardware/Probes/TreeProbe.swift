import Platform
import Units

/// Everything that a Linux file tree tells of its machine; the same for this machine and for a dump of another.
struct TreeProbe {
  let tree: any FileTree
  /// The affinity mask of this process, for a probe of this machine; nil for a dump.
  var affinity: CPUSet?
  /// False to tell of the whole machine, whatever a container or a mask leaves of it.
  var isLimited = true

  init(tree: any FileTree, affinity: CPUSet? = nil, isLimited: Bool = true) {
    self.tree = tree
    self.affinity = affinity
    self.isLimited = isLimited
  }

  /// Returns what the tree holds.
  func findings() -> Findings {
    let limits = isLimited ? ContainerProbe(tree: tree).limits() : ContainerProbe.Limits()
    let allowed = [limits.allowed, affinity].compactMap { $0 }.reduce(nil as CPUSet?) { set, next in
      set?.intersection(next) ?? next
    }
    var findings = Findings(.kernel)
    findings.machine.cpu = ProcessorProbe(tree: tree, allowed: allowed).processor()
    findings.machine.numaNodes = NUMAProbe(tree: tree).nodes()
    let memory = MemoryProbe(tree: tree)
    findings.machine.memory = memory.memory(nodes: findings.machine.numaNodes, limits: limits)
    narrow(&findings.machine, limits)
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

  /// Marks the nodes whose memory is out of reach, and takes from each the CPUs that this process may not use.
  private func narrow(_ machine: inout Machine, _ limits: ContainerProbe.Limits) {
    let usable = machine.cpu.allowed.flatMap { CPUSet(list: $0.value) }
    for index in machine.numaNodes.indices {
      if let usable, let cpus = machine.numaNodes[index].cpus, let own = CPUSet(list: cpus.value) {
        machine.numaNodes[index].cpus = Figure(own.intersection(usable).list, cpus.source)
      }
      if let nodes = limits.allowedNodes, let source = limits.nodesSource, !nodes.contains(machine.numaNodes[index].id)
      {
        machine.numaNodes[index].isAllowed = Figure(false, source)
      }
    }
    let reachable = machine.numaNodes.filter { $0.isAllowed?.value != false }
    guard let nodes = limits.allowedNodes, let source = limits.nodesSource, reachable.count < machine.numaNodes.count,
      !reachable.isEmpty,
      reachable.allSatisfy({ $0.memoryBytes != nil })
    else { return }
    let sum = reachable.reduce(ByteCount.zero) { $0 + ($1.memoryBytes?.value ?? .zero) }
    if machine.memory.limitBytes.map({ sum < $0.value }) ?? true {
      machine.memory.limitBytes = Figure(sum, .computed, "memory of nodes \(nodes.list), by \(source.detail)")
      machine.memory.limitUsedBytes = nil
    }
  }

  private func evidence() -> ProcessorProduct {
    var product = ProcessorProduct()
    if let core = tree.text("/proc/cpuinfo", limit: 16 << 20).flatMap({ CPUInfo($0) })?.armCores.first {
      product.implementer = core.implementer
      product.part = core.part
    }
    if let bytes = tree.read("/sys/firmware/dmi/tables/DMI", limit: 1 << 20) {
      let table = SMBIOSTable(bytes)
      product.names = table.processorNames
      product.sockets = table.sockets
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
