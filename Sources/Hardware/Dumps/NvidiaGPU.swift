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
      let memory = memory(instance, source)
      slice.memoryBytes = memory
      slice.usableBytes = memory
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

  /// What an instance has; where only its profile is told, the least that drivers make of such a name: `1g.18gb` has 16 GiB.
  private func memory(_ instance: Instance, _ source: Source) -> Figure<ByteCount>? {
    guard instance.total == .zero else { return Figure(instance.total, source) }
    let amount = instance.profile?.split(separator: ".").last.flatMap { Int($0.prefix { $0.isNumber }) }
    return amount.flatMap { gigabytes in
      guard (1...1024).contains(gigabytes), let profile = instance.profile else { return nil }
      return Figure(
        ByteCount.gibibytes(gigabytes).scaled(by: 0.88), .assumed, "the least memory of a MIG profile \(profile)")
    }
  }

  /// MIG cuts the memory into eight slices and the processors into seven, and both into four of cards with fewer engines.
  /// A profile such as `3g.40gb` names its compute slices; without it the fewest that come with that much memory are assumed.
  private func partition(_ instance: Instance) -> Partition? {
    let all = hasFourSlices ? 4 : 7
    let named = instance.profile.flatMap { profile -> Int? in
      let first = profile.split(separator: " ").last.map { $0.prefix { $0 != "." } } ?? ""
      // No card has more slices, whatever a text says.
      return first.hasSuffix("g") ? Int(first.dropLast()).flatMap { (1...all).contains($0) ? $0 : nil } : nil
    }
    let eighths: Double
    if let total, total > .zero, instance.total > .zero {
      eighths = min(8, max(1, (8 * Double(instance.total.bytes) / Double(total.bytes)).rounded()))
    } else if let named {
      eighths = hasFourSlices ? Double(2 * named) : [1: 1, 2: 2, 3: 4, 4: 4, 7: 8][named] ?? Double(named)
    } else {
      return nil
    }
    let fewest =
      hasFourSlices ? Int(eighths / 2) : [1: 1, 2: 1, 4: 3, 8: 7][Int(eighths)] ?? max(1, Int(eighths) - 1)
    let slices = min(all, max(1, named ?? instance.slices ?? fewest))
    return Partition(
      memoryShare: min(1, eighths / 8), computeShare: Double(slices) / Double(all),
      cardBytes: total.flatMap { $0 > .zero ? $0 : nil })
  }

  /// The A30 and the RTX PRO of Blackwell are cut into quarters.
  private var hasFourSlices: Bool {
    let words = (name ?? "").split(separator: " ")
    return words.contains("A30") || (name ?? "").contains("RTX PRO")
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
