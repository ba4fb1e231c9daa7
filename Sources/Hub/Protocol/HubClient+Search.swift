public import Units

/// What to look for on the Hub. Everything that is nil is not asked for.
public struct HubSearch: Hashable, Sendable {
  /// How results are ordered, the most first.
  public enum Order: String, Hashable, Sendable, CaseIterable {
    case downloads, likes
    case trending = "trendingScore"
    case created = "createdAt"
    case modified = "lastModified"
  }

  public var text: String
  public var author: String?
  /// `gguf`, `safetensors` or `mlx`.
  public var format: String?
  /// An engine's name on the Hub: `llama.cpp`, `vllm`, `mlx-lm`.
  public var engine: String?
  public var licence: String?
  public var task: String?
  /// Parameters in the Hub's words: `6B`, `500M`.
  public var leastParameters: String?
  public var mostParameters: String?
  public var order: Order = .downloads
  public var limit = 20

  public init(text: String) { self.text = text }

  /// The request's query, encoded.
  var query: String {
    var items: [(String, String?)] = [("search", text), ("author", author), ("filter", format)]
    items += [("filter", licence.map { "license:\($0)" }), ("apps", engine), ("pipeline_tag", task)]
    let bounds = [leastParameters.map { "min:\($0)" }, mostParameters.map { "max:\($0)" }].compactMap { $0 }
    items += [("num_parameters", bounds.isEmpty ? nil : bounds.joined(separator: ","))]
    items += [("sort", order.rawValue), ("limit", "\(max(1, min(limit, 1000)))"), ("full", "true")]
    return items.compactMap { name, value in
      value.map { "\(name)=\(HubName.encoded($0, keepingSlashes: false))" }
    }.joined(separator: "&")
  }
}

/// What a search found, and whether that is all.
public struct HubSearchResult: Hashable, Sendable, Codable {
  public var repositories: [HubRepository]
  /// Why the list ends early, where it does; nil where it is complete or as long as asked.
  public var incomplete: Reason?
}

extension HubClient {
  /// Finds repositories; pages are fetched until there are enough.
  ///
  /// Where the Hub stops answering in the middle, what came so far is returned with the reason. A failure on the first
  /// page throws.
  public func search(_ search: HubSearch) async throws -> HubSearchResult {
    var found: [HubRepository] = []
    var next: String? = "\(endpoint.url)/api/models?\(search.query)"
    while let address = next, found.count < search.limit {
      do {
        let page: Page<RepositoryRecord> = try await page(address, about: "search")
        found += page.records.compactMap(\.repository)
        next = page.records.isEmpty ? nil : page.next
      } catch let error as HubError where !found.isEmpty {
        return HubSearchResult(repositories: found, incomplete: error.reason)
      }
    }
    return HubSearchResult(repositories: Array(found.prefix(search.limit)), incomplete: nil)
  }

  /// Returns the files of each repository in turn, until the Hub refuses; the second part says why it ended early.
  public func files(
    of repositories: [HubRepository]
  ) async throws -> (files: [String: [HubFile]], incomplete: Reason?) {
    var files: [String: [HubFile]] = [:]
    for repository in repositories {
      do {
        files[repository.name] = try await self.files(repository.name, commit: repository.commit ?? "main")
      } catch let error as HubError {
        if case .gated = error { continue }
        return (files, error.reason)
      }
    }
    return (files, nil)
  }
}
