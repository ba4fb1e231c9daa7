import Units

/// XML of hwloc and lstopo, format 1.x and 2.x; 3.0 is refused in a sentence.
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
  private struct GPU {
    var device: PCIDevice
    var infos: [String: String] = [:]
    /// Names of the kinds of OS devices: `CUDA`, `NVML`, `OpenCL`, `RSMI`, `LevelZero`.
    var backends: Set<String> = []
    /// Numbers by which distances refer to it and its OS devices.
    var numbers: Set<String> = []
    var linkSpeed: Double?
  }

  let source: Source
  private var allowed: CPUSet?
  private var packages: [XMLElement] = []
  private var cores: [CPUSet] = []
  private var units: [Int] = []
  private var nodes: [XMLElement] = []
  private var gpus: [GPU] = []
  private var switches: [String: Int] = [:]
  private var modules: [MemoryModule] = []

  init(source: Source) { self.source = source }

  static func infos(_ element: XMLElement) -> [String: String] {
    var infos: [String: String] = [:]
    for info in element.children where info.name == "info" {
      if let name = info["name"], let value = info["value"], infos[name] == nil { infos[name] = value }
    }
    return infos
  }

  mutating func visit(_ element: XMLElement, nodeset: CPUSet? = nil, gpu: Int? = nil) {
    var gpu = gpu
    let own = element["nodeset"].flatMap { CPUSet(mask: $0) } ?? nodeset
    switch element["type"] {
    case "Machine", "System": if allowed == nil { allowed = element["allowed_cpuset"].flatMap { CPUSet(mask: $0) } }
    case "Package", "Socket": packages.append(element)
    case "Core": if let set = element["cpuset"].flatMap({ CPUSet(mask: $0) }) { cores.append(set) }
    case "PU": if let number = element["os_index"].flatMap({ Int($0) }) { units.append(number) }
    case "NUMANode": nodes.append(element)
    case "PCIDev": gpu = visitPCI(element, own)
    case "OSDev": visitOSDevice(element, gpu)
    case "Misc": visitModule(element)
    default: break
    }
    for child in element.children where child.name == "object" { visit(child, nodeset: own, gpu: gpu) }
  }

  /// Returns the place of the device in the list, for its OS devices.
  private mutating func visitPCI(_ element: XMLElement, _ nodeset: CPUSet?) -> Int? {
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
    var found = GPU(
      device: PCIDevice(
        address: address, classCode: code, vendor: vendor, device: device, name: infos["PCIDevice"], numaNode: node))
    found.linkSpeed = element["pci_link_speed"].flatMap { Double($0) }
    if let number = element["gp_index"] { found.numbers.insert("PCIDev:\(number)") }
    gpus.append(found)
    return gpus.count - 1
  }

  private mutating func visitOSDevice(_ element: XMLElement, _ gpu: Int?) {
    let infos = Self.infos(element)
    let kind = element["subtype"] ?? infos["CoProcType"] ?? infos["Backend"] ?? ""
    guard let gpu else { return }
    if let number = element["gp_index"] { gpus[gpu].numbers.formUnion(["OSDev:\(number)", number]) }
    guard element["osdev_type"] == "1" || element["osdev_type"] == "5" else { return }
    if kind == "OpenCL", infos["OpenCLDeviceType"] == "CPU" { return }
    if !kind.isEmpty { gpus[gpu].backends.insert(kind) }
    gpus[gpu].infos.merge(infos) { first, _ in first }
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
    let used = usableGPUs()
    findings.listsDevices = !gpus.isEmpty
    findings.machine.accelerators = used.map(accelerator)
    findings.machine.links = HwlocDistances.links(root, gpus: used.map(\.numbers), switches: switches, source: source)
    if !modules.isEmpty { findings.modules = MemoryModules(modules: modules, source: source) }
    return findings
  }

  private func describeProcessor(_ machineInfos: [String: String], _ root: XMLElement, in findings: inout Findings) {
    let usable = units.filter { allowed?.contains($0) ?? true }
    let usableSet = CPUSet(usable)
    func isUsable(_ set: CPUSet?) -> Bool { set.map { !$0.intersection(usableSet).isEmpty } ?? false }
    var cpu = Processor()
    let packageCount = packages.filter { isUsable($0["cpuset"].flatMap { CPUSet(mask: $0) }) }.count
    if packageCount > 0 { cpu.packages = Figure(packageCount, source) }
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
    let distances = HwlocDistances.latencies(root, machine)
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
  private func usableGPUs() -> [GPU] {
    let compute: Set = ["CUDA", "NVML", "RSMI", "LevelZero", "VectorEngine", "VE"]
    return gpus.filter { gpu in
      !gpu.backends.isDisjoint(with: compute) || gpu.device.accelerator(source) != nil
        || (gpu.backends.contains("OpenCL")
          && ![nil, .intel].contains(MakerCatalogue.current.maker(pciVendor: gpu.device.vendor)))
    }
  }

  private func accelerator(_ gpu: GPU) -> Accelerator {
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
      "OpenCLGlobalMemorySize",
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
