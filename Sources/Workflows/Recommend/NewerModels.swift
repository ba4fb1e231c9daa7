import Foundation
import Hub
import Models
import Planning
import Platform
import Profiles
import Reporting
import Synchronization
import Units

/// Asks the Hub for models that the makers of listed ones have published since the catalogue was made.
///
/// A few requests at most: a page of the newest for each of a few families, and the configuration of the best fitting. What
/// came until the time is up counts; nothing depends on it.
struct NewerModels: Sendable {
  /// What was found, as entries that can be planned and ranked like the catalogue's.
  struct Found: Sendable {
    var entries: [ModelEntry] = []
    /// Why it may not be all.
    var incomplete: Reason?
    /// The requests that it took.
    var cost = RequestLedger.Totals()
  }

  let client: HubClient
  let use: Use
  var seconds = 20.0

  private static let mostFamilies = 4
  private static let pageSize = 30
  private static let mostConfigurations = 8
  private static let mostBytes = ByteCount.mebibytes(8)
  private static let longestConfiguration = 1 << 20

  /// - Parameters:
  ///   - families: entries whose families are asked for, the most wanted first.
  ///   - catalogue: everything that is known already.
  ///   - room: bytes of memory that a model could lie in.
  /// - Throws: `CancellationError`.
  func found(beside families: [ModelEntry], catalogue: [ModelEntry], room: Double) async throws -> Found {
    let kept = Kept()
    let isDone = await withTaskGroup(of: Bool.self) { [self] group in
      group.addTask {
        do {
          let rest = try await search(families, catalogue, room: room) { entry in
            kept.found.withLock { $0.entries.append(entry) }
          }
          kept.found.withLock { $0.incomplete = rest }
        } catch let error as any ExplainedError {
          kept.found.withLock { $0.incomplete = error.reason }
        } catch {
          kept.found.withLock { $0.incomplete = Reason(.failed, "the Hub's answer is incomplete: \(error)") }
        }
        return true
      }
      group.addTask { [seconds] in
        try? await Task.sleep(for: .seconds(seconds))
        return false
      }
      let isFirst = await group.next() ?? false
      group.cancelAll()
      return isFirst
    }
    try Task.checkCancellation()
    var result = kept.found.withLock { $0 }
    if !isDone {
      result.incomplete = Reason(
        .timedOut, "the Hub did not answer everything within \(formattedSeconds(seconds))", remedy: "try again later")
    }
    result.cost = client.ledger.totals
    return result
  }

  /// What came so far, for when the time is up.
  private final class Kept: Sendable {
    let found = Mutex(Found())
  }

  /// One family of one maker.
  private struct Family: Hashable {
    var owner: String
    /// The word that its repositories begin with, in small letters: `qwen` of Qwen3.5.
    var word: String
  }

  private func search(
    _ families: [ModelEntry], _ catalogue: [ModelEntry], room: Double, _ add: @Sendable (ModelEntry) -> Void
  ) async throws -> Reason? {
    var incomplete: Reason?
    var known = Set(catalogue.map { $0.repository.lowercased() })
    var asked: [Family] = []
    var configurations = 0
    for entry in families {
      guard asked.count < Self.mostFamilies, let family = Self.family(of: entry), !asked.contains(family) else {
        continue
      }
      asked.append(family)
      let siblings = catalogue.filter { Self.family(of: $0) == family }
      let newest = siblings.compactMap(\.released).max() ?? ""
      var search = HubSearch(text: family.word)
      (search.author, search.order, search.limit) = (family.owner, .created, Self.pageSize)
      let result = try await client.search(search)
      incomplete = incomplete ?? result.incomplete
      for repository in result.repositories where isWanted(repository, newest: newest, room: room) {
        // The Hub matches words anywhere in a name, and a mirror may answer with anything.
        guard repository.name.lowercased().hasPrefix("\(family.owner)/\(family.word)".lowercased()),
          known.insert(repository.name.lowercased()).inserted
        else { continue }
        guard configurations < Self.mostConfigurations, client.ledger.totals.bytes < Self.mostBytes else {
          return Reason(.failed, "the Hub has more newer models than were looked at")
        }
        configurations += 1
        if let entry = try await self.entry(repository, like: siblings) { add(entry) }
      }
    }
    return incomplete
  }

  private static func family(of entry: ModelEntry) -> Family? {
    let owner = entry.repository.prefix { $0 != "/" }
    let word = entry.repository.dropFirst(owner.count + 1).prefix { $0.isLetter }
    return word.count < 2 ? nil : Family(owner: String(owner), word: word.lowercased())
  }

  /// True for a model of the use that is newer than what is known of its family, is no quantized copy, and could fit.
  private func isWanted(_ repository: HubRepository, newest: String, room: Double) -> Bool {
    guard let created = repository.created, created > newest, !created.hasPrefix(newest) || newest.isEmpty,
      let parameters = repository.parameters, parameters > 0, Double(parameters) * 2.4 / 8 <= room,
      !repository.isPrivate,
      !repository.tags.contains(where: { $0.hasPrefix("base_model:quantized:") })
    else { return false }
    let task = repository.task ?? ""
    switch use {
    case .embedding: return ["feature-extraction", "sentence-similarity"].contains(task)
    case .vision: return task == "image-text-to-text"
    case .chat, .code, .reasoning, .rag:
      // The Hub's word for a model whose tokenizer has a chat template.
      return ["text-generation", "image-text-to-text"].contains(task) && repository.tags.contains("conversational")
    }
  }

  /// The repository as an entry of the catalogue; nil where its configuration describes no model.
  private func entry(_ repository: HubRepository, like siblings: [ModelEntry]) async throws -> ModelEntry? {
    let revision = repository.commit ?? "main"
    let configuration: [UInt8]
    do {
      let file = try await client.open(
        HubReference(repository: repository.name, revision: revision, selection: "config.json"))
      configuration = try await file.read(0..<min(file.size?.bytes ?? 0, Self.longestConfiguration))
    } catch let error as HubError where error.isAboutOneRepository {
      return nil
    }
    let latest = siblings.max { ($0.released ?? "") < ($1.released ?? "") }
    guard let stated = ModelEntry(repository, configuration: configuration, like: latest),
      let model = try? stated.model()
    else { return nil }
    return ModelEntry(
      repository, configuration: configuration, like: latest, activeParameters: model.activeParameters?.value)
  }
}

extension ModelEntry {
  /// Reads an entry of what the Hub says of a repository; its name is what commands take.
  ///
  /// - Parameter sibling: the newest known model of the family: what it is used for, its maker and family.
  fileprivate init?(
    _ repository: HubRepository, configuration: [UInt8], like sibling: ModelEntry?, activeParameters: Int? = nil
  ) {
    func text(_ value: some Encodable) -> String { JSONOutput.line(value) }
    // One object, written anew: nothing in a stranger's file becomes a member beside it.
    guard let object = try? JSONSerialization.jsonObject(with: Data(configuration)) as? [String: Any],
      let config = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    else { return nil }
    var uses = Set(sibling?.uses ?? [])
    if repository.task == "image-text-to-text" { uses.insert(.vision) } else { uses.remove(.vision) }
    let parameters = repository.parameters ?? 0
    var members = [
      "repository": text(repository.name), "parameters": text(parameters),
      "maker": text(sibling?.maker ?? String(repository.name.prefix { $0 != "/" })),
      "family": text(sibling?.family ?? ""), "tasks": text(uses.map(\.rawValue).sorted()),
      "gated": text(repository.isGated), "sources": text(["the Hub, \(repository.lastModified ?? "")"]),
      "config": String(decoding: config, as: UTF8.self),
    ]
    members["released"] = repository.created.map { text(String($0.prefix(10))) }
    members["license"] = repository.licence.map { text($0) }
    members["activeParameters"] = activeParameters.map { text($0) }
    let document =
      "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    guard let entry = try? ModelEntry(parsing: Array(document.utf8), name: "hf:\(repository.name)") else { return nil }
    self = entry
    contextLength = contextLength ?? (try? model()).map(\.shape.contextLength)
  }
}
