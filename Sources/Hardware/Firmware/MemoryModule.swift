import Units

/// One memory module, or one empty slot, as firmware lists it.
struct MemoryModule: Hashable {
  /// Nil for an empty slot.
  var bytes: ByteCount?
  /// `DDR4`, `LPDDR5`...
  var type: String?
  /// Configured transfers, 10^6 a second.
  var speedMTs: Int?
  /// Width of its data path.
  var bits: Int?
  /// The slot's name on the board, and its bank's.
  var locator: String = ""
  var bank: String = ""

  /// True for what holds data without power, which is no working memory.
  var isPersistent = false
}

/// Sums of the memory modules.
struct MemoryModules {
  var modules: [MemoryModule]
  var source: Source
  /// Channels that the processors have by their documents, over all sockets; nil where the processor is not known.
  var channelsOfProcessor: Int?
  var packages: Int?

  /// Writes what the modules tell into the memory record; fields that have a value stay.
  func describe(in memory: inout MachineMemory) {
    let slots = modules.filter { !$0.isPersistent }
    let present = slots.filter { $0.bytes != nil }
    guard !present.isEmpty else { return }
    func fill<Value>(_ place: inout Figure<Value>?, _ value: Value?) {
      if place == nil { place = value.map { Figure($0, source) } }
    }
    fill(&memory.installedBytes, present.reduce(.zero) { $0 + ($1.bytes ?? .zero) })
    fill(&memory.modules, present.count)
    fill(&memory.slots, slots.count)
    fill(&memory.type, Self.mostCommon(present.compactMap(\.type)))
    // Unequal modules run at the slowest one's speed.
    fill(&memory.speedMTs, present.compactMap(\.speedMTs).min())
    describeChannels(present, slots, in: &memory)
  }

  private func describeChannels(_ present: [MemoryModule], _ slots: [MemoryModule], in memory: inout MachineMemory) {
    let known = max(1, packages ?? 1)
    let each = channelsOfProcessor.map { $0 / known }
    let most = Self.mostChannels(memory.type?.value)
    let sockets = max(known, MemorySlotNames.sockets(of: slots, packages: packages, channels: each, most: most) ?? 1)
    var channelsOfProcessor = each.map { $0 * sockets }
    let all = MemorySlotNames.channels(of: slots, packages: sockets, channels: each, most: most)
    if channelsOfProcessor == nil, all == nil { channelsOfProcessor = MemorySlotNames.room(in: slots, most: most) }
    // Where names do not tell channels apart, one module is at most one channel.
    let names = zip(all ?? slots.indices.map { "slot \($0)" }, slots).filter { $0.1.bytes != nil }.map(\.0)
    let limit = channelsOfProcessor ?? .max
    let populated = min(Set(names).count, limit)
    let how = all == nil ? "one channel a module" : "slot names"
    let origin = Source(source.kind, "\(source.detail), \(how)")
    if memory.channels == nil {
      let possible = channelsOfProcessor ?? all.map { Set($0).count }
      memory.channels = MemoryChannels(
        populated: Figure(populated, origin), possible: possible.map { Figure(max($0, populated), origin) })
    }
    guard memory.bandwidth == nil, let speed = memory.speedMTs?.value, let bits = channelBits(present, names) else {
      return
    }
    // The width of a channel is 64 bits; records of LPDDR are of its parts, which add up to no more.
    let total = min(bits, limit == .max ? bits : 64 * limit)
    let detail = "\(populated) channels, \(total) bits x \(speed) MT/s"
    memory.bandwidth = Figure(Double(total) / 8 * Double(speed) * 1e6, Source(.computed, detail))
  }

  /// The most channels that any processor has for a kind of memory.
  private static func mostChannels(_ type: String?) -> Int {
    switch type {
    case "DDR", "DDR2", "DDR3": 4
    case "DDR4": 8
    default: 12
    }
  }

  /// The data bits of all channels together; several modules on one channel share its width.
  private func channelBits(_ present: [MemoryModule], _ names: [String]) -> Int? {
    let widths = Dictionary(grouping: present.indices) { names[$0] }.mapValues {
      $0.compactMap { present[$0].bits }.max()
    }
    guard widths.values.allSatisfy({ $0 != nil }) else { return nil }
    return widths.values.reduce(0) { $0 + ($1 ?? 0) }
  }

  private static func mostCommon(_ names: [String]) -> String? {
    Dictionary(grouping: names) { $0 }.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
  }
}
