import Units

/// Lists of devices by the programs that compute on them: ggml's list and log lines, and `vulkaninfo --summary`.
enum DeviceListDump: DumpReader {
  static let kind = "device list"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    let source = Source(.probed, kind)
    // Each form tells of all devices: the first that is there is the fullest.
    let lists = [listed(dump.lines, source), initialized(dump.lines, source), vulkan(dump.lines, source)]
    guard let devices = lists.first(where: { !$0.isEmpty }) else { return nil }
    var findings = Findings(.tool)
    findings.machine.accelerators = devices
    return findings
  }

  private static func device(_ name: String, _ source: Source) -> Accelerator? {
    // Vulkan's drivers add their own name: `AMD Radeon RX 7900 XTX (RADV NAVI31)`.
    let plain = MachineText.trimmed(name.firstRange(of: " (RADV").map { name[..<$0.lowerBound] } ?? name[...])
    let maker = Maker(plain)
    guard MakerCatalogue.current.all.contains(where: { $0.maker == maker }), plain.count < 80 else { return nil }
    var device = Accelerator(vendor: Figure(maker, source), model: Figure(plain, source))
    if maker == .apple { device.sharesMemory = true }
    return device
  }

  /// `  CUDA0: NVIDIA GeForce RTX 3090 (24124 MiB, 23800 MiB free)`.
  private static func listed(_ lines: [Substring], _ source: Source) -> [Accelerator] {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("Available devices:") }) else { return [] }
    let back = ["CUDA", "ROCm", "Vulkan", "SYCL", "Metal", "MTL", "MUSA", "CANN"]
    var devices: [(kind: Substring, device: Accelerator)] = []
    for line in lines[(start + 1)...].prefix(256) {
      guard let (key, value) = MachineText.pair(line), back.contains(where: { key.hasPrefix($0) }),
        let open = value.lastIndex(of: "("), var device = device(String(value[..<open]), source)
      else { continue }
      // `24124 MiB`, `23800 MiB free)`
      let amounts = value[value.index(after: open)...].split(separator: ",").map {
        NvidiaGPU.bytes($0.split(separator: " ").prefix(2).joined(separator: " "))
      }
      if let total = amounts.first ?? nil, total > .zero {
        if device.sharesMemory != true { device.memoryBytes = Figure(total, source) }
        device.usableBytes = Figure(total, source)
        if amounts.count > 1, let free = amounts[1], free <= total { device.freeBytes = Figure(free, source) }
      }
      devices.append((key.prefix { $0.isLetter }, device))
    }
    // One card may be listed by several backends.
    return devices.filter { $0.kind == devices[0].kind }.map(\.device)
  }

  /// `  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes` and `ggml_vulkan: 0 = NAME (DRIVER) | uma: 0`.
  private static func initialized(_ lines: [Substring], _ source: Source) -> [Accelerator] {
    // One card may be told by several backends: each has a list of its own, and the first that is there counts.
    var (devices, vulkan): ([Accelerator], [Accelerator]) = ([], [])
    for line in lines.prefix(200_000) where devices.count < 256 && vulkan.count < 256 {
      if let (key, value) = MachineText.pair(line), key == "Device \(devices.count)", value.contains(", VMM: "),
        let comma = value.firstIndex(of: ","), var device = device(String(value[..<comma]), source)
      {
        let rest = value[comma...]
        device.architecture = (after("compute capability ", rest) ?? word("gfx", rest)).map { Figure($0, source) }
        devices.append(device)
      } else if line.hasPrefix("ggml_vulkan: \(vulkan.count) = "), let bar = line.firstRange(of: " | uma: "),
        let equals = line.firstRange(of: " = ")
      {
        let name = line[equals.upperBound..<bar.lowerBound]
        guard var device = device(String(name.lastIndex(of: "(").map { name[..<$0] } ?? name), source) else { continue }
        if line[bar.upperBound...].hasPrefix("1") { device.sharesMemory = true }
        vulkan.append(device)
      }
    }
    return devices.isEmpty ? vulkan : devices
  }

  private static func after(_ title: String, _ text: Substring) -> String? {
    text.firstRange(of: title).map { String(text[$0.upperBound...].prefix { $0.isNumber || $0 == "." }) }
  }

  private static func word(_ prefix: String, _ text: Substring) -> String? {
    text.firstRange(of: prefix).map { String(text[$0.lowerBound...].prefix { $0.isLetter || $0.isNumber }) }
  }

  /// Blocks of `deviceName = ...`, `vendorID = 0x1002`, `deviceType = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU`.
  private static func vulkan(_ lines: [Substring], _ source: Source) -> [Accelerator] {
    var devices: [Accelerator] = []
    var block: [String: String] = [:]
    func end() {
      defer { block = [:] }
      guard let name = block["deviceName"], let type = block["deviceType"], !type.hasSuffix("_CPU"),
        var device = device(name, source), devices.count < 256
      else { return }
      if type.hasSuffix("INTEGRATED_GPU") { device.sharesMemory = true }
      if let vendor = block["vendorID"].flatMap({ MachineText.count($0) }),
        let number = block["deviceID"].flatMap({ MachineText.count($0) })
      {
        device.pciDevice = Figure("\(MachineText.hex(vendor, 4)):\(MachineText.hex(number, 4))", source)
      }
      devices.append(device)
    }
    for line in lines.prefix(20_000) {
      guard let (key, value) = MachineText.pair(line, separator: "="),
        ["apiVersion", "vendorID", "deviceID", "deviceType", "deviceName"].contains(key)
      else { continue }
      if key == "apiVersion" { end() }
      if block[key] == nil { block[key] = value }
    }
    end()
    return devices
  }
}
