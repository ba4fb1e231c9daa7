/// Which memory channel a slot is on, by the names that boards give their slots.
///
/// There is no common way: a letter may be a channel or a socket, a number a channel or a place on one. Names are believed
/// only where the channels that they make could hold the modules that are there.
enum MemorySlotNames {
  /// A slot's name in pieces: words of letters and numbers, the bank's before the slot's own.
  private struct Slot {
    var bank: [String]
    var own: [String]
    var words: [String] { bank + own }
  }

  /// The most modules that boards put on one channel.
  private static let mostPerChannel = 3

  /// Sockets that the letters of Dell's slots name; nil where the letters name something else.
  ///
  /// A list of processors may be cut to its first.
  static func sockets(of modules: [MemoryModule], packages: Int?, channels: Int?, most: Int) -> Int? {
    let slots = modules.map { Slot(bank: words($0.bank), own: words($0.locator)) }
    return socketLetters(slots, packages, channels, most).map { names in
      Set(names.map { $0.prefix { $0 != "/" } }).count
    }
  }

  /// The most channels of a board whose names and processor do not tell them: a socket with more slots than any processor
  /// has channels holds several modules on each.
  static func room(in modules: [MemoryModule], most: Int) -> Int? {
    let sockets = Dictionary(grouping: modules) { package(words($0.bank) + words($0.locator)) }
    let room = sockets.values.map { slots in
      // Three on a channel were common with DDR3 only; more slots than two on each are those of several sockets.
      let each = slots.count <= most ? 1 : most > 4 ? 2 : perChannel(slots.count, most)
      return (slots.count + each - 1) / each
    }
    return room.reduce(0, +)
  }

  /// How many slots each channel has, as few as possible.
  private static func perChannel(_ slots: Int, _ most: Int) -> Int {
    (1...mostPerChannel).first { slots <= $0 * most } ?? mostPerChannel
  }

  /// Returns the channel of each slot by a name of its own for each; nil where the names do not tell.
  ///
  /// - Parameters:
  ///   - packages: sockets, where that is known.
  ///   - channels: channels of one socket by the processor's documents, where it is known.
  ///   - most: the most channels that any processor has for memory of this kind.
  static func channels(of modules: [MemoryModule], packages: Int?, channels: Int?, most: Int) -> [String]? {
    let slots = modules.map { Slot(bank: words($0.bank), own: words($0.locator)) }
    guard !slots.isEmpty else { return nil }
    let readings = [socketLetters(slots, packages, channels, most), digits(slots), intel(slots), explicit(slots)]
    return readings.compactMap { $0 }.first { isCredible($0, modules, packages, channels) }
  }

  /// Modules that are there must find room: no channel holds more than three, and none more than its part of all slots.
  private static func isCredible(_ names: [String], _ modules: [MemoryModule], _ packages: Int?, _ channels: Int?)
    -> Bool
  {
    let present = zip(names, modules).filter { $0.1.bytes != nil }.map(\.0)
    let possible = Set(names).count
    guard possible > 0, !present.isEmpty else { return false }
    let most = Dictionary(grouping: present) { $0 }.values.map(\.count).max() ?? 0
    let known = channels.map { $0 * max(1, packages ?? 1) }
    // Names that make fewer channels than the processor has leave slots without one.
    let room = known.map { max(1, (modules.count + $0 - 1) / $0) } ?? mostPerChannel
    return most <= min(mostPerChannel, max(room, (modules.count + possible - 1) / possible))
  }

  /// Splits at every change between letters, digits and anything else: `P0_Node0_Channel1_Dimm0`, `P1-DIMMA1`.
  static func words(_ text: String) -> [String] {
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

  // MARK: - readings

  /// Dell's `A1` to `A16`, `B1`...: the letter is the socket and the number the place, which counts through the channels
  /// once for the first slot of each, then again for the second.
  private static func socketLetters(_ slots: [Slot], _ packages: Int?, _ channels: Int?, _ most: Int) -> [String]? {
    let pairs = slots.compactMap { slot -> (letter: String, number: Int)? in
      guard slot.own.count == 2 || slot.own.count == 3 && slot.own[0] == "DIMM",
        let number = slot.own.last.flatMap({ Int($0) }),
        let letter = slot.own.dropLast().last, letter.count == 1, ("A"..."H").contains(letter),
        // No board has more slots than that.
        (1...4096).contains(number)
      else { return nil }
      return (letter, number)
    }
    guard pairs.count == slots.count else { return nil }
    let letters = Set(pairs.map(\.letter))
    let last = pairs.map(\.number).max() ?? 0
    // A channel has three slots at most: with more, or with as many letters as sockets, the letter is the socket's.
    guard last > mostPerChannel || letters.count == packages && (packages ?? 1) > 1 && last > 2 else { return nil }
    // Without the processor's own count: as many as processors have for such memory.
    let each = perChannel(last, most)
    let count = channels ?? (last + each - 1) / each
    return pairs.map { "\($0.letter)/\(($0.number - 1) % max(1, count))" }
  }

  /// `DIMM010`: socket, channel and slot as three digits.
  private static func digits(_ slots: [Slot]) -> [String]? {
    let names = slots.compactMap { slot -> String? in
      guard slot.own.count >= 2, slot.own[0] == "DIMM", slot.own[1].count == 3 else { return nil }
      return "\(slot.own[1].prefix(1))/\(slot.own[1].dropFirst().prefix(1))"
    }
    return names.count == slots.count ? names : nil
  }

  /// `CPU0_C2D1`: socket, channel and slot.
  private static func intel(_ slots: [Slot]) -> [String]? {
    let names = slots.compactMap { slot -> String? in
      let own = slot.own
      guard own.count >= 4, own[own.count - 4] == "C", own[own.count - 2] == "D" else { return nil }
      return "\(package(slot.words))/\(own[own.count - 3])"
    }
    return names.count == slots.count ? names : nil
  }

  /// Names that say "channel", and letters before the number of a slot: `ChannelA-DIMM0`, `P1-DIMMA1`, `CPU1_A1`.
  private static func explicit(_ slots: [Slot]) -> [String]? {
    let labels = slots.map { label(after: ["CHANNEL", "CHAN", "CH"], $0.words) }
    let letters = slots.map { slotLetter($0.own) ?? slotLetter($0.bank) }
    let isLabelled = labels.allSatisfy { $0 != nil }
    let names = slots.indices.compactMap { index -> String? in
      guard let channel = isLabelled ? labels[index] : letters[index] else { return nil }
      let words = slots[index].words
      return "\(package(words))/\(controller(words))/\(channel)"
    }
    guard names.count == slots.count else { return nil }
    // One letter for all slots of a socket, as Oracle's `D0` to `D7`, is no channel.
    let isOneLetter = !isLabelled && Set(letters.compactMap { $0 }).count == 1 && slots.count > mostPerChannel
    return isOneLetter ? nil : names
  }

  private static func package(_ words: [String]) -> String {
    number(after: ["P", "CPU", "PROC", "SOCKET", "S"], words) ?? ""
  }

  /// A node below a socket is a memory controller of its own.
  private static func controller(_ words: [String]) -> String {
    [number(after: ["NODE"], words), number(after: ["CONTROLLER", "MC", "IMC"], words)].compactMap { $0 }
      .joined(separator: ".")
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
