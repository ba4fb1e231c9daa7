import Platform
import Units

/// The machine's memory as the kernel and firmware tell it.
struct MemoryProbe {
  let tree: any FileTree

  init(tree: any FileTree) { self.tree = tree }

  func memory(nodes: [NUMANode], limits: ContainerProbe.Limits) -> MachineMemory {
    var memory = MachineMemory()
    if let info = tree.text("/proc/meminfo").map({ MemoryInfo($0) }) {
      memory.totalBytes = info["MemTotal"].map { Figure($0, .probed, "/proc/meminfo MemTotal") }
      memory.availableBytes = info["MemAvailable"].map { Figure($0, .probed, "/proc/meminfo MemAvailable") }
    }
    if memory.totalBytes == nil { memory.totalBytes = totalOf(nodes) ?? hotplugBlocks() }
    memory.limitBytes = limits.memory
    memory.limitUsedBytes = limits.memoryUsed
    return memory
  }

  private func totalOf(_ nodes: [NUMANode]) -> Figure<ByteCount>? {
    let parts = nodes.compactMap(\.memoryBytes?.value)
    guard !parts.isEmpty, parts.contains(where: { $0.bytes > 0 }) else { return nil }
    return Figure(parts.reduce(.zero, +), .computed, "sum of /sys/devices/system/node/node*/meminfo")
  }

  /// The blocks that memory is plugged in; all of what is online.
  private func hotplugBlocks() -> Figure<ByteCount>? {
    let folder = "/sys/devices/system/memory"
    guard let size = tree.text("\(folder)/block_size_bytes", limit: 64).flatMap({ Int($0, radix: 16) }), size > 0
    else { return nil }
    let blocks = tree.list(folder).prefix(1 << 20).filter { name in
      guard name.hasPrefix("memory"), Int(name.dropFirst(6)) != nil else { return false }
      let state = tree.text("\(folder)/\(name)/state", limit: 32)
      return state == "online" || (state == nil && tree.text("\(folder)/\(name)/online", limit: 8) == "1")
    }
    return blocks.isEmpty ? nil : Figure(ByteCount(size) * blocks.count, .probed, "\(folder): online blocks")
  }

  /// Returns the modules that firmware lists, or that the error-correcting controllers do; nil where neither is readable.
  func modules() -> MemoryModules? {
    let tables = "/sys/firmware/dmi/tables/DMI"
    if let bytes = tree.read(tables, limit: 1 << 20) {
      let modules = SMBIOSTable(bytes).memoryModules
      if !modules.isEmpty { return MemoryModules(modules: modules, source: Source(.probed, tables)) }
    }
    let entries = "/sys/firmware/dmi/entries"
    let raw = tree.list(entries).filter { $0.hasPrefix("17-") }.prefix(1024).compactMap {
      tree.read("\(entries)/\($0)/raw", limit: 4096)
    }
    let modules = raw.flatMap { SMBIOSTable($0).memoryModules }
    if !modules.isEmpty { return MemoryModules(modules: modules, source: Source(.probed, "\(entries)/17-*")) }
    return edac()
  }

  private func edac() -> MemoryModules? {
    let folder = "/sys/devices/system/edac/mc"
    var modules: [MemoryModule] = []
    for controller in tree.list(folder).prefix(256) where Self.isNumbered(controller, "mc") {
      let place = "\(folder)/\(controller)"
      let names = tree.list(place).filter { Self.isNumbered($0, "dimm") || Self.isNumbered($0, "rank") }
      for name in names.prefix(256) {
        guard let mebibytes = tree.integer("\(place)/\(name)/size"), mebibytes > 0 else { continue }
        var module = MemoryModule(bytes: .mebibytes(mebibytes))
        let kind = tree.text("\(place)/\(name)/dimm_mem_type") ?? ""
        module.type = kind.split(separator: "-").map { String($0) }.first { $0.contains("DDR") || $0.contains("HBM") }
        module.isPersistent = kind.hasPrefix("Non-volatile")
        module.bank = "MC \(controller.dropFirst(2)) " + channelName(tree.text("\(place)/\(name)/dimm_location") ?? "")
        modules.append(module)
      }
    }
    return modules.isEmpty ? nil : MemoryModules(modules: modules, source: Source(.probed, folder))
  }

  /// `channel 1 slot 0` names its channel; `csrow 0 channel 1` too.
  private func channelName(_ location: String) -> String {
    let words = location.split(separator: " ")
    guard let place = words.firstIndex(of: "channel"), place + 1 < words.count else { return "" }
    return "Channel \(words[place + 1])"
  }

  private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
    name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
  }
}
