import Hardware
import Units

/// The catalogue's entries by the names that drivers and tools print, each read when it is asked for.
struct Datasheets {
  private let profiles: Profiles
  private let entries: [Profiles.NamedEntry]
  /// Entries by every name that they have, brought to one form.
  private let byKey: [String: [Int]]

  init(_ profiles: Profiles) {
    self.profiles = profiles
    entries = profiles.namedEntries().filter { $0.entry.shelf != .personal }
    var byKey: [String: [Int]] = [:]
    for (index, entry) in entries.enumerated() {
      for key in Set([entry.name.key] + entry.aliases.map(\.key)) { byKey[key, default: []].append(index) }
    }
    self.byKey = byKey
  }

  typealias Sheet = (entry: Profiles.Entry, machine: Machine)

  /// The card that a driver calls by this name and that has this much memory.
  ///
  /// Several cards may have one name: their memory tells them apart. Where it does not, the card whose own name it is goes
  /// before the others (of the RTX 20 series laptops print it too), and the slower before the faster.
  func card(_ model: String, memory: Figure<ByteCount>?) -> Sheet? {
    guard let memory = memory?.value else { return nil }
    // Superchips stand among the computers.
    var found =
      sheets([model, PartName.product(model)], on: .accelerators)
      + sheets([model, PartName.product(model)], on: .machines).filter { $0.machine.parts == nil }
    if found.isEmpty {
      let words = PartName.words(of: PartName.product(model))
      found = alike { $0 == words || $0.sorted().joined() == words.sorted().joined() }
    }
    let fitting = found.filter { _, sheet in
      // A card of two dies is two equal devices.
      guard Set(sheet.accelerators).count == 1, sheet.accelerators[0].sharesMemory != true else { return false }
      return sheet.accelerators[0].memoryBytes.map { memory.isNear($0.value) } ?? false
    }
    let names = [model, PartName.product(model)].map { NameWords($0) }
    let own = fitting.filter { sheet in names.contains { NameWords(sheet.entry.name).answer($0) == .same } }
    return own.count == 1 ? own.first : slowest(of: fitting)
  }

  /// The integrated GPU of this name.
  func integrated(_ model: String) -> Sheet? {
    slowest(
      of: sheets([model, PartName.product(model)], on: .accelerators).filter {
        $0.machine.accelerators.first?.sharesMemory == true
      })
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
    var indices: [Int] = []
    for key in names.map({ NameWords($0).key }) where !key.isEmpty {
      for index in byKey[key] ?? [] where entries[index].entry.shelf == shelf && !indices.contains(index) {
        indices.append(index)
      }
    }
    return indices.compactMap { sheet(entries[$0].entry) }
  }

  private func sheet(_ entry: Profiles.Entry) -> Sheet? {
    (try? profiles.machine(entry)).map { (entry, $0) }
  }

  /// Entries whose words satisfy a condition.
  private func alike(_ isMeant: (Set<String>) -> Bool) -> [Sheet] {
    entries.filter { $0.entry.shelf != .processors && isMeant(PartName.words(of: $0.entry.name)) }
      .compactMap { sheet($0.entry) }.filter { $0.machine.parts == nil }
  }

  /// Of those the ones with most words: `apple-m4` is part of an M4 Max's name, and the longest name is meant.
  private func alikeWords(on shelf: Profiles.Shelf, _ isMeant: (Set<String>) -> Bool) -> [Sheet] {
    let named = entries.filter { $0.entry.shelf == shelf }.map { ($0.entry, PartName.words(of: $0.entry.name)) }
      .filter { isMeant($0.1) }
    let longest = named.map { $0.1.count }.max() ?? 0
    return named.filter { $0.1.count == longest }.compactMap { sheet($0.0) }
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
