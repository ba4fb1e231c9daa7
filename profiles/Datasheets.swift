import Hardware
import Units

/// The catalogue's entries by the names that drivers and tools print, each read when it is asked for.
struct Datasheets {
  private let profiles: Profiles

  init(_ profiles: Profiles) { self.profiles = profiles }

  typealias Sheet = (entry: Profiles.Entry, machine: Machine)

  /// The card that a driver calls by this name, or that has this PCI device number, with this much memory.
  ///
  /// Several cards may have one name: their device number and memory tell them apart. Where those do not, the card whose own
  /// name it is goes before the others (of the RTX 20 series laptops print it too), and the slower before the faster.
  ///
  /// - Parameter device: PCI vendor and device number, `10de:2684`.
  func card(_ model: String?, device: String?, memory: Figure<ByteCount>?) -> Sheet? {
    guard let memory = memory?.value else { return nil }
    let fitting = candidates(model, device).filter { _, sheet in
      // A card of two dies is two equal devices.
      guard Set(sheet.accelerators).count == 1, sheet.accelerators[0].sharesMemory != true else { return false }
      return sheet.accelerators[0].memoryBytes.map { memory.isNear($0.value) } ?? false
    }
    let names = model.map { [$0, PartName.product($0)].map { NameWords($0) } } ?? []
    let own = fitting.filter { sheet in names.contains { NameWords(sheet.entry.name).answer($0) == .same } }
    return own.count == 1 ? own.first : slowest(of: fitting)
  }

  /// The card that a name or a device number tells without its memory; nil where cards of several sizes have it.
  func card(named model: String?, device: String?) -> Sheet? {
    let cards = candidates(model, device).filter { _, sheet in
      Set(sheet.accelerators).count == 1 && sheet.accelerators[0].sharesMemory != true
    }
    let names = model.map { [$0, PartName.product($0)].map { NameWords($0) } } ?? []
    let own = cards.filter { sheet in names.contains { NameWords(sheet.entry.name).answer($0) == .same } }
    if own.count == 1 { return own.first }
    return Set(cards.map { $0.machine.accelerators[0].memoryBytes?.value }).count == 1 ? slowest(of: cards) : nil
  }

  /// What a name and a device number may mean: what both tell, else what the name tells, else what the number tells.
  private func candidates(_ model: String?, _ device: String?) -> [Sheet] {
    let byDevice = device.map { cards([$0]) } ?? []
    guard let model else { return byDevice }
    var byName = cut(model) ?? cards([model, PartName.product(model)])
    if byName.isEmpty {
      let words = PartName.words(of: PartName.product(model))
      byName = alike { $0 == words || $0.sorted().joined() == words.sorted().joined() }
    }
    let both = byName.filter { sheet in byDevice.contains { $0.entry == sheet.entry } }
    return !both.isEmpty ? both : !byName.isEmpty ? byName : byDevice
  }

  /// The cards that a name may be the beginning of, which a narrow table cut: `NVIDIA GeForce RTX 4060 ...` is a longer name than
  /// that of the RTX 4060. Nil for a whole name, and for one that was cut before it said anything.
  private func cut(_ model: String) -> [Sheet]? {
    guard model.hasSuffix("..."), model.contains(where: \.isNumber) else { return nil }
    let start = String(model.dropLast(3)).lowercased()
    return profiles.namedEntries(on: .accelerators).filter { named in
      named.header.aliases.contains { $0.lowercased().hasPrefix(start) }
    }
    .compactMap { sheet($0.entry) }
  }

  /// Accelerators of these names; superchips stand among the computers.
  private func cards(_ names: [String]) -> [Sheet] {
    sheets(names, on: .accelerators) + sheets(names, on: .machines).filter { $0.machine.parts == nil }
  }

  /// The integrated GPU of this name, or with this PCI device number.
  func integrated(_ model: String?, device: String?) -> Sheet? {
    let named = model.map { integrated([$0, PartName.product($0)]) } ?? []
    return slowest(of: named.isEmpty ? device.map { integrated([$0]) } ?? [] : named)
  }

  private func integrated(_ names: [String]) -> [Sheet] {
    sheets(names, on: .accelerators).filter { $0.machine.accelerators.first?.sharesMemory == true }
  }

  /// The computer with one memory that one of these names tells, with this much memory; else its chip's figures, where all
  /// of its sizes agree in them.
  func system(called names: [String], memory: ByteCount) -> Sheet? {
    let found = names.lazy.map { sheets([$0], on: .machines).filter { $0.machine.unifiedMemory?.value == true } }
    for candidates in found where !candidates.isEmpty {
      let fitting = candidates.filter { _, sheet in
        (sheet.memory.installedBytes ?? sheet.memory.totalBytes).map { memory.isNear($0.value, within: 0.1) } ?? false
      }
      if let sheet = agreed(fitting.isEmpty ? candidates : fitting) { return sheet }
    }
    let words = PartName.words(of: names.joined(separator: " "))
    let named = alikeWords(on: .machines) { !$0.isEmpty && $0.isSubset(of: words) }
    let fitting = named.filter { _, sheet in
      (sheet.memory.installedBytes ?? sheet.memory.totalBytes).map { memory.isNear($0.value) } ?? false
    }
    return fitting.count == 1 ? fitting.first : nil
  }

  /// The computer with one memory that one of these names tells, whatever its size, where all sizes agree in their figures;
  /// and its memory, where there is one size only.
  func system(called names: [String]) -> (sheet: Sheet, memory: Figure<ByteCount>?)? {
    for name in names {
      let found = sheets([name], on: .machines).filter { $0.machine.unifiedMemory?.value == true }
      guard !found.isEmpty else { continue }
      guard let sheet = agreed(found) else { return nil }
      let sizes = Set(found.map { ($0.machine.memory.installedBytes ?? $0.machine.memory.totalBytes)?.value })
      return (sheet, sizes.count == 1 ? sheet.machine.memory.installedBytes ?? sheet.machine.memory.totalBytes : nil)
    }
    return nil
  }

  /// The processor of a machine.
  func processor(_ machine: Machine) -> Sheet? {
    // The product's evidence names the very part, such as M128-30.
    let names = [
      machine.cpu.model?.value, machine.cpu.product?.value, machine.cpu.product?.source.detail,
      machine.system?.product?.value,
    ].compactMap { $0 }
    let called = sheets(Array(names.prefix(2)), on: .processors)
    if called.count == 1 { return called.first }
    let words = PartName.words(of: names.joined(separator: " "))
    let found = alikeWords(on: .processors) { $0.count > 1 && $0.isSubset(of: words) || $0 == words }
    return found.count == 1 ? found.first : nil
  }

  /// Entries that have one of these names.
  private func sheets(_ names: [String], on shelf: Profiles.Shelf) -> [Sheet] {
    let shelf = profiles.index(of: shelf)
    var indices: [Int] = []
    for key in names.map({ NameWords($0).key }) where !key.isEmpty {
      for index in shelf.byKey[key] ?? [] where !indices.contains(index) { indices.append(index) }
    }
    return indices.compactMap { sheet(shelf.entries[$0].entry) }
  }

  private func sheet(_ entry: Profiles.Entry) -> Sheet? {
    (try? profiles.machine(entry)).map { (entry, $0) }
  }

  /// Entries whose words satisfy a condition.
  private func alike(_ isMeant: (Set<String>) -> Bool) -> [Sheet] {
    [.machines, .accelerators].flatMap { named(on: $0, isMeant) }
      .compactMap { sheet($0.0.entry) }.filter { $0.machine.parts == nil }
  }

  /// Of those the ones with most words: `apple-m4` is part of an M4 Max's name, and the longest name is meant.
  private func alikeWords(on shelf: Profiles.Shelf, _ isMeant: (Set<String>) -> Bool) -> [Sheet] {
    let named = named(on: shelf, isMeant)
    let longest = named.map { $0.1.count }.max() ?? 0
    return named.filter { $0.1.count == longest }.compactMap { sheet($0.0.entry) }
  }

  private func named(
    on shelf: Profiles.Shelf, _ isMeant: (Set<String>) -> Bool
  ) -> [(Profiles.NamedEntry, Set<String>)] {
    let index = profiles.index(of: shelf)
    return zip(index.entries, index.words).filter { isMeant($0.1) }
  }

  /// The one that promises least of several that read equally fast; nil where they do not.
  private func agreed(_ sheets: [Sheet]) -> Sheet? {
    let rates = sheets.compactMap { bandwidth(of: $0.machine) }
    guard let low = rates.min(), let high = rates.max(), rates.count == sheets.count, high <= low * 1.01 else {
      return nil
    }
    return slowest(of: sheets)
  }

  /// The one that promises least; a chip's own entry goes before that of a computer that is made of it.
  private func slowest(of sheets: [Sheet]) -> Sheet? {
    sheets.min { a, b in order(a) < order(b) }
  }

  private func order(_ sheet: Sheet) -> (Int, Double, Double, String) {
    let rates = sheet.machine.accelerators.first?.teraOperationsPerSecond ?? [:]
    return (
      sheet.machine.parts == nil ? 0 : 1, bandwidth(of: sheet.machine) ?? 0,
      (rates["fp16"] ?? rates["fp32"])?.value ?? 0, sheet.entry.name
    )
  }

  private func bandwidth(of machine: Machine) -> Double? {
    (machine.accelerators.first?.bandwidth ?? machine.memory.bandwidth)?.value
  }
}
