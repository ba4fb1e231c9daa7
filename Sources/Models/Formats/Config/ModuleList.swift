/// A part of a model as lists of such parts are asked about it.
struct ModuleName: Sendable {
  /// The name between dots.
  let bytes: [UInt8]
  /// The name, and what it is part of.
  let parts: [String]

  init(_ name: String) {
    let name = ModulePattern.canonical(name)
    bytes = Array(".\(name).".utf8)
    var parts: [String] = []
    for piece in name.split(separator: ".") { parts.append(parts.last.map { "\($0).\(piece)" } ?? String(piece)) }
    self.parts = parts
  }
}

/// The parts of a model that one list of a `quantization_config` names.
struct ModuleList: Sendable, Hashable {
  /// Names from `layers.` on, which lists of hundreds consist of.
  private var named: Set<String> = []
  private var open: Set<ModulePattern> = []
  /// Entries that a shortened copy of a configuration says there were; nil for a whole list.
  private var count: Int?

  /// Reads a list, or the keys of a map; nil where an entry cannot be read.
  init?(_ value: JSONValue) {
    guard let names = Self.names(value, depth: 0) else { return nil }
    for name in names {
      // Parts that predict further tokens, see or hear are no part of what is planned.
      if ["mtp", "visual", "vision", "audio"].contains(where: { name.contains($0) }) { continue }
      guard let patterns = ModulePattern.all(name) else { return nil }
      for pattern in patterns { add(pattern) }
    }
    if let all = value["count"]?.int, all > names.count { count = all }
  }

  init() {}

  init(named names: String...) {
    for pattern in names.compactMap({ ModulePattern.all($0) }).joined() { add(pattern) }
  }

  private mutating func add(_ pattern: ModulePattern) {
    if pattern.isOpen { open.insert(pattern) } else { named.insert(pattern.text) }
  }

  func contains(_ module: ModuleName) -> Bool {
    module.parts.contains { named.contains($0) } || open.contains { $0.matches(module) }
  }

  /// Returns the list with the parts that a shortened copy leaves out: those of the same names in the other layers, as
  /// far as the count that the copy states has room for them.
  func completed(for modules: [ModuleName]) -> ModuleList {
    guard let count else { return self }
    var whole = self
    whole.count = nil
    let patterns = named.compactMap { ModulePattern.all($0)?.first?.inAnyLayer } + open.map(\.inAnyLayer)
    whole.open.formUnion(patterns)
    // An entry may name what several modules are parts of.
    let entries = Set(modules.compactMap { module in module.parts.first { whole.contains(ModuleName($0)) } })
    return entries.count <= count ? whole : self
  }

  /// Every name in a list, the keys of a map, or the names that a shortened list still has.
  private static func names(_ value: JSONValue, depth: Int) -> [String]? {
    switch value {
    case .string(let name): return [name]
    case .array(let entries):
      guard depth < 4 else { return nil }
      var all: [String] = []
      for entry in entries {
        guard let names = names(entry, depth: depth + 1) else { return nil }
        all += names
      }
      return all
    case .object(let members):
      guard members["count"] != nil else { return members.keys.sorted() }
      return ["first", "last"].flatMap { key in members[key].flatMap { names($0, depth: depth + 1) } ?? [] }
    default: return nil
    }
  }
}
