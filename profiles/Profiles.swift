import Foundation
public import Hardware
import Platform
import Units

/// The data that ships with Plimsoll, and the user's own profiles before it.
public struct Profiles: Sendable {
  /// The folder that holds `machines/`, `accelerators/` and so on.
  public let root: String
  /// The folder of the user's own machine profiles.
  public let personal: String?

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

  /// Opens the shipped data, or another folder of the same form.
  public init(root: String? = nil, personal: String? = nil) {
    self.root = root ?? Bundle.module.resourcePath ?? "profiles"
    self.personal = personal
  }

  /// The folder with a lock file for each engine that can be installed: every package by version and hash.
  public var locks: String { "\(root)/engines" }

  /// Every entry, the user's own first, then by shelf and name.
  public func entries() -> [Entry] {
    Shelf.allCases.flatMap { shelf -> [Entry] in
      guard let folder = shelf == .personal ? personal : "\(root)/\(shelf.rawValue)" else { return [] }
      return DiskTree().list(folder).filter { $0.hasSuffix(".yaml") }.map {
        Entry(shelf: shelf, name: String($0.dropLast(5)), path: "\(folder)/\($0)")
      }
    }
  }

  /// Reads every entry that can be read; one that can't is left out of the list and named in `errors`.
  public func machines() -> (machines: [(entry: Entry, machine: Machine)], errors: [ProfileError]) {
    var found: [(entry: Entry, machine: Machine)] = []
    var errors: [ProfileError] = []
    for entry in entries() {
      do {
        found.append((entry, try MachineProfile.read(file: entry.path)))
      } catch let error as ProfileError {
        errors.append(error)
      } catch {
        errors.append(.invalid(name: entry.path, cause: "\(error)"))
      }
    }
    return (found, errors)
  }

  /// Finds the entry that a person means by a name: the very name, else the only one each of whose words begins with a
  /// word of the name (`h100-sxm` is `h100-sxm5-80gb`, `xeon-8480` is `xeon-platinum-8480plus`), else the only one that
  /// begins with the name where neither is parted into words (`rtx4090`), else the same without what drivers put before
  /// a product (`NVIDIA GeForce RTX 4090`).
  ///
  /// - Throws: `ProfileError.unknownName` or `.ambiguous`.
  public func entry(named name: String, on shelves: Set<Shelf> = Set(Shelf.allCases)) throws(ProfileError) -> Entry {
    let all = entries().filter { shelves.contains($0.shelf) }
    if let exact = Self.entry(ofSameName: name, in: all) { return exact }
    var wanted = Self.words(name)
    var matching = Self.matching(wanted, in: all)
    if matching.isEmpty {
      wanted = wanted.filter { !PartName.isNoise($0) }
      matching = Self.matching(wanted, in: all)
    }
    // "h100-sxm" is the card before it is an instance with that card in its name, and "rtx-4080" is not "rtx-4080-super".
    let leading = matching.filter { Self.words($0.name).first?.hasPrefix(wanted.first ?? "") == true }
    let likely = leading.isEmpty ? matching : leading
    let whole = likely.filter { entry in wanted.allSatisfy { Self.words(entry.name).contains($0) } }
    let best = whole.isEmpty ? likely : whole
    if best.count == 1 { return best[0] }
    if best.count > 1 {
      // The plain form of what the others are kinds of: "h100-sxm5-80gb" of "h100-sxm5-80gb-x8".
      if let plain = best.first(where: { plain in
        best.allSatisfy { Set(Self.words($0.name)).isSuperset(of: Self.words(plain.name)) }
      }) {
        return plain
      }
      throw .ambiguous(name, candidates: best.prefix(8).map { $0.name })
    }
    throw unknown(name, in: all)
  }

  /// The entry of the very same name, whatever stands between its words.
  public func entry(ofSameName name: String) -> Entry? { Self.entry(ofSameName: name, in: entries()) }

  private static func entry(ofSameName name: String, in all: [Entry]) -> Entry? {
    all.first { words($0.name) == words(name) }
  }

  /// The catalogue's entry that one of the user's own profiles of the same name stands before; nil where there is none.
  public func entry(hiddenBy name: String) -> Entry? {
    let same = entries().filter { Self.words($0.name) == Self.words(name) }
    return same.first?.shelf == .personal ? same.dropFirst().first { $0.shelf != .personal } : nil
  }

  /// The error for a name that nothing has, with the names that are like it.
  public func unknown(_ name: String) -> ProfileError { unknown(name, in: entries()) }

  private func unknown(_ name: String, in all: [Entry]) -> ProfileError {
    let wanted = Self.words(name)
    let related = all.filter { entry in
      wanted.contains { word in Self.words(entry.name).contains { $0.hasPrefix(word) } }
    }
    let nearest = nearestNames(to: name, in: all.map(\.name))
    return .unknownName(name, nearest: nearest + related.map(\.name).filter { !nearest.contains($0) }.prefix(6))
  }

  /// Reads the machine that a person means by a name.
  public func machine(named name: String) throws -> Machine {
    try MachineProfile.read(file: try entry(named: name).path)
  }

  private static func words(_ name: String) -> [String] {
    name.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "." }.map { String($0) }
  }

  private static func matching(_ wanted: [String], in all: [Entry]) -> [Entry] {
    guard !wanted.isEmpty else { return [] }
    let byWords = all.filter { matches(words($0.name), wanted) }
    return byWords.isEmpty ? all.filter { words($0.name).joined().hasPrefix(wanted.joined()) } : byWords
  }

  private static func matches(_ words: [String], _ wanted: [String]) -> Bool {
    wanted.allSatisfy { want in words.contains { $0.hasPrefix(want) } }
  }
}
