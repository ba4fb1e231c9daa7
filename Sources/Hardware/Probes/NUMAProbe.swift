import Platform
import Units

/// Memory nodes, from `/sys/devices/system/node`.
struct NUMAProbe {
  let tree: any FileTree
  private let folder = "/sys/devices/system/node"

  init(tree: any FileTree) { self.tree = tree }

  /// Returns the nodes in order of their number; empty where the kernel shows none.
  func nodes() -> [NUMANode] {
    let numbers = tree.list(folder).compactMap { $0.hasPrefix("node") ? Int($0.dropFirst(4)) : nil }
    let online = tree.text("\(folder)/online").flatMap { CPUSet(list: $0) }
    let present = numbers.filter { $0 >= 0 && $0 < CPUSet.limit && (online?.contains($0) ?? true) }
    let sorted = present.sorted().prefix(4096)
    let gpuNodes = gpuMemoryNodes()
    let withCPUs = tree.text("\(folder)/has_cpu").flatMap { CPUSet(list: $0) }
    return sorted.map { number in
      var node = NUMANode(id: number)
      let place = "\(folder)/node\(number)"
      let source = Source(.probed, place)
      let total = tree.text("\(place)/meminfo").map { MemoryInfo($0) }?["MemTotal"]
      node.memoryBytes = total.map { Figure($0, source) }
      node.cpus = cpus(place).map { Figure($0.list, source) }
      if node.cpus?.value.isEmpty == false, withCPUs.map({ !$0.isEmpty && !$0.contains(number) }) ?? false {
        node.cpus = Figure("", .probed, "\(folder)/has_cpu")
      }
      node.distances = distances(place).map { Figure($0, source) }
      node.bandwidth = declaredBandwidth(place)
      node.kind = kind(number, node, gpuNodes: gpuNodes)
      return node
    }
  }

  private func cpus(_ place: String) -> CPUSet? {
    if let list = tree.text("\(place)/cpulist") { return CPUSet(list: list) }
    if let mask = tree.text("\(place)/cpumap") { return CPUSet(mask: mask) }
    let links = tree.list(place).compactMap { $0.hasPrefix("cpu") ? Int($0.dropFirst(3)) : nil }
    return links.isEmpty ? nil : CPUSet(links)
  }

  private func distances(_ place: String) -> [Int]? {
    tree.text("\(place)/distance").map { $0.split(whereSeparator: \.isWhitespace).compactMap { Int($0) } }
  }

  /// The firmware's own figure (HMAT), in MB/s.
  private func declaredBandwidth(_ place: String) -> Figure<Double>? {
    let file = "\(place)/access0/initiators/read_bandwidth"
    guard let rate = tree.integer(file), rate > 0 else { return nil }
    return Figure(Double(rate) * 1e6, .probed, "\(file) (HMAT)")
  }

  /// NVIDIA's driver tells which nodes are a GPU's own memory.
  private func gpuMemoryNodes() -> Set<Int> {
    let folder = "/proc/driver/nvidia/gpus"
    return Set(
      tree.list(folder).prefix(256).compactMap { gpu -> Int? in
        guard let text = tree.text("\(folder)/\(gpu)/numa_status") else { return nil }
        let fields = text.split(separator: "\n").compactMap { MachineText.pair($0) }
        return fields.first { $0.key == "Node" }.flatMap { Int($0.value) }
      })
  }

  /// What the memory of a node is made of.
  private func kind(_ number: Int, _ node: NUMANode, gpuNodes: Set<Int>) -> Figure<String> {
    if gpuNodes.contains(number) { return Figure("gpu", .probed, "/proc/driver/nvidia/gpus/*/numa_status") }
    let memoryOnly = node.cpus?.value.isEmpty ?? false
    if let dax = daxKind(number) { return dax }
    guard memoryOnly else { return Figure("dram", .probed, "a node with CPUs") }
    // A node of POWER9 or Grace without CPUs and far from all CPU nodes is a GPU's; 250 and up on POWER9.
    if number >= 240, tree.text("/proc/cpuinfo")?.contains("POWER9") ?? false {
      return Figure("gpu", .probed, "a node of POWER9 above 240 without CPUs")
    }
    return Figure("unknown", .probed, "a node with memory only")
  }

  /// Memory that the kernel brought up from a DAX device: persistent memory, or CXL.
  private func daxKind(_ number: Int) -> Figure<String>? {
    let folder = "/sys/bus/dax/devices"
    for device in tree.list(folder).prefix(256) {
      guard tree.integer("\(folder)/\(device)/target_node") == number else { continue }
      let driver = tree.link("\(folder)/\(device)/driver")?.split(separator: "/").last.map { String($0) }
      guard driver == "kmem" || driver == nil else { continue }
      let place = tree.link("\(folder)/\(device)") ?? ""
      let isCXL = place.contains("cxl")
      // hmem devices are plain memory that firmware set apart ("specific purpose"): HBM, or CXL set up by the BIOS.
      if place.contains("hmem") { return nil }
      return Figure(isCXL ? "cxl" : "pmem", .probed, "\(folder)/\(device)")
    }
    return nil
  }
}
