public import Hardware
public import Units

extension Profiles {
  /// Finds the entry that a person means by a name: its own name or one that a driver or a tool prints; else the only one
  /// that the words of the name tell, where what the name leaves out is a maker, a family, a form or an amount of memory.
  ///
  /// - Parameter memory: an amount that was stated beside the name; of computers that differ in their memory it tells one.
  /// - Throws: `ProfileError.unknownName` with the names that are near, or `.ambiguous` with the choices.
  public func entry(
    named name: String, on shelves: Set<Shelf> = Set(Shelf.allCases), memory: ByteCount? = nil
  ) throws(ProfileError) -> Entry {
    let lowered = name.lowercased()
    if let exact = entries().first(where: { $0.name == lowered && shelves.contains($0.shelf) }) { return exact }
    let asked = NameWords(name)
    guard !asked.pieces.isEmpty else { throw .unknownName(name, nearest: []) }
    let all = namedEntries().filter { shelves.contains($0.entry.shelf) }
    if let memory, let fitting = entry(in: all, asked, with: memory) { return fitting }
    if let exact = all.first(where: { $0.name.words == asked.words }) { return exact.entry }
    let called = all.filter { $0.aliases.contains { $0.words == asked.words } }
    if !called.isEmpty {
      // A card that was changed keeps its driver's name, which is first of all that of the card.
      let own = called.filter { $0.name.answer(asked) == .same }
      return try one(of: own.count == 1 ? own : called, name)
    }
    let byName = all.filter { $0.name.answer(asked) == .same }
    let byAlias = all.filter { $0.aliases.contains { $0.answer(asked) == .same } }
    // A computer that is sold with several amounts of memory is called so by them all: its other sizes are asked about too.
    let isSizeOpen = byName.contains { $0.name.leavesOpen(asked) }
    let sizes = byAlias.filter { named in
      isSizeOpen && !byName.contains { $0.entry == named.entry }
        && named.aliases.contains { $0.answer(asked) == .same && $0.leavesOpen(asked) }
    }
    if !byName.isEmpty { return try one(of: byName + sizes, name) }
    if !byAlias.isEmpty { return try one(of: byAlias, name) }
    let kinds = all.filter { $0.name.answer(asked) == .kind }
    let related = kinds.isEmpty ? all.filter { $0.aliases.contains { $0.answer(asked) == .kind } } : kinds
    let names = related.map(\.entry.name).sorted { ($0.count, $0) < ($1.count, $1) }
    if names.count > 1 { throw .ambiguous(name, candidates: names) }
    throw unknown(name, related: names)
  }

  private func one(of found: [NamedEntry], _ name: String) throws(ProfileError) -> Entry {
    if found.count == 1 { return found[0].entry }
    throw .ambiguous(name, candidates: found.map(\.entry.name))
  }

  /// The only computer that a name may mean and that has so much memory soldered on; nil where it tells none.
  private func entry(in all: [NamedEntry], _ asked: NameWords, with memory: ByteCount) -> Entry? {
    let found = all.filter { entry in
      entry.name.answer(asked) == .same || entry.aliases.contains { $0.answer(asked) == .same }
    }
    guard found.count > 1 else { return nil }
    let fitting = found.filter { entry in
      guard let machine = try? machine(entry.entry), machine.unifiedMemory?.value == true,
        let bytes = machine.memory.installedBytes ?? machine.memory.totalBytes
      else { return false }
      return memory.isNear(bytes.value)
    }
    return fitting.count == 1 ? fitting[0].entry : nil
  }

  /// Entries that a text is part of the name of, or whose names have all of its words.
  public func entries(matching text: String) -> [Entry] {
    let asked = NameWords(text)
    return namedEntries().filter { named in
      named.entry.name.plain.contains(text.plain)
        || !asked.pieces.isEmpty && ([named.name] + named.aliases).contains { $0.answer(asked) != .none }
    }
    .map(\.entry)
  }

  /// The entry of the very same name, whatever stands between its words.
  public func entry(ofSameName name: String) -> Entry? {
    let asked = NameWords(name).words
    return entries().first { $0.name == name } ?? entries().first { NameWords($0.name).words == asked }
  }

  /// The catalogue's entry that one of the user's own profiles of the same name stands before; nil where there is none.
  public func entry(hiddenBy name: String) -> Entry? {
    guard let personal, !entries().filter({ $0.shelf == .personal }).isEmpty, !personal.isEmpty else { return nil }
    let asked = NameWords(name).words
    let same = entries().filter { NameWords($0.name).words == asked }
    return same.first?.shelf == .personal ? same.dropFirst().first { $0.shelf != .personal } : nil
  }

  /// The error for a name that nothing has, with the names that are like it.
  public func unknown(_ name: String) -> ProfileError { unknown(name, related: []) }

  private func unknown(_ name: String, related: [String]) -> ProfileError {
    let all = entries().map(\.name)
    var nearest = nearestNames(to: name, in: all)
    if nearest.isEmpty {
      // Instances are known without their provider.
      let short = Dictionary(all.map { (NameWords($0).key, $0) }) { first, _ in first }
      nearest = nearestNames(to: NameWords(name).key, in: short.keys).compactMap { short[$0] }
    }
    var shown = related
    for name in nearest where !shown.contains(name) { shown.append(name) }
    return .unknownName(name, nearest: Array(shown.prefix(8)))
  }

  /// Reads the machine that a person means by a name.
  public func machine(named name: String, memory: ByteCount? = nil) throws -> Machine {
    try machine(try entry(named: name, memory: memory))
  }
}

extension ByteCount {
  /// True within 8%: what is installed, what firmware leaves of it, and 10^9 against 2^30 bytes.
  func isNear(_ other: ByteCount, within share: Double = 0.08) -> Bool {
    other.bytes > 0 && abs(Double(bytes - other.bytes)) <= share * Double(other.bytes)
  }
}
