public import Hub
import Platform
import Reporting
public import Units

/// Files of the cache held against their hashes: `models verify --json`.
public struct CacheVerification: Encodable, Sendable {
  public struct Entry: Encodable, Sendable {
    var name: String
    var files: [VerifiedFile]
    var wrong: [VerifiedFile] { files.filter { $0.verdict == .corrupt || $0.verdict == .missing } }
  }

  var schema = "plimsoll.verification/1"
  var models: [Entry] = []

  /// Checks every file of the named models, telling after each piece how much of one is read.
  ///
  /// - Throws: `HubError` for a model that is not cached.
  public init(of names: [String], in cache: HubCache, onProgress: @Sendable (String, ByteCount) -> Void) async throws {
    for name in names {
      models.append(Entry(name: name, files: try await cache.verify(name) { onProgress(name, $0) }))
    }
  }

  /// The models that have wrong files.
  private var damaged: [Entry] { models.filter { !$0.wrong.isEmpty } }

  /// Removes wrong files, so that the next pull fetches just those.
  public func repair(_ cache: HubCache) throws {
    for entry in damaged { try cache.discardCorrupt(entry.files, of: entry.name) }
  }

  /// - Throws: `Failure` where a file is corrupt or missing.
  public func requireWhole(isRepaired: Bool) throws {
    guard let first = damaged.first else { return }
    let pull = "plimsoll models pull \(first.name)"
    throw Failure(
      .refusedInput, .hashMismatch, "\(counted(damaged.flatMap(\.wrong).count, "file")) corrupt or missing",
      remedy: isRepaired
        ? "\(pull) fetches only these" : "plimsoll models verify --repair \(first.name), then \(pull)")
  }

  public func rendered() -> String {
    guard !models.isEmpty else {
      return "Nothing to verify: no model is in the cache. plimsoll models pull fetches one."
    }
    var table = TextTable(["model", ">files", ">bytes", "verdict"])
    for entry in models {
      let counts = Dictionary(grouping: entry.files, by: \.verdict).mapValues(\.count)
      let words = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
      // A blob that several commits share is one.
      let shared = Dictionary(entry.files.map { ($0.expected ?? $0.commit + $0.path, $0.bytes) }) { first, _ in first }
      let bytes = shared.values.reduce(ByteCount.zero, +)
      table.add([entry.name, "\(entry.files.count)", "\(bytes)", words.joined(separator: ", ")])
      for file in entry.wrong {
        table.add(["  \(printable(file.path))", "", "\(file.bytes)", file.verdict.rawValue])
      }
    }
    return table.rendered()
  }
}
