import Platform
import Units

/// Accelerators among the PCI devices, and NVIDIA's own files beside them.
struct PCIProbe {
  let tree: any FileTree
  private let folder = "/sys/bus/pci/devices"

  init(tree: any FileTree) { self.tree = tree }

  /// Returns the accelerators in the order of their addresses.
  func findings() -> Findings {
    var findings = Findings(.list)
    let devices = devices()
    findings.listsDevices = !devices.isEmpty
    findings.machine.accelerators = devices.compactMap { device in
      device.accelerator(Source(.probed, "\(folder)/\(device.address)")).map { describe($0, device) }
    }
    return findings
  }

  private func devices() -> [PCIDevice] {
    tree.list(folder).prefix(16384).compactMap { name in
      guard let address = MachineText.pciAddress(name), let code = number(name, "class") else { return nil }
      guard let vendor = number(name, "vendor"), let device = number(name, "device") else {
        return fromUevent(name, address, code)
      }
      let node = tree.text("\(folder)/\(name)/numa_node", limit: 32).flatMap { Int($0) }
      // A virtual function is a share of its card, which is in the list itself.
      if tree.link("\(folder)/\(name)/physfn") != nil { return nil }
      return PCIDevice(
        address: address, classCode: code >> 8, vendor: vendor, device: device, numaNode: node,
        pciSwitch: nearestSwitch(name))
    }
  }

  /// The link leads through the bridges: `../../../devices/pci0000:00/0000:00:01.1/0000:01:00.0/...`.
  private func nearestSwitch(_ name: String) -> String? {
    let path = tree.link("\(folder)/\(name)")?.split(separator: "/") ?? []
    return PCIDevice.nearestSwitch(path.dropLast().compactMap { MachineText.pciAddress($0) })
  }

  private func fromUevent(_ name: String, _ address: String, _ code: Int) -> PCIDevice? {
    let lines = (tree.text("\(folder)/\(name)/uevent") ?? "").split(separator: "\n")
    let pair = lines.first { $0.hasPrefix("PCI_ID=") }?.dropFirst(7).split(separator: ":")
    if let pair, pair.count == 2, let vendor = Int(pair[0], radix: 16), let device = Int(pair[1], radix: 16) {
      return PCIDevice(address: address, classCode: code >> 8, vendor: vendor, device: device)
    }
    guard !tree.list("/proc/driver/nvidia/gpus/\(name)").isEmpty else { return nil }
    return PCIDevice(address: address, classCode: code >> 8, vendor: 0x10de, device: 0)
  }

  private func number(_ name: String, _ file: String) -> Int? {
    tree.text("\(folder)/\(name)/\(file)", limit: 32).flatMap { MachineText.count($0) }
  }

  /// Adds what the drivers keep beside the device: memory, name.
  private func describe(_ accelerator: Accelerator, _ device: PCIDevice) -> Accelerator {
    var accelerator = accelerator
    let place = "\(folder)/\(device.address)"
    if device.vendor == 0x10de {
      let driver = "/proc/driver/nvidia/gpus/\(device.address)"
      let fields = (tree.text("\(driver)/information") ?? "").split(separator: "\n").compactMap { MachineText.pair($0) }
      if let model = fields.first(where: { $0.key == "Model" })?.value {
        accelerator.model = Figure(model, .probed, "\(driver)/information")
      }
      let status = (tree.text("\(driver)/numa_status") ?? "").split(separator: "\n").compactMap { MachineText.pair($0) }
      if let size = status.first(where: { $0.key == "Size" }).flatMap({ Int($0.value, radix: 16) }), size > 0 {
        accelerator.memoryBytes = Figure(ByteCount(size), .probed, "\(driver)/numa_status")
      }
    }
    if device.vendor == 0x1002, let total = tree.integer("\(place)/mem_info_vram_total"), total > 0 {
      accelerator.memoryBytes = Figure(ByteCount(total), .probed, "\(place)/mem_info_vram_total")
      if let used = tree.integer("\(place)/mem_info_vram_used") {
        accelerator.freeBytes = Figure(ByteCount(total - used), .probed, "\(place)/mem_info_vram_used")
      }
    }
    if device.vendor == 0x1002, accelerator.sharesMemory == true, let gtt = tree.integer("\(place)/mem_info_gtt_total"),
      gtt > 0
    {
      // An APU's GPU has what the BIOS carved out and, through the translation table, a part of the rest.
      let carved = accelerator.memoryBytes?.value ?? .zero
      let detail = "\(place)/mem_info_vram_total and mem_info_gtt_total"
      accelerator.carvedBytes = accelerator.memoryBytes
      accelerator.memoryBytes = Figure(carved + ByteCount(gtt), .probed, detail)
      accelerator.usableBytes = accelerator.memoryBytes
      let used = (tree.integer("\(place)/mem_info_vram_used"), tree.integer("\(place)/mem_info_gtt_used"))
      if let vram = used.0, let table = used.1, vram <= carved.bytes, table <= gtt {
        // The table's unused part can be had only where the machine has that much available.
        let available = tree.text("/proc/meminfo").map { MemoryInfo($0) }?["MemAvailable"]?.bytes ?? .max
        let free = ByteCount(carved.bytes - vram + min(gtt - table, available))
        accelerator.freeBytes = Figure(free, .probed, "\(detail), less what is used or not available")
      }
    }
    if device.vendor == 0x8086, let total = intelMemory(place) { accelerator.memoryBytes = total }
    return accelerator
  }

  /// The xe driver has a size for each tile, i915 one for the card.
  private func intelMemory(_ place: String) -> Figure<ByteCount>? {
    let tiles = (0..<8).compactMap { tree.integer("\(place)/tile\($0)/physical_vram_size_bytes") }.filter { $0 > 0 }
    if !tiles.isEmpty {
      return Figure(ByteCount(tiles.reduce(0, +)), .probed, "\(place)/tile*/physical_vram_size_bytes")
    }
    for card in tree.list("\(place)/drm").prefix(16) {
      let file = "\(place)/drm/\(card)/lmem_total_bytes"
      if let total = tree.integer(file), total > 0 { return Figure(ByteCount(total), .probed, file) }
    }
    return nil
  }
}
