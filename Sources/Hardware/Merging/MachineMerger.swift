import Units

/// Makes one machine of what several sources tell: field by field, the most trusted source first.
enum MachineMerger {
  /// Returns the machine, with the conclusions that need all sources together.
  static func merge(_ findings: [Findings], name: String, inputs: [String] = []) -> Machine {
    let ordered = findings.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
    var machine = Machine(name: name)
    var evidence = ProcessorProduct()
    var modules: MemoryModules?
    for (_, finding) in ordered {
      fill(&machine, finding.machine)
      evidence.names += finding.evidence.names
      if evidence.part == nil {
        evidence.implementer = finding.evidence.implementer
        evidence.part = finding.evidence.part
      }
      evidence.sockets.fill(finding.evidence.sockets)
      evidence.hasAmpereRoot = evidence.hasAmpereRoot || finding.evidence.hasAmpereRoot
      modules.fill(finding.modules)
    }
    machine.inputs = inputs
    machine.warnings += NvidiaTrouble.missing(findings)
    let looked = findings.contains { $0.listsDevices || !$0.machine.accelerators.isEmpty }
    MachineCompletion.complete(&machine, evidence: evidence, modules: modules, knowsAccelerators: looked)
    return machine
  }

  private static func fill(_ machine: inout Machine, _ other: Machine) {
    if machine.system == nil {
      machine.system = other.system
    } else {
      machine.system?.vendor.fill(other.system?.vendor)
      machine.system?.product.fill(other.system?.product)
    }
    machine.os.fill(other.os)
    fill(&machine.cpu, other.cpu)
    fill(&machine.memory, other.memory)
    fillNodes(&machine.numaNodes, other.numaNodes)
    AcceleratorMerger.fill(&machine, other)
    machine.unifiedMemory.fill(other.unifiedMemory)
    machine.virtualMachine.fill(other.virtualMachine)
    machine.cpuLimit.fill(other.cpuLimit)
    if machine.storage.isEmpty { machine.storage = other.storage }
    fillNetworks(&machine.networks, other.networks)
    for item in other.software where !machine.software.contains(where: { $0.name == item.name }) {
      machine.software.append(item)
    }
    machine.watts.fill(other.watts)
    machine.unknowns += other.unknowns
    machine.warnings += other.warnings.filter { !machine.warnings.contains($0) }
  }

  private static func fill(_ cpu: inout Processor, _ other: Processor) {
    cpu.vendor.fill(other.vendor)
    cpu.model.fill(other.model)
    cpu.implementer.fill(other.implementer)
    cpu.product.fill(other.product)
    cpu.architecture.fill(other.architecture)
    // Counts belong together: cores of one source beside threads of another would be a machine that nobody has.
    let counts = [cpu.cores, cpu.threads].compactMap { $0 }
    let disagree = cpu.threads != nil && other.threads != nil && cpu.threads?.value != other.threads?.value
    cpu.packages.fill(disagree && !counts.isEmpty ? nil : other.packages)
    cpu.dies.fill(disagree && !counts.isEmpty ? nil : other.dies)
    cpu.cores.fill(disagree ? nil : other.cores)
    cpu.threads.fill(other.threads)
    cpu.onlineCores.fill(other.onlineCores)
    cpu.onlineThreads.fill(other.onlineThreads)
    cpu.features.fill(other.features)
    cpu.kinds.fill(other.kinds)
    cpu.sveBits.fill(other.sveBits)
    cpu.caches.fill(other.caches)
    cpu.allowed.fill(other.allowed)
    cpu.coreCPUs.fill(other.coreCPUs)
    cpu.megahertz.fill(other.megahertz)
    cpu.watts.fill(other.watts)
  }

  private static func fill(_ memory: inout MachineMemory, _ other: MachineMemory) {
    // What is available is of the total that the same input tells.
    let agree =
      memory.totalBytes == nil || other.totalBytes == nil || memory.totalBytes?.value == other.totalBytes?.value
    memory.totalBytes.fill(other.totalBytes)
    if agree { memory.availableBytes.fill(other.availableBytes) }
    memory.limitBytes.fill(other.limitBytes)
    memory.limitUsedBytes.fill(other.limitUsedBytes)
    memory.installedBytes.fill(other.installedBytes)
    memory.modules.fill(other.modules)
    memory.slots.fill(other.slots)
    memory.type.fill(other.type)
    memory.speedMTs.fill(other.speedMTs)
    memory.channels.fill(other.channels)
    memory.bandwidth.fill(other.bandwidth)
    memory.acceleratorBytes.fill(other.acceleratorBytes)
  }

  private static func fillNodes(_ nodes: inout [NUMANode], _ others: [NUMANode]) {
    for other in others {
      guard let index = nodes.firstIndex(where: { $0.id == other.id }) else {
        nodes.append(other)
        continue
      }
      nodes[index].memoryBytes.fill(other.memoryBytes)
      nodes[index].cpus.fill(other.cpus)
      nodes[index].isAllowed.fill(other.isAllowed)
      nodes[index].distances.fill(other.distances)
      nodes[index].bandwidth.fill(other.bandwidth)
      nodes[index].latencyNanoseconds.fill(other.latencyNanoseconds)
      if nodes[index].kind == nil || nodes[index].kind?.value == "unknown" {
        nodes[index].kind = other.kind ?? nodes[index].kind
      }
    }
    nodes.sort { $0.id < $1.id }
  }

  /// A card is the same where its PCI address is, or one of its names.
  private static func fillNetworks(_ networks: inout [NetworkDevice], _ others: [NetworkDevice]) {
    for other in others {
      let match = networks.firstIndex { known in
        known.address != nil && known.address?.value == other.address?.value
          || known.names.contains { other.names.contains($0) }
      }
      guard let index = match else {
        networks.append(other)
        continue
      }
      networks[index].names += other.names.filter { !networks[index].names.contains($0) }
      networks[index].model.fill(other.model)
      networks[index].address.fill(other.address)
      networks[index].numaNode.fill(other.numaNode)
      networks[index].pciSwitch.fill(other.pciSwitch)
      networks[index].gigabytesPerSecond.fill(other.gigabytesPerSecond)
      networks[index].isFabric = networks[index].isFabric || other.isFabric
    }
  }
}
