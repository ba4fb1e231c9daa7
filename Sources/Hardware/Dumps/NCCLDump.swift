import Units

/// The topology file of NCCL and RCCL (`NCCL_TOPO_FILE`, `NCCL_TOPO_DUMP_FILE`).
enum NCCLDump: DumpReader {
  static let kind = "NCCL topology XML"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let root = dump.xml, root.name == "system", root.children.contains(where: { $0.name == "cpu" }) else {
      return nil
    }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    var walk = Walk(source: source)
    for cpu in root.children where cpu.name == "cpu" {
      describe(cpu, source, in: &findings.machine)
      let node = cpu["numaid"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
      for element in cpu.children { walk.visit(element, node: node, depth: 0) }
    }
    findings.machine.numaNodes.sort { $0.id < $1.id }
    findings.machine.accelerators = walk.devices
    findings.machine.links = walk.links()
    return findings
  }

  private static func describe(_ cpu: XMLElement, _ source: Source, in machine: inout Machine) {
    if let id = cpu["numaid"].flatMap({ Int($0) }), id >= 0, !machine.numaNodes.contains(where: { $0.id == id }) {
      var node = NUMANode(id: id)
      node.cpus = cpu["affinity"].flatMap { CPUSet(mask: $0) }.map { Figure($0.list, source) }
      machine.numaNodes.append(node)
    }
    machine.cpu.vendor.fill(MachineText.known(cpu["vendor"]).map { Figure($0, source) })
    machine.cpu.architecture.fill(MachineText.known(cpu["arch"]).map { Figure($0, source) })
  }

  /// Collects the GPUs of the PCI tree.
  private struct Walk {
    let source: Source
    var devices: [Accelerator] = []
    private var ends: [(device: Int, kind: LinkKind, target: String, count: Int)] = []

    init(source: Source) { self.source = source }

    mutating func visit(_ element: XMLElement, node: Int?, depth: Int) {
      guard element.name == "pci", devices.count < 4096 else { return }
      let gpu = element.child("gpu")
      let code = element["class"].flatMap { MachineText.count($0) }.map { $0 >> 8 }
      let isGPU = gpu != nil || [0x0300, 0x0302, 0x0380, 0x1200].contains(code ?? 0)
      if isGPU, let address = element["busid"].flatMap({ MachineText.pciAddress($0) }) {
        add(element, gpu, address: address, code: code, node: node)
      }
      for child in element.children { visit(child, node: node, depth: depth + 1) }
    }

    private mutating func add(_ element: XMLElement, _ gpu: XMLElement?, address: String, code: Int?, node: Int?) {
      let vendor = element["vendor"].flatMap { MachineText.count($0) }
      let isAMD = gpu?["gcn"] != nil || vendor == 0x1002
      var device = Accelerator(vendor: Figure(.nvidia, .assumed, "NCCL is NVIDIA's, and the file names no vendor"))
      if let maker = vendor.flatMap({ MakerCatalogue.current.maker(pciVendor: $0) }) {
        device.vendor = Figure(maker, source)
      }
      if isAMD { device.vendor = Figure(.amd, source) }
      if gpu?["sm"] != nil, !isAMD { device.vendor = Figure(.nvidia, source) }
      if let vendor, let code, let number = element["device"].flatMap({ MachineText.count($0) }) {
        device.model =
          PCIDevice(address: address, classCode: code, vendor: vendor, device: number).accelerator(source)?.model
      }
      device.address = Figure(address, source)
      device.numaNode = node.map { Figure($0, source) }
      if let gcn = MachineText.known(gpu?["gcn"]) {
        // Old versions print the stepping in decimal: 910 is gfx90a.
        device.architecture = Figure(gcn.hasPrefix("gfx") ? gcn : gcn == "910" ? "gfx90a" : "gfx\(gcn)", source)
      } else if let sm = gpu?["sm"].flatMap({ Int($0) }), sm >= 10 {
        device.architecture = Figure("\(sm / 10).\(sm % 10)", source)
      }
      if let speed = element["link_speed"].flatMap({ MachineText.number($0)?.value }),
        let width = element["link_width"].flatMap({ Int($0) }), speed > 0, width > 0
      {
        // 8 GT/s and up code 128 bits in 130.
        let code = speed >= 8 ? 128.0 / 130 : 0.8
        device.hostGigabytesPerSecond = Figure(
          speed * Double(width) / 8 * code, .computed, "\(Int(speed)) GT/s x\(width)")
      }
      devices.append(device)
      for link in gpu?.children ?? [] {
        guard let kind = LinkKind(rawValue: link.name), kind.isScaleUp else { continue }
        let isSwitch = link["tclass"].map { $0.hasPrefix("0x0680") } ?? false
        ends.append(
          (
            devices.count - 1, isSwitch ? .nvswitch : kind, link["target"] ?? "",
            link["count"].flatMap { Int($0) } ?? 1
          ))
      }
    }

    /// Each pair once, though both ends list it.
    func links() -> [Link] {
      var seen = Set<String>()
      return ends.prefix(65536).compactMap { end in
        let target = MachineText.pciAddress(end.target)
        let to = devices.firstIndex { $0.address?.value == target }
        guard end.kind == .nvswitch || to != nil, to != end.device else { return nil }
        let names = ["gpu\(end.device)", to.map { "gpu\($0)" } ?? "nvswitch"]
        guard seen.insert((names.sorted() + [end.kind.rawValue]).joined(separator: " ")).inserted else { return nil }
        return Link(kind: end.kind, a: names[0], b: names[1])
      }
    }
  }
}
