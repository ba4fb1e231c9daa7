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

  /// The channel, by the names that boards give; nil where neither name tells.
  ///
  /// The package and the memory controller are part of the name, so that equal letters of two sockets differ.
  var channel: String? {
    let words = Self.words(bank + " " + locator)
    let package = Self.number(after: ["P", "CPU", "PROC", "SOCKET", "NODE"], words) ?? "0"
    let controller = Self.number(after: ["CONTROLLER", "MC"], words) ?? ""
    if let letter = Self.label(after: ["CHANNEL", "CHAN", "CH"], words) { return "\(package)/\(controller)/\(letter)" }
    if let letter = Self.slotLetter(words) { return "\(package)/\(controller)/\(letter)" }
    return nil
  }

  /// Splits at every change between letters, digits and anything else: `P0_Node0_Channel1_Dimm0`, `P1-DIMMA1`.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var last: Int?
    for character in text.uppercased() {
      let kind = character.isLetter ? 1 : character.isNumber ? 2 : 0
      if kind != 0 {
        if kind == last { words[words.count - 1].append(character) } else { words.append(String(character)) }
      }
      last = kind
    }
    return words
  }

  private static func number(after names: Set<String>, _ words: [String]) -> String? {
    for (index, word) in words.enumerated() where names.contains(word) && index + 1 < words.count {
      if Int(words[index + 1]) != nil { return words[index + 1] }
    }
    return nil
  }

  private static func label(after names: [String], _ words: [String]) -> String? {
    for (index, word) in words.enumerated() {
      for name in names {
        if word == name, index + 1 < words.count, words[index + 1].count <= 2 { return words[index + 1] }
        // `ChannelA` is one word of letters.
        if word.hasPrefix(name), word.count == name.count + 1 { return String(word.suffix(1)) }
      }
    }
    return nil
  }

  /// The letter in `DIMM_A1`, `DIMMA1`, `CPU1_A1` or plain `A1`.
  private static func slotLetter(_ words: [String]) -> String? {
    for (index, word) in words.enumerated().reversed() {
      if word.hasPrefix("DIMM"), word.count == 5 { return String(word.suffix(1)) }
      let following = index + 1 < words.count ? words[index + 1] : ""
      if word.count == 1, word != "P", ("A"..."P").contains(word), Int(following) != nil { return word }
    }
    return nil
  }
}

/// Sums of the memory modules.
struct MemoryModules {
  var modules: [MemoryModule]
  var source: Source
  /// Channels that the processors have by their documents, over all sockets; nil where the processor is not known.
  var channelsOfProcessor: Int?

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
    let named = present.compactMap(\.channel)
    let all = Set(slots.compactMap(\.channel))
    // Where names do not tell channels apart, one module is at most one channel.
    let isNamed = named.count == present.count
    var populated = isNamed ? Set(named).count : present.count
    if let limit = channelsOfProcessor { populated = min(populated, limit) }
    let how = isNamed ? "slot names" : "one channel a module"
    let origin = Source(source.kind, "\(source.detail), \(how)")
    if memory.channels == nil {
      let possible = channelsOfProcessor ?? (isNamed ? all.count : nil)
      memory.channels = MemoryChannels(
        populated: Figure(populated, origin), possible: possible.map { Figure(max($0, populated), origin) })
    }
    guard memory.bandwidth == nil, let speed = memory.speedMTs?.value, let bits = channelBits(present, isNamed) else {
      return
    }
    let total = Double(isNamed || channelsOfProcessor == nil ? bits : min(bits, 64 * populated))
    let detail = "\(populated) channels, \(Int(total)) bits x \(speed) MT/s"
    memory.bandwidth = Figure(total / 8 * Double(speed) * 1e6, Source(.computed, detail))
  }

  /// The data bits of all channels together; several modules on one channel share its width.
  private func channelBits(_ present: [MemoryModule], _ isNamed: Bool) -> Int? {
    let widths = Dictionary(grouping: present.indices) { isNamed ? present[$0].channel ?? "" : "\($0)" }
      .mapValues { $0.compactMap { present[$0].bits }.max() }
    guard widths.values.allSatisfy({ $0 != nil }) else { return nil }
    return widths.values.reduce(0) { $0 + ($1 ?? 0) }
  }

  private static func mostCommon(_ names: [String]) -> String? {
    Dictionary(grouping: names) { $0 }.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
  }
}
