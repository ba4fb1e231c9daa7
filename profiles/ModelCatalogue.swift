import Foundation
public import Models
import Platform
public import Units

/// The open models that Plimsoll knows by name: one file each under `models/`, read when it is asked for.
public struct ModelCatalogue: Sendable {
  /// The folder of the entries.
  public let folder: String

  /// Opens a folder of entries; nothing is read.
  public init(folder: String) { self.folder = folder }

  /// The names of all entries, sorted: a listing of the folder.
  public func names() -> [String] {
    DiskTree().list(folder).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Reads one entry by its very name.
  ///
  /// - Throws: `ModelError` where the file is not an entry, or `FileError`.
  public func read(_ name: String) throws -> ModelEntry {
    let file = try MappedFile("\(folder)/\(name).json")
    let bytes = file.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    return try ModelEntry(parsing: bytes, name: name)
  }

  /// Reads every entry, by name: all files of the folder.
  public func entries() throws -> [ModelEntry] { try names().map { try read($0) } }

  /// Finds the entry that a person means.
  ///
  /// That is, the first of: the catalogue's name or the repository's, in any case; an alias; the only one whose name is the
  /// same without words that say no more than how it was tuned (`instruct`, `it`, a date); the only one whose name holds all
  /// words of the one asked for, or the plain form of all that do. Nothing is guessed from digits.
  ///
  /// - Throws: `ModelNameError.unknown` with the nearest names, or `.ambiguous` with the choices.
  public func entry(named text: String) throws -> ModelEntry {
    let slug = text.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let names = names()
    if names.contains(slug) {
      let entry = try read(slug)
      if !text.contains("/") || entry.repository.lowercased() == text.lowercased() { return entry }
    }
    if text.contains("/") {
      let wanted = text.lowercased()
      if let made = try entries().first(where: { $0.gguf.contains { $0.lowercased() == wanted } }) { return made }
      throw ModelNameError.unknown(text, nearest: nearestNames(to: slug, in: names))
    }
    let asked = ModelName(text)
    guard !asked.words.isEmpty else { throw ModelNameError.unknown(text, nearest: []) }
    if let aliased = try entries().first(where: { $0.aliases.contains { ModelName($0).words == asked.words } }) {
      return aliased
    }
    let all = names.map { ModelName($0) }
    let same = all.filter { $0.essence == asked.essence }
    let holding = all.filter { $0.holds(asked) }
    for group in [same, holding] where !group.isEmpty {
      if let one = ModelName.plainest(of: group) { return try read(one.text) }
      throw ModelNameError.ambiguous(text, choices: group.map(\.text))
    }
    throw ModelNameError.unknown(text, nearest: nearest(to: asked, in: all))
  }

  /// Returns the model of a catalogue name, or an ordinary one of a bare size such as `70b` or `30b-a3b`, which says so in
  /// a warning.
  ///
  /// - Throws: `ModelNameError`, or `ModelError` where the entry has no configuration.
  public func model(named text: String) throws -> Model {
    if let generic = try genericModel(ofSize: text) { return generic }
    return try entry(named: text).model()
  }

  /// Returns an ordinary model of a bare size such as `70b` or `30b-a3b`; nil where the text is no size alone.
  public func genericModel(ofSize text: String) throws -> Model? { try ModelSize(text)?.model() }

  /// Names of nearly the same letters, then those that share most words.
  private func nearest(to asked: ModelName, in all: [ModelName]) -> [String] {
    let related = all.map { (name: $0, shared: $0.shared(with: asked)) }.filter { $0.shared > 0 }
      .sorted { ($1.shared, $0.name.words.count, $0.name.text) < ($0.shared, $1.name.words.count, $1.name.text) }
    let best = related.first?.shared ?? 0
    let close = related.prefix { $0.shared == best }.map(\.name.text).prefix(4)
    let alike = nearestNames(to: asked.text, in: all.map(\.text))
    return Array((alike + close.filter { !alike.contains($0) }).prefix(5))
  }
}

extension Profiles {
  /// The models that ship with Plimsoll.
  public func modelCatalogue() -> ModelCatalogue { ModelCatalogue(folder: "\(root)/models") }
}

/// Why a name means no model of the catalogue.
public enum ModelNameError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case unknown(String, nearest: [String])
  case ambiguous(String, choices: [String])

  public var description: String {
    switch self {
    case .unknown(let name, _): "there is no model \(name): neither a file nor a name of the catalogue"
    case .ambiguous(let name, let choices):
      "\(name) could be \(choices.prefix(8).joined(separator: ", "))\(choices.count > 8 ? " and others" : "")"
    }
  }

  public var reason: Reason {
    switch self {
    case .unknown(_, let nearest):
      Reason(
        .unknownModel, description,
        remedy: nearest.isEmpty
          ? "plimsoll models catalogue lists the names; a size such as 70b works too"
          : "nearest: \(nearest.joined(separator: ", "))")
    case .ambiguous: Reason(.ambiguousModel, description, remedy: "give one of these names")
    }
  }

  public var outcome: FailureOutcome { .refusedInput }
}
