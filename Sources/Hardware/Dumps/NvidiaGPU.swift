import Units

/// What `nvidia-smi` tells of one card, in whatever form it was printed.
struct NvidiaGPU {
  /// One GPU instance of a card in MIG mode.
  struct Instance {
    var number: String
    var profile: String?
    var total: ByteCount
    var free: ByteCount?
    /// Compute slices of seven, where the tool tells them.
    var slices: Int?
  }

  var name: String?
  var address: String?
  var total: ByteCount?
  var reserved: ByteCount?
  var free: ByteCount?
  var isMIG: Bool?
  var instances: [Instance] = []
  var capability: String?
  var watts: Double?
  var numaNode: Int?
  var pcieGeneration: Int?
  var pcieWidth: Int?
  var memoryMegahertz: Double?
  var busWidthBits: Int?
  var isCoherent = false
  /// Bandwidth of NVLinks, one direction, all together.
  var nvlinkGigabytesPerSecond: Double?
  var driver: String?

  /// Returns the devices that programs can use: the card, or each of its MIG instances.
  func accelerators(_ source: Source) -> [Accelerator] {
    var card = Accelerator(vendor: Figure(.nvidia, source), model: name.map { Figure($0, source) })
    card.address = address.map { Figure($0, source) }
    card.memoryBytes = total.map { Figure($0, source) }
    if let total { card.usableBytes = Figure(reserved.map { total - $0 } ?? total, source) }
    card.freeBytes = free.map { Figure($0, source) }
    card.migEnabled = isMIG.map { Figure($0, source) }
    card.architecture = capability.map { Figure($0, source) }
    card.numaNode = numaNode.map { Figure($0, source) }
    card.watts = watts.map { Figure($0, source) }
    card.driver = driver.map { Figure($0, source) }
    card.hostGigabytesPerSecond = hostRate(source)
    card.interconnectGigabytesPerSecond = nvlinkGigabytesPerSecond.map { Figure($0, source) }
    if let width = busWidthBits, let clock = memoryMegahertz, width > 0, clock > 0, !sharesMemory {
      // Two transfers a clock; the driver gives GDDR6X and GDDR7 a clock for which that holds.
      card.bandwidth = Figure(2 * clock * 1e6 * Double(width) / 8, .computed, "2 x \(Int(clock)) MHz x \(width) bits")
    }
    if sharesMemory { card.sharesMemory = true }
    guard isMIG == true, !instances.isEmpty else { return [card] }
    return instances.map { instance in
      var slice = card
      let title = [name, "MIG", instance.profile].compactMap { $0 }.joined(separator: " ")
      slice.model = Figure(title, source)
      slice.memoryBytes = Figure(instance.total, source)
      slice.usableBytes = Figure(instance.total, source)
      slice.freeBytes = instance.free.map { Figure($0, source) }
      slice.watts = nil
      slice.interconnectGigabytesPerSecond = nil
      slice.partition = partition(instance)
      if let whole = card.bandwidth, let share = slice.partition?.memoryShare {
        slice.bandwidth = Figure(
          whole.value * share, .computed, "\(whole.source.detail), \(Int(share * 8)) of 8 slices of the memory")
      }
      return slice
    }
  }

  /// MIG cuts the memory into eight slices and the processors into seven. A profile such as `3g.40gb` names its compute
  /// slices; without it the fewest that come with that much memory are assumed.
  private func partition(_ instance: Instance) -> Partition? {
    guard let total, total > .zero else { return nil }
    let eighths = min(8, max(1, (8 * Double(instance.total.bytes) / Double(total.bytes)).rounded()))
    let named = instance.profile.flatMap { profile -> Int? in
      let first = profile.split(separator: " ").last.map { $0.prefix { $0 != "." } } ?? ""
      return first.hasSuffix("g") ? Int(first.dropLast()) : nil
    }
    let fewest = [1: 1, 2: 1, 4: 3, 8: 7][Int(eighths)] ?? max(1, Int(eighths) - 1)
    let slices = min(7, max(1, named ?? instance.slices ?? fewest))
    return Partition(memoryShare: eighths / 8, computeShare: Double(slices) / 7)
  }

  /// Parts whose GPU has no memory of its own answer every question on it with "not available".
  private var sharesMemory: Bool {
    let name = name ?? ""
    return ["GB10", "(nvgpu)", "Orin", "Thor", "Xavier", "Tegra"].contains { name.contains($0) }
  }

  /// Payload of the link in one direction: transfers by generation, less the line code.
  private func hostRate(_ source: Source) -> Figure<Double>? {
    let lane = [1: 0.25, 2: 0.5, 3: 0.985, 4: 1.969, 5: 3.938, 6: 7.563]
    guard let generation = pcieGeneration, let width = pcieWidth, width > 0, let rate = lane[generation], !sharesMemory
    else { return nil }
    return Figure(rate * Double(width), .computed, "PCIe \(generation) x\(width) in \(source.detail)")
  }

  /// Reads amounts such as `81559 MiB`; nil for `N/A`.
  static func bytes(_ text: String?) -> ByteCount? {
    guard let text, let (value, unit) = MachineText.number(text), value >= 0, value < 1e12 else { return nil }
    switch unit.lowercased() {
    case "mib", "mb", "": return .mebibytes(Int(value))
    case "gib", "gb": return ByteCount.gibibytes(1).scaled(by: value)
    case "kib", "kb": return .kibibytes(Int(value))
    default: return nil
    }
  }
}
