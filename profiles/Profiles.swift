import Foundation
public import Hardware
import Platform
import Synchronization
import Units

/// The data that ships with Plimsoll, and the user's own profiles before it.
///
/// What was read once is kept as long as the value and its copies live; profiles that are written meanwhile are not seen.
public struct Profiles: Sendable {
  /// The folder that holds `machines/`, `accelerators/` and so on.
  public let root: String
  /// The folder of the user's own machine profiles.
  public let personal: String?
  private let kept = Kept()

  /// What a catalogue entry describes.
  public enum Shelf: String, Hashable, Sendable, CaseIterable {
    case personal, machines, accelerators, processors
  }

  /// One entry by name, unread.
  public struct Entry: Hashable, Sendable {
    public var shelf: Shelf
    public var name: String
    public var path: String
  }

  /// An entry with all names that it is known by.
  struct NamedEntry: Sendable {
    var entry: Entry
    var header: CatalogueHeader
    var name: NameWords
    var aliases: [NameWords]
  }

  /// Opens the shipped data, or another folder of the same form.
  public init(root: String? = nil, personal: String? = nil) {
    self.root = root ?? Bundle.module.resourcePath ?? "profiles"
    self.personal = personal
  }

  /// The folder with a lock file for each engine that can be installed: every package by version and hash.
  public var locks: String { "\(root)/engines" }

  /// Every entry, the user's own first, then by shelf and name.
  public func entries() -> [Entry] {
    kept.entries {
      Shelf.allCases.flatMap { shelf -> [Entry] in
        guard let folder = shelf == .personal ? personal : "\(root)/\(shelf.rawValue)" else { return [] }
        return DiskTree().list(folder).filter { $0.hasSuffix(".yaml") }.map {
          Entry(shelf: shelf, name: String($0.dropLast(5)), path: "\(folder)/\($0)")
        }
      }
    }
  }

  /// Every entry with its other names, in the order of `entries`.
  func namedEntries() -> [NamedEntry] { Shelf.allCases.flatMap { namedEntries(on: $0) } }

  /// The entries of one shelf with their other names: a machine's parts are looked for on few shelves, and reading the
  /// beginnings of all files takes longer than a plan.
  func namedEntries(on shelf: Shelf) -> [NamedEntry] {
    kept.named(shelf) {
      entries().filter { $0.shelf == shelf }.map { entry in
        let file = FileHandle(forReadingAtPath: entry.path)
        let bytes = [UInt8]((try? file?.read(upToCount: CatalogueHeader.limit)) ?? Data())
        // The catalogue's own entries have their names at the beginning; a profile by hand may have them anywhere.
        let header = CatalogueHeader(bytes, lineLimit: shelf == .personal ? .max : CatalogueHeader.lineLimit)
        return NamedEntry(
          entry: entry, header: header, name: NameWords(entry.name), aliases: header.aliases.map { NameWords($0) })
      }
    }
  }

  /// A shelf's entries by what tells them.
  struct ShelfIndex: Sendable {
    var entries: [NamedEntry]
    /// By every name that they have, brought to one form, as places in `entries`.
    var byKey: [String: [Int]] = [:]
    /// The words that tell each product, in the order of `entries`.
    var words: [Set<String>]

    init(_ entries: [NamedEntry]) {
      self.entries = entries
      words = entries.map { PartName.words(of: $0.entry.name) }
      for (index, entry) in entries.enumerated() {
        for key in Set([entry.name.key] + entry.aliases.map(\.key)) { byKey[key, default: []].append(index) }
      }
    }
  }

  func index(of shelf: Shelf) -> ShelfIndex { kept.index(shelf) { ShelfIndex(namedEntries(on: shelf)) } }

  /// Every entry with who makes it, told without reading it whole.
  public func makers() -> [(entry: Entry, maker: String?)] { namedEntries().map { ($0.entry, $0.header.maker) } }

  /// Reads an entry's machine, made up of its parts where the entry names them.
  public func machine(_ entry: Entry) throws -> Machine { try machine(entry, depth: 0) }

  func machine(_ entry: Entry, depth: Int) throws -> Machine {
    try kept.machine(entry.path) {
      // What comes with the program is checked by its tests.
      let machine = try MachineProfile.read(file: entry.path, checksKeys: entry.shelf == .personal)
      return try expanded(machine, depth: depth)
    }
  }

  /// Reads a profile's machine from a file, made up of its parts where the profile names them.
  public func machine(file path: String) throws -> Machine {
    try expanded(try MachineProfile.read(file: path), depth: 0)
  }

  /// The machine that a profile's text describes; its parts are the catalogue's.
  public func machine(text: String, name: String) throws -> Machine {
    try expanded(try MachineProfile.read(text, name: name), depth: 0)
  }

  /// Reads every entry that can be read; one that can't is left out of the list and named in `errors`.
  public func machines() -> (machines: [(entry: Entry, machine: Machine)], errors: [ProfileError]) {
    read(entries())
  }

  /// Reads entries; one that can't be read is left out of the list and named in `errors`.
  public func read(_ entries: [Entry]) -> (machines: [(entry: Entry, machine: Machine)], errors: [ProfileError]) {
    var found: [(entry: Entry, machine: Machine)] = []
    var errors: [ProfileError] = []
    for entry in entries {
      do {
        found.append((entry, try machine(entry)))
      } catch let error as ProfileError {
        errors.append(error)
      } catch {
        errors.append(.invalid(name: entry.path, cause: "\(error)"))
      }
    }
    return (found, errors)
  }

  /// The machines that are worth considering when none is named: the user's own, and what of the catalogue is sold.
  ///
  /// Cards and laptops that are out of production, parts that are announced, and computers that differ from one of these
  /// in their case alone are left to whoever names them.
  public func shortlist() -> [Machine] {
    let shortlisted = namedEntries().filter { $0.entry.shelf == .personal || $0.header.isShortlisted }
    return read(shortlisted.map(\.entry)).machines.map(\.machine)
  }
}

/// What was read of the files.
private final class Kept: Sendable {
  private struct State {
    var entries: [Profiles.Entry]?
    var named: [Profiles.Shelf: [Profiles.NamedEntry]] = [:]
    var indices: [Profiles.Shelf: Profiles.ShelfIndex] = [:]
    var machines: [String: Machine] = [:]
  }

  private let state = Mutex(State())

  func entries(_ read: () -> [Profiles.Entry]) -> [Profiles.Entry] { kept({ $0.entries }, { $0.entries = $1 }, read) }

  func named(_ shelf: Profiles.Shelf, _ read: () -> [Profiles.NamedEntry]) -> [Profiles.NamedEntry] {
    kept({ $0.named[shelf] }, { $0.named[shelf] = $1 }, read)
  }

  func index(_ shelf: Profiles.Shelf, _ make: () -> Profiles.ShelfIndex) -> Profiles.ShelfIndex {
    kept({ $0.indices[shelf] }, { $0.indices[shelf] = $1 }, make)
  }

  func machine(_ path: String, _ read: () throws -> Machine) rethrows -> Machine {
    try kept({ $0.machines[path] }, { $0.machines[path] = $1 }, read)
  }

  /// What is known, else what is read now; two readers at once both read, and neither waits for the other.
  private func kept<Value: Sendable>(
    _ known: (State) -> Value?, _ keep: (inout State, Value) -> Void, _ read: () throws -> Value
  ) rethrows -> Value {
    if let known = state.withLock({ known($0) }) { return known }
    let value = try read()
    state.withLock { keep(&$0, value) }
    return value
  }
}
