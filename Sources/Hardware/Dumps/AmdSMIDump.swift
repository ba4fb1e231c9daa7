import Units

/// `amd-smi static` and `list`, as JSON or as indented text, and `amd-smi topology --json`.
enum AmdSMIDump: DumpReader {
  static let kind = "amd-smi"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let gpus = gpus(dump), !gpus.isEmpty else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.vendorTool)
    for (index, gpu) in gpus.prefix(4096).enumerated() {
      findings.machine.accelerators.append(accelerator(gpu, source))
      findings.machine.links += links(gpu, index, source)
    }
    AMDPartitions.share(&findings.machine.accelerators)
    if let driver = gpus.first?.member("driver")?.member("version", "driver_version")?.string {
      findings.machine.software.append(SoftwareVersion("amdgpu", Figure(driver, source)))
    }
    return findings
  }

  /// The list of GPUs, each an object with a number under `gpu` and something that only this tool prints.
  private static func gpus(_ dump: DumpText) -> [JSONValue]? {
    if let json = dump.json {
      let list = json.array ?? json.member("gpu_data", "gpus")?.array ?? []
      let own = list.filter { $0.member("gpu")?.int != nil }
      return own.contains { $0.member("asic", "bus", "bdf", "vram", "links") != nil } ? own : nil
    }
    guard dump.xml == nil else { return nil }
    if let rows = csv(dump.lines) { return rows }
    let starts = dump.lines.indices.filter { index in
      dump.lines[index].hasPrefix("GPU: ") && Int(dump.lines[index].dropFirst(5).filter { !$0.isWhitespace }) != nil
    }
    return starts.prefix(4096).map { start in
      let block = dump.lines[(start + 1)...].prefix { $0.first?.isWhitespace ?? true }.prefix(2000)
      return json(IndentedText.nodes(block))
    }
  }

  /// `static --csv`: one row for each GPU, its fields without the headings that they stand below in the other forms.
  private static func csv(_ lines: [Substring]) -> [JSONValue]? {
    func cells(_ line: Substring) -> [String] {
      line.split(separator: ",", omittingEmptySubsequences: false).map { MachineText.trimmed($0) }
    }
    guard
      let place = lines.firstIndex(where: { $0.hasPrefix("gpu,") && ($0.contains("market_name") || $0.contains("bdf")) }
      )
    else { return nil }
    let titles = cells(lines[place])
    return lines[(place + 1)...].prefix(4096).map(cells).prefix { $0.count == titles.count && Int($0[0]) != nil }.map {
      row in
      let known = zip(titles, row).filter { MachineText.known($0.1) != nil }
      let fields = JSONValue.object(Dictionary(known.map { ($0.0, JSONValue.text($0.1)) }) { first, _ in first })
      return .object(["asic": fields, "bus": fields, "vram": fields, "limit": fields, "driver": fields])
    }
  }

  private static func json(_ nodes: [IndentedText.Node]) -> JSONValue {
    var object: [String: JSONValue] = [:]
    for node in nodes {
      object[node.key.lowercased()] = node.children.isEmpty ? .text(node.value ?? "") : json(node.children)
    }
    return .object(object)
  }

  private static func accelerator(_ gpu: JSONValue, _ source: Source) -> Accelerator {
    var device = Accelerator(vendor: Figure(.amd, source))
    let asic = gpu.member("asic")
    device.model = (asic?.member("market_name")?.string ?? gpu.member("board")?.member("product_name")?.string).map {
      Figure($0, source)
    }
    device.architecture = asic?.member("target_graphics_version")?.string.map { Figure($0, source) }
    let address = gpu.member("bus")?.member("bdf")?.string ?? gpu.member("bdf")?.string
    device.address = address.flatMap { MachineText.pciAddress($0) }.map { Figure($0, source) }
    device.memoryBytes = amount(gpu.member("vram")?.member("size", "vram_size", "vram_size_mb")).map {
      Figure($0, source)
    }
    if let rate = gpu.member("vram")?.member("max_bandwidth", "vram_max_bandwidth")?.double, rate > 0 {
      device.bandwidth = Figure(rate * 1e9, source)
    }
    let node = gpu.member("numa")?.member("node", "affinity")?.int
    device.numaNode = node.flatMap { $0 >= 0 ? Figure($0, source) : nil }
    let limit = gpu.member("limit")
    device.watts = (limit?.member("max_power", "socket_power", "power_cap", "max_power_limit")?.double).flatMap {
      $0 > 0 ? Figure($0, source) : nil
    }
    if let number = asic?.member("device_id")?.string.flatMap({ MachineText.count($0) }) {
      device.sharesMemory =
        PCIDevice(address: "", classCode: 0x0380, vendor: 0x1002, device: number).accelerator(source)?.sharesMemory
    }
    return device
  }

  /// `{"value": 196592, "unit": "MB"}` or `"196592 MB"`; the tool's MB are 2^20.
  private static func amount(_ value: JSONValue?) -> ByteCount? {
    guard let value, let number = value.double, number > 0, number < 1e12 else { return nil }
    let unit = value["unit"]?.string ?? value.string.flatMap { MachineText.number($0)?.unit } ?? "MB"
    switch unit.uppercased() {
    case "B": return ByteCount(1).scaled(by: number)
    case "GB", "GIB": return ByteCount.gibibytes(1).scaled(by: number)
    default: return ByteCount.mebibytes(1).scaled(by: number)
    }
  }

  private static func links(_ gpu: JSONValue, _ index: Int, _ source: Source) -> [Link] {
    let list = gpu.member("links")?.array ?? gpu.member("link_metrics")?.member("links")?.array ?? []
    return list.prefix(1024).compactMap { link in
      guard let to = link.member("gpu")?.int, to > index, to < 4096,
        let kind = (link.member("link_type")?.string?.lowercased()).flatMap({ LinkKind(rawValue: $0) })
      else { return nil }
      // "50000-100000" is the least and the greatest rate in MB/s.
      let rate = link.member("bandwidth")?.string.flatMap { $0.split(separator: "-").last.flatMap { Double($0) } }
      let figure = rate.flatMap { $0 > 0 ? Figure($0 / 1000, source) : nil }
      return Link(kind: kind, a: "gpu\(index)", b: "gpu\(to)", gigabytesPerSecond: figure)
    }
  }
}
