import Units

/// JSON of another detector: GPUStack's device list, its topology, and its record of a worker.
enum DetectorDump: DumpReader {
  static let kind = "detector JSON"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard let json = dump.json else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    if let status = json.member("status"), status.member("memory") != nil {
      describe(status, source, in: &findings.machine)
      return findings
    }
    guard let list = json.array, list.contains(where: { $0["manufacturer"] != nil }) else { return nil }
    for device in list.prefix(4096) {
      if let nodes = device["devices_numa_affinities"]?.array {
        findings.machine.accelerators += nodes.map { node in
          var device = Accelerator(vendor: Figure(device["manufacturer"]?.string.map { Maker($0) } ?? .unknown, source))
          device.numaNode = node.int.flatMap { $0 >= 0 ? Figure($0, source) : nil }
          return device
        }
      } else if device["name"] != nil {
        findings.machine.accelerators.append(accelerator(device, source))
      }
    }
    return findings
  }

  private static func accelerator(_ device: JSONValue, _ source: Source) -> Accelerator {
    let maker = device["manufacturer"]?.string ?? device["vendor"]?.string
    var found = Accelerator(vendor: Figure(maker.map { Maker($0) } ?? .unknown, source))
    found.model = device["name"]?.string.map { Figure($0, source) }
    found.architecture = device["compute_capability"]?.string.map { Figure($0, source) }
    let appendix = device["appendix"]
    found.address = appendix?["bdf"]?.string.flatMap { MachineText.pciAddress($0) }.map { Figure($0, source) }
    found.numaNode = appendix?["numa"]?.int.flatMap { $0 >= 0 ? Figure($0, source) : nil }
    // The list counts in MiB, the record of a worker in bytes.
    if let mebibytes = device["memory"]?.int, mebibytes > 0 {
      found.memoryBytes = Figure(.mebibytes(mebibytes), source)
    }
    if let memory = device["memory"], let total = memory["total"]?.int, total > 0 {
      let isShared = memory["is_unified_memory"]?.bool ?? false
      found.usableBytes = Figure(ByteCount(total), source)
      if isShared { found.sharesMemory = true } else { found.memoryBytes = Figure(ByteCount(total), source) }
    }
    found.watts = device["power"]?.double.flatMap { $0 > 0 ? Figure($0, source) : nil }
    return found
  }

  private static func describe(_ status: JSONValue, _ source: Source, in machine: inout Machine) {
    machine.cpu.threads = status["cpu"]?["total"]?.int.map { Figure($0, source) }
    let memory = status["memory"]
    machine.memory.totalBytes = memory?["total"]?.int.map { Figure(ByteCount($0), source) }
    if let total = memory?["total"]?.int, let used = memory?["used"]?.int {
      machine.memory.availableBytes = Figure(ByteCount(total - used), source)
    }
    if let isUnified = memory?["is_unified_memory"]?.bool { machine.unifiedMemory = Figure(isUnified, source) }
    let system = [status["os"]?["name"]?.string, status["os"]?["version"]?.string].compactMap { $0 }
    if !system.isEmpty { machine.os = Figure(system.joined(separator: " "), source) }
    machine.accelerators = (status["gpu_devices"]?.array ?? []).prefix(4096).map { accelerator($0, source) }
    if machine.unifiedMemory?.value == true {
      machine.memory.acceleratorBytes = machine.accelerators.first?.usableBytes
    }
    if let first = machine.accelerators.first, first.vendor.value == .apple, let model = first.model {
      machine.cpu.model = model
    }
  }
}
