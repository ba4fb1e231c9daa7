import Units

/// XML of hwloc and lstopo, format 1.x and 2.x; 3.0 is refused in a sentence.
///
/// The live topology comes through here too, as libhwloc writes it, so that a dump and a probe are read alike. A stranger's
/// file is never given to libhwloc itself: its XML reader trusts sizes and counts, and this one bounds them.
enum HwlocDump: DumpReader {
  static let kind = "lstopo XML"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let root = dump.xml, root.name == "topology" else { return nil }
    if let version = root["version"], let major = Int(version.prefix { $0 != "." }), major >= 3 {
      throw .unsupported(
        path: dump.path, what: "it is hwloc XML of version \(version), and versions 1 and 2 are read",
        remedy: "write it with: lstopo --export-xml-flags v2 FILE.xml")
    }
    guard let machine = root.child("object") else { return nil }
    var walk = HwlocWalk(source: Source(.probed, kind))
    walk.visit(machine)
    return walk.findings(machine, root)
  }
}

/// Collects the objects of an hwloc topology.
struct HwlocWalk {
  /// A PCI device, with what its OS devices tell of it; of several devices of AMD's library on one card, each is one.
  struct Device {
    var device: PCIDevice
    var infos: [String: String] = [:]
    /// Names of the kinds of OS devices: `CUDA`, `NVML`, `OpenCL`, `RSMI`, `LevelZero`.
    var backends: Set<String> = []
    /// Numbers by which distances refer to it and its OS devices.
    var numbers: Set<String> = []
    var linkSpeed: Double?
    /// The names of its network interfaces, and whether one of them is an InfiniBand or RoCE device.
    var interfaces: [(name: String, isFabric: Bool)] = []
  }

  let source: Source
  /// CPUs that the affinity mask of this process leaves; nil for all.
  let affinity: CPUSet?
  private var allowed: CPUSet?
  private var packages: [XMLElement] = []
  private var cores: [CPUSet] = []
  private var units: [Int] = []
  private var dies: [CPUSet] = []
  var nodes: [XMLElement] = []
  var devices: [Device] = []
  var caches: [HwlocCache] = []
  private var switches: [String: Int] = [:]
  private var modules: [MemoryModule] = []

  init(source: Source, affinity: CPUSet? = nil) {
    self.source = source
    self.affinity = affinity
  }

  static func infos(_ element: XMLElement) -> [String: String] {
    var infos: [String: String] = [:]
    for info in element.children where info.name == "info" {
      if let name = info["name"], let value = info["value"], infos[name] == nil { infos[name] = value }
    }
    return infos
  }

  /// Collects an object and those below it.
  ///
  /// - Parameters:
  ///   - nodeset: the memory nodes of the nearest object above that has any.
  ///   - device: the PCI device above, by its place in the list.
  ///   - bridges: the addresses of the PCI bridges above.
  mutating func visit(_ element: XMLElement, nodeset: CPUSet? = nil, device: Int? = nil, bridges: [String] = []) {
    var device = device
    var bridges = bridges
    let own = element["nodeset"].flatMap { CPUSet(mask: $0) } ?? nodeset
    switch element["type"] {
    case "Machine", "System": if allowed == nil { allowed = element["allowed_cpuset"].flatMap { CPUSet(mask: $0) } }
    case "Package", "Socket": packages.append(element)
    case "Core": if let set = element["cpuset"].flatMap({ CPUSet(mask: $0) }) { cores.append(set) }
    case "PU": if let number = element["os_index"].flatMap({ Int($0) }) { units.append(number) }
    case "Die": if let set = element["cpuset"].flatMap({ CPUSet(mask: $0) }) { dies.append(set) }
    case "NUMANode": nodes.append(element)
    case "Bridge": bridges += [element["pci_busid"].flatMap { MachineText.pciAddress($0) }].compactMap { $0 }
    case "PCIDev": device = visitPCI(element, own, bridges)
    case "OSDev": visitOSDevice(element, device)
    case "Misc": visitModule(element)
    // A cache on the memory's side holds no processor's data.
    case let type?:
      if type.hasSuffix("Cache"), type != "MemCache", let cache = HwlocCache(element) { caches.append(cache) }
    default: break
    }
    for child in element.children where child.name == "object" {
      visit(child, nodeset: own, device: device, bridges: bridges)
    }
  }

  /// Returns the place of the device in the list, for its OS devices.
  private mutating func visitPCI(_ element: XMLElement, _ nodeset: CPUSet?, _ bridges: [String]) -> Int? {
    guard let address = element["pci_busid"].flatMap({ MachineText.pciAddress($0) }), let type = element["pci_type"]
    else { return nil }
    if element["subtype"] == "NVSwitch", let number = element["gp_index"] {
      switches["PCIDev:\(number)"] = switches.count
    }
    let words = type.split(separator: " ")
    let numbers = words.dropFirst().first?.filter { $0 != "[" && $0 != "]" }.split(separator: ":") ?? []
    guard words.count > 1, numbers.count == 2, let code = Int(words[0], radix: 16),
      let vendor = Int(numbers[0], radix: 16),
      let device = Int(numbers[1], radix: 16)
    else { return nil }
    let infos = Self.infos(element)
    let node = nodeset.flatMap { $0.count == 1 ? $0.first : nil }
    var found = Device(
      device: PCIDevice(
        address: address, classCode: code, vendor: vendor, device: device, name: infos["PCIDevice"], numaNode: node,
        pciSwitch: PCIDevice.nearestSwitch(bridges)))
    found.linkSpeed = element["pci_link_speed"].flatMap { Double($0) }
    if let number = element["gp_index"] { found.numbers.insert("PCIDev:\(number)") }
    devices.append(found)
    return devices.count - 1
  }

  private mutating func visitOSDevice(_ element: XMLElement, _ device: Int?) {
    let infos = Self.infos(element)
    let kind = element["subtype"] ?? infos["CoProcType"] ?? infos["Backend"] ?? ""
    guard var device else { return }
    // A card in partitions is one PCI device with a device of the library for each partition.
    if kind == "RSMI", devices[device].backends.contains(kind) {
      var partition = Device(device: devices[device].device, linkSpeed: devices[device].linkSpeed)
      partition.device.name = devices[device].infos["GPUModel"] ?? devices[device].device.name
      devices.append(partition)
      device = devices.count - 1
    }
    if let number = element["gp_index"] { devices[device].numbers.formUnion(["OSDev:\(number)", number]) }
    let type = element["osdev_type"]
    if type == "2" || type == "3", let name = element["name"] {
      devices[device].interfaces.append((name, type == "3"))
    }
    guard type == "1" || type == "5" else { return }
    if kind == "OpenCL", infos["OpenCLDeviceType"] == "CPU" { return }
    if !kind.isEmpty { devices[device].backends.insert(kind) }
    devices[device].infos.merge(infos) { first, _ in first }
  }

  private mutating func visitModule(_ element: XMLElement) {
    guard element["subtype"] == "MemoryModule" || element["name"] == "MemoryModule" else { return }
    let infos = Self.infos(element)
    var module = MemoryModule()
    module.bytes = infos["Size"].flatMap { Int($0.prefix { $0.isNumber }) }.map { ByteCount.kibibytes($0) }
    module.type = MachineText.known(infos["Type"] ?? infos["MemoryType"])
    module.locator = infos["DeviceLocation"] ?? ""
    module.bank = infos["BankLocation"] ?? ""
    module.bits = 64
    modules.append(module)
  }

  func findings(_ machine: XMLElement, _ root: XMLElement) -> Findings {
    var findings = Findings(.topology)
    let infos = Self.infos(machine)
    describeProcessor(infos, root, in: &findings)
    describeSystem(infos, in: &findings)
    findings.machine.numaNodes = memoryNodes(machine, root)
    let used = accelerators()
    findings.listsDevices = !devices.isEmpty
    findings.machine.networks = networks()
    findings.machine.accelerators = used.map(accelerator)
    findings.machine.links = HwlocDistances.links(root, gpus: used.map(\.numbers), switches: switches, source: source)
    if !modules.isEmpty { findings.modules = MemoryModules(modules: modules, source: source) }
    return findings
  }

  private func describeProcessor(_ machineInfos: [String: String], _ root: XMLElement, in findings: inout Findings) {
    let usable = units.filter { allowed?.contains($0) ?? true && affinity?.contains($0) ?? true }
    let usableSet = CPUSet(usable)
    func isUsable(_ set: CPUSet?) -> Bool { set.map { !$0.intersection(usableSet).isEmpty } ?? false }
    var cpu = Processor()
    let packageCount = packages.filter { isUsable($0["cpuset"].flatMap { CPUSet(mask: $0) }) }.count
    if packageCount > 0 { cpu.packages = Figure(packageCount, source) }
    let dieCount = dies.count { isUsable($0) }
    if dieCount > 0 { cpu.dies = Figure(dieCount, source) }
    cpu.caches = HwlocCache.caches(caches, usable: usableSet, source)
    let usableCores = cores.map { $0.intersection(usableSet) }.filter { !$0.isEmpty }
    if !usableCores.isEmpty {
      cpu.cores = Figure(usableCores.count, source)
      cpu.coreCPUs = Figure(CPUSet(usableCores.compactMap(\.first)).list, source)
    }
    if !usable.isEmpty { cpu.threads = Figure(usable.count, source) }
    if !usable.isEmpty { cpu.allowed = Figure(usableSet.list, source) }
    let infos = packages.first.map { Self.infos($0) }?.merging(machineInfos) { own, _ in own } ?? machineInfos
    func figure(_ name: String) -> Figure<String>? { MachineText.known(infos[name]).map { Figure($0, source) } }
    cpu.vendor = figure("CPUVendor")
    cpu.model = figure("CPUModel")
    cpu.architecture = figure("Architecture")
    if cpu.vendor?.value == "GenuineIntel" { cpu.implementer = Figure("intel", source) }
    if cpu.vendor?.value == "AuthenticAMD" { cpu.implementer = Figure("amd", source) }
    if cpu.vendor == nil, infos["CPUModel"]?.contains("POWER") ?? false { cpu.vendor = Figure("IBM", source) }
    if let implementer = infos["CPUImplementer"].flatMap({ MachineText.count($0) }) {
      cpu.implementer = ArmPart.implementer(implementer).map { Figure($0, source) }
      findings.evidence.implementer = implementer
      findings.evidence.part = infos["CPUPart"].flatMap { MachineText.count($0) }
      if let part = findings.evidence.part {
        cpu.model = cpu.model ?? ArmPart.name(implementer: implementer, part: part).map { Figure($0, source) }
      }
    }
    cpu.kinds = HwlocKinds.kinds(root, cores: usableCores, source: source)
    findings.machine.cpu = cpu
  }

  private func describeSystem(_ infos: [String: String], in findings: inout Findings) {
    func figure(_ name: String) -> Figure<String>? { MachineText.known(infos[name]).map { Figure($0, source) } }
    let vendor = figure("DMISysVendor") ?? figure("DMIBoardVendor")
    let product = figure("DMIProductName") ?? figure("DMIBoardName") ?? figure("PlatformModel")
    if vendor != nil || product != nil { findings.machine.system = SystemIdentity(vendor: vendor, product: product) }
    if let system = infos["OSName"] {
      findings.machine.os = Figure([system, infos["OSRelease"]].compactMap { $0 }.joined(separator: " "), source)
    }
  }

  /// A node of memory only is given the CPUs nearest to it since hwloc 2; the first node of those CPUs is their own.
  private func memoryNodes(_ machine: XMLElement, _ root: XMLElement) -> [NUMANode] {
    let distances = HwlocDistances.latencies(
      root, machine, order: nodes.map { $0["os_index"].flatMap { Int($0) } ?? -1 })
    let attributes = HwlocMemoryAttributes(root)
    var owners = Set<String>()
    let sorted = nodes.sorted { (Int($0["os_index"] ?? "") ?? 0) < (Int($1["os_index"] ?? "") ?? 0) }
    return sorted.compactMap { element in
      guard let id = element["os_index"].flatMap({ Int($0) }) else { return nil }
      var node = NUMANode(id: id)
      node.memoryBytes = element["local_memory"].flatMap { Int($0) }.map { Figure(ByteCount($0), source) }
      let set = element["cpuset"].flatMap { CPUSet(mask: $0) }
      let subtype = (element["subtype"] ?? Self.infos(element)["Type"] ?? "").lowercased()
      let isMemoryOnly =
        subtype.contains("gpu") || (set.map { !$0.isEmpty && !owners.insert($0.list).inserted } ?? false)
      node.cpus = set.map { Figure(isMemoryOnly ? "" : $0.list, source) }
      node.kind = Figure(Self.memoryKind(subtype) ?? ((node.cpus?.value.isEmpty ?? true) ? "unknown" : "dram"), source)
      node.distances = distances[id].map { Figure($0, source) }
      attributes.describe(&node, element["gp_index"], source)
      return node
    }
  }

  private static func memoryKind(_ subtype: String) -> String? {
    let names = [
      "hbm": "hbm", "mcdram": "hbm", "nvm": "pmem", "gpumemory": "gpu", "cxl": "cxl", "dram": "dram", "spm": "unknown",
    ]
    return names.first { subtype.hasPrefix($0.key) }?.value
  }

  /// Devices that are accelerators by their class, or because a compute library found them; virtual functions of network
  /// cards and the board's own display are none.
  private func accelerators() -> [Device] {
    let compute: Set = ["CUDA", "NVML", "RSMI", "LevelZero", "VectorEngine", "VE"]
    return devices.filter { gpu in
      !gpu.backends.isDisjoint(with: compute) || gpu.device.accelerator(source) != nil
        || (gpu.backends.contains("OpenCL")
          && ![nil, .intel].contains(MakerCatalogue.current.maker(pciVendor: gpu.device.vendor)))
    }
  }

  private func accelerator(_ gpu: Device) -> Accelerator {
    let vendor =
      MakerCatalogue.current.maker(pciVendor: gpu.device.vendor) ?? gpu.infos["GPUVendor"].map { Maker($0) } ?? .unknown
    var device = gpu.device.accelerator(source) ?? Accelerator(vendor: Figure(vendor, source))
    device.address = Figure(gpu.device.address, source)
    device.numaNode = gpu.device.numaNode.map { Figure($0, source) }
    let model = MachineText.known(gpu.infos["GPUModel"]) ?? MachineText.known(gpu.device.name)
    device.model = model.map { Figure($0, source) } ?? device.model
    // All of these are in KiB.
    let sizes = [
      "CUDAGlobalMemorySize", "RSMIVRAMSize", "LevelZeroHBMSize", "LevelZeroDDRSize", "LevelZeroMemorySize",
      "OpenCLGlobalMemorySize", "VectorEngineMemorySize", "VEMemorySize",
    ]
    for name in sizes where device.memoryBytes == nil {
      device.memoryBytes = gpu.infos[name].flatMap { Int($0) }.map {
        Figure(.kibibytes($0), .probed, "\(source.detail) \(name)")
      }
    }
    if let speed = gpu.linkSpeed, speed > 0 {
      device.hostGigabytesPerSecond = Figure(speed, .probed, "\(source.detail) pci_link_speed")
    }
    return device
  }
}
