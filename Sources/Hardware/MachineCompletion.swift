import Units

/// Conclusions that need several sources at once: drawn after all facts of a machine are together.
enum MachineCompletion {
  static func complete(
    _ machine: inout Machine, evidence: ProcessorProduct, modules: MemoryModules?, knowsAccelerators: Bool
  ) {
    nameMaker(&machine.cpu)
    nameProduct(&machine, evidence)
    if var modules {
      modules.channelsOfProcessor = MemoryChannelTable.channels(of: machine.cpu)
      modules.packages = machine.cpu.packages?.value
      modules.describe(in: &machine.memory)
    }
    IntegratedGraphics.settle(&machine)
    AMDPartitions.share(&machine.accelerators)
    joinEmulatedNodes(&machine)
    dropOddLinks(&machine)
    tellMemoryNodes(&machine)
    if machine.memory.totalBytes == nil { machine.memory.totalBytes = sumOfNodes(machine.numaNodes) }
    if machine.virtualMachine == nil { machine.virtualMachine = IdentityProbe.isGuest(machine.system) }
    joinClusters(&machine, evidence)
    if machine.unifiedMemory == nil { machine.unifiedMemory = UnifiedMemory.isUnified(machine) }
    if machine.unifiedMemory?.value == true {
      machine.memory.acceleratorBytes.fill(machine.accelerators.lazy.compactMap(\.usableBytes).first)
    }
    shareNodes(&machine)
    if machine.virtualMachine?.value == true { warnOfGuest(&machine) }
    MissingFacts.note(in: &machine, knowsAccelerators: knowsAccelerators)
  }

  /// Nodes that share all their CPUs (`numa=fake`, or firmware that is wrong) are one memory, cut by the kernel.
  private static func joinEmulatedNodes(_ machine: inout Machine) {
    let withCPUs = machine.numaNodes.filter { !($0.cpus?.value.isEmpty ?? true) }
    guard withCPUs.count > 1, let first = withCPUs.first, withCPUs.allSatisfy({ $0.cpus?.value == first.cpus?.value })
    else { return }
    var whole = first
    let parts = withCPUs.compactMap(\.memoryBytes)
    whole.memoryBytes =
      parts.count == withCPUs.count
      ? Figure(parts.reduce(.zero) { $0 + $1.value }, .computed, "sum of \(withCPUs.count) nodes that share all CPUs")
      : nil
    whole.distances = nil
    machine.numaNodes = [whole] + machine.numaNodes.filter { $0.cpus?.value.isEmpty ?? true }
    for index in machine.numaNodes.indices where machine.numaNodes.count > 1 {
      machine.numaNodes[index].distances = nil
    }
    machine.warnings.append(
      "\(withCPUs.count) NUMA nodes share all CPUs (numa=fake, or faulty firmware): they are one memory and are shown as one"
    )
  }

  /// A link joins two devices; one to itself is a fault of the driver's or the hypervisor's table.
  private static func dropOddLinks(_ machine: inout Machine) {
    let odd = machine.links.filter { $0.a == $0.b }
    guard !odd.isEmpty else { return }
    machine.links.removeAll { $0.a == $0.b }
    let ends = Set(odd.map(\.a)).sorted().joined(separator: ", ")
    machine.warnings.append(
      "\(ends) \(odd.count == 1 ? "lists a link" : "list links") to itself, which is ignored: check `nvidia-smi topo -m` on the "
        + "host")
  }

  /// Old tools name the product only, and its name says who made it.
  private static func nameMaker(_ cpu: inout Processor) {
    guard let model = cpu.model, cpu.vendor == nil else { return }
    let makers = [
      ("Intel(R)", "GenuineIntel", "intel"), ("AMD ", "AuthenticAMD", "amd"), ("Loongson", "Loongson", "loongson"),
    ]
    guard let maker = makers.first(where: { model.value.contains($0.0) }) else { return }
    cpu.vendor = Figure(maker.1, .computed, "the model's name")
    cpu.implementer.fill(Figure(maker.2, .computed, "the model's name"))
  }

  /// Kernels of small Arm boards number clusters of one chip as packages.
  ///
  /// Firmware that lists sockets decides. Without it, cores of servers are taken to be in as many packages as the kernel says.
  private static func joinClusters(_ machine: inout Machine, _ evidence: ProcessorProduct) {
    let name = machine.cpu.architecture?.value ?? ""
    guard name.hasPrefix("aarch64") || name.hasPrefix("arm"), let packages = machine.cpu.packages?.value, packages > 1,
      let threads = machine.cpu.threads?.value, threads <= 16, machine.numaNodes.count <= 1,
      machine.virtualMachine?.value != true, evidence.sockets ?? 1 == 1
    else { return }
    let isServer = evidence.part.map { ArmPart.isServer(evidence.implementer ?? 0, $0) } ?? false
    // A guest's virtual processors are often in a package each.
    if evidence.sockets == nil, isServer, packages < threads, (machine.cpu.kinds?.count ?? 1) == 1 { return }
    machine.cpu.packages = Figure(1, .computed, "\(packages) clusters of \(threads) cores in all are one chip")
  }

  private static func nameProduct(_ machine: inout Machine, _ evidence: ProcessorProduct) {
    var evidence = evidence
    evidence.systemVendor = machine.system?.vendor?.value
    evidence.systemProduct = machine.system?.product?.value
    evidence.coresPerPackage = ProcessorProduct.coresPerPackage(machine.cpu)
    evidence.names += [machine.cpu.model?.value].compactMap { $0 }
    guard let product = evidence.identified() else { return }
    machine.cpu.product = machine.cpu.product ?? product
    let makers = ["Altra": "Ampere", "Graviton": "Amazon", "Grace": "NVIDIA", "Axion": "Google", "Cobalt": "Microsoft"]
    if machine.cpu.vendor?.value == "ARM", let maker = makers.first(where: { product.value.hasPrefix($0.key) }) {
      machine.cpu.vendor = Figure(maker.value, product.source)
    }
  }

  private static func sumOfNodes(_ nodes: [NUMANode]) -> Figure<ByteCount>? {
    let parts = nodes.filter { $0.kind?.value != "gpu" }.compactMap(\.memoryBytes)
    guard let source = parts.first?.source else { return nil }
    return Figure(parts.reduce(.zero) { $0 + $1.value }, .computed, "sum of the nodes in \(source.detail)")
  }

  /// Names what nodes without CPUs are made of, where the processor tells.
  private static func tellMemoryNodes(_ machine: inout Machine) {
    let model = machine.cpu.model?.value ?? ""
    let isGrace = machine.cpu.product?.value == "Grace" || model.contains("Neoverse-V2")
    if let package = ["MI300A", "A64FX"].first(where: { hasOnlyStackedMemory($0, machine) }) {
      for index in machine.numaNodes.indices where machine.numaNodes[index].kind?.value == "dram" {
        machine.numaNodes[index].kind = Figure("hbm", .computed, "\(package) has no other memory")
      }
    }
    let hasNVIDIA = machine.accelerators.contains { $0.vendor.value == .nvidia }
    for index in machine.numaNodes.indices where machine.numaNodes[index].kind?.value ?? "unknown" == "unknown" {
      guard machine.numaNodes[index].cpus?.value.isEmpty ?? false else {
        if machine.numaNodes[index].cpus != nil {
          machine.numaNodes[index].kind = Figure("dram", .probed, "a node with CPUs")
        }
        continue
      }
      if model.contains("Phi") || isXeonMax(model) {
        machine.numaNodes[index].kind = Figure("hbm", .computed, "a node without CPUs beside \(model)")
      } else if model.contains("POWER9"), hasNVIDIA, machine.numaNodes[index].id >= 240 {
        machine.numaNodes[index].kind = Figure("gpu", .computed, "a node without CPUs above 240 beside a POWER9")
      } else if isGrace, hasNVIDIA || machine.numaNodes.count > 2 {
        machine.numaNodes[index].kind = Figure("gpu", .computed, "a node without CPUs beside a Grace processor")
      }
    }
  }

  private static func hasOnlyStackedMemory(_ name: String, _ machine: Machine) -> Bool {
    let names = [machine.cpu.model, machine.cpu.product] + machine.accelerators.map(\.model)
    return names.contains { $0?.value.contains(name) ?? false }
  }

  /// The GPU of an MI300A has the memory of its node; partitions share it.
  private static func shareNodes(_ machine: inout Machine) {
    for index in machine.accelerators.indices {
      let device = machine.accelerators[index]
      guard device.model?.value.contains("MI300A") ?? false, device.memoryBytes == nil,
        let number = device.numaNode?.value,
        let node = machine.numaNodes.first(where: { $0.id == number }), let memory = node.memoryBytes
      else { continue }
      let peers = machine.accelerators.filter { $0.numaNode?.value == number && $0.vendor.value == .amd }.count
      let own = Figure(
        ByteCount(memory.value.bytes / max(1, peers)), .computed, "memory of NUMA node \(number), which the cores share"
      )
      machine.accelerators[index].memoryBytes = own
      machine.accelerators[index].usableBytes = own
      machine.accelerators[index].sharesMemory = true
    }
  }

  private static func isXeonMax(_ model: String) -> Bool {
    model.contains("Xeon")
      && (model.contains("Max") || ["9462", "9460", "9468", "9470", "9480"].contains { model.contains($0) })
  }

  private static func warnOfGuest(_ machine: inout Machine) {
    let packages = machine.cpu.packages?.value ?? 1
    guard packages > 4, packages == machine.cpu.cores?.value else { return }
    machine.warnings.append(
      "a virtual machine with \(packages) packages of one core: the layout is made up by the hypervisor")
  }
}
