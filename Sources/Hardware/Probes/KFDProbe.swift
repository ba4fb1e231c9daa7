import Platform
import Units

/// AMD GPUs from the kernel's compute driver: `/sys/class/kfd/kfd/topology/nodes`.
///
/// A partition (CPX) is a node, and so a device, of its own. A node with CPU cores and compute units is an APU.
struct KFDProbe {
  let tree: any FileTree
  /// The folder that holds `nodes`.
  let folder: String

  init(tree: any FileTree, folder: String = "/sys/class/kfd/kfd/topology") {
    self.tree = tree
    self.folder = folder
  }

  private struct Node {
    var number: Int
    var properties: [String: Int]

    var isGPU: Bool { (properties["simd_count"] ?? 0) > 0 }
  }

  func findings() -> Findings {
    var findings = Findings(.vendorTool)
    let nodes = tree.list("\(folder)/nodes").compactMap { Int($0) }.sorted().prefix(8192).compactMap(node)
    let gpus = nodes.filter(\.isGPU)
    findings.machine.accelerators = gpus.map(accelerator)
    sharePartitions(gpus, in: &findings.machine.accelerators)
    var places: [Int: String] = [:]
    for (index, gpu) in gpus.enumerated() { places[gpu.number] = "gpu\(index)" }
    let cpus = nodes.filter { !$0.isGPU && ($0.properties["cpu_cores_count"] ?? 0) > 0 }
    for (index, cpu) in cpus.enumerated() { places[cpu.number] = "numa\(index)" }
    findings.machine.links = links(gpus, places)
    return findings
  }

  private func node(_ number: Int) -> Node? {
    guard let text = tree.text("\(folder)/nodes/\(number)/properties") else { return nil }
    return Node(number: number, properties: Self.properties(text))
  }

  private static func properties(_ text: String) -> [String: Int] {
    var properties: [String: Int] = [:]
    for line in text.split(separator: "\n").prefix(512) {
      let words = line.split(separator: " ")
      if words.count == 2, let value = Int(words[1]) { properties[String(words[0])] = value }
    }
    return properties
  }

  private func accelerator(_ node: Node) -> Accelerator {
    let place = "\(folder)/nodes/\(node.number)"
    let source = Source(.probed, "\(place)/properties")
    var device = Accelerator(vendor: Figure(.amd, source))
    if let location = node.properties["location_id"], location > 0 {
      let address = MachineText.pciAddress(
        domain: node.properties["domain"] ?? 0, bus: location >> 8 & 0xff, device: location >> 3 & 0x1f,
        function: location & 7)
      device.address = Figure(address, source)
    }
    device.architecture = Self.architecture(node.properties["gfx_target_version"] ?? 0).map { Figure($0, source) }
    if let number = node.properties["device_id"],
      let known = PCIDevice(address: "", classCode: 0x0380, vendor: 0x1002, device: number).accelerator(source)
    {
      device.model = known.model
      device.sharesMemory = known.sharesMemory
    }
    if (node.properties["cpu_cores_count"] ?? 0) > 0 { device.sharesMemory = true }
    let banks = tree.list("\(place)/mem_banks").prefix(64).compactMap { bank in
      tree.text("\(place)/mem_banks/\(bank)/properties").map(Self.properties)
    }
    let size = banks.compactMap { $0["size_in_bytes"] }.reduce(0) { $0 &+ $1 }
    let local = node.properties["local_mem_size"] ?? 0
    if size > 0 || local > 0 {
      device.memoryBytes = Figure(ByteCount(max(size, local)), .probed, "\(place)/mem_banks")
    }
    if let bank = banks.first, let width = bank["width"], let clock = bank["mem_clk_max"], width > 0, clock > 0,
      let name = device.architecture?.value,
      let transfers = AMDArchitecture.transfersPerClock(name, busBits: width), device.sharesMemory != true
    {
      device.bandwidth = Figure(
        Double(width) / 8 * Double(clock) * transfers * 1e6, .computed,
        "\(width) bits x \(Int(transfers)) x \(clock) MHz from \(place)/mem_banks")
    }
    return device
  }

  /// Gives each partition of a card its share: the driver states the whole card's bus for all of them.
  private func sharePartitions(_ gpus: [Node], in devices: inout [Accelerator]) {
    let cards = Dictionary(grouping: gpus.indices) { index -> String in
      // Partitions are functions of one PCI device, or all have the card's own address.
      let location = gpus[index].properties["location_id"] ?? 0
      return location > 0 ? "\(gpus[index].properties["domain"] ?? 0) \(location >> 3)" : "node \(gpus[index].number)"
    }
    for members in cards.values where members.count > 1 {
      AMDPartitions.share(card: members, units: members.map { gpus[$0].properties["simd_count"] ?? 0 }, in: &devices)
    }
  }

  /// 90010 is gfx90a: major, minor and stepping are two decimal digits each, the stepping is printed in hexadecimal.
  static func architecture(_ version: Int) -> String? {
    guard version > 0 else { return nil }
    return "gfx\(version / 10000)\(String(version / 100 % 100, radix: 16))\(String(version % 100, radix: 16))"
  }

  private func links(_ gpus: [Node], _ places: [Int: String]) -> [Link] {
    var links: [Link] = []
    var seen = Set<String>()
    for gpu in gpus {
      for kind in ["io_links", "p2p_links"] {
        let place = "\(folder)/nodes/\(gpu.number)/\(kind)"
        for name in tree.list(place).prefix(1024) {
          guard links.count < 100_000, let text = tree.text("\(place)/\(name)/properties") else { continue }
          let properties = Self.properties(text)
          guard let link = link(properties, places, "\(place)/\(name)") else { continue }
          // A pair has an entry at both ends; a P2P link that an I/O link already is, is the same.
          let key = [link.a, link.b].sorted().joined(separator: " ")
          if seen.insert(key).inserted { links.append(link) }
        }
      }
    }
    return links
  }

  private func link(_ properties: [String: Int], _ places: [Int: String], _ place: String) -> Link? {
    guard let from = properties["node_from"].flatMap({ places[$0] }),
      let to = properties["node_to"].flatMap({ places[$0] }),
      from != to, let type = properties["type"], type == 2 || type == 11
    else { return nil }
    let rate = properties["max_bandwidth"].flatMap {
      $0 > 0 ? Figure(Double($0) / 1000, .probed, "\(place)/properties") : nil
    }
    return Link(kind: type == 11 ? .xgmi : .pcie, a: from, b: to, gigabytesPerSecond: rate)
  }
}
