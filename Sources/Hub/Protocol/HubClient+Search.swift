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

  /// What is asked of each result by name: parameter counts come no other way, and `full` excludes naming any.
  static let properties = [
    "downloads", "gated", "gguf", "lastModified", "likes", "pipeline_tag", "private", "safetensors", "sha", "tags",
  ]

  /// The request's query, encoded.
  var query: String {
    var items: [(String, String?)] = [("search", text), ("author", author), ("filter", format)]
    items += [("filter", licence.map { "license:\($0)" }), ("apps", engine), ("pipeline_tag", task)]
    let bounds = [leastParameters.map { "min:\($0)" }, mostParameters.map { "max:\($0)" }].compactMap { $0 }
    items += [("num_parameters", bounds.isEmpty ? nil : bounds.joined(separator: ","))]
    items += [("sort", order.rawValue), ("limit", "\(max(1, min(limit, 1000)))")]
    items += Self.properties.map { ("expand", $0) }
    return items.compactMap { name, value in
      value.map { "\(name)=\(HubName.encoded($0, keepingSlashes: false))" }
    }.joined(separator: "&")
  }
}

/// A count of parameters in the Hub's words: `6B`, `1.5b`, `500M`, or a bare number.
public struct ParameterCount: Hashable, Sendable {
  public let value: Double

  /// Reads a count; nil where the Hub would not understand it.
  public init?(_ text: String) {
    let factors: [Character: Double] = ["K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
    let factor = text.last.flatMap { factors[Character($0.uppercased())] }
    let digits = factor == nil ? text[...] : text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }),
      let number = Double(digits), number.isFinite
    else { return nil }
    value = number * (factor ?? 1)
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

  /// Returns the files of each repository in turn, and why some have none.
  ///
  /// A repository that the Hub refuses is passed over; where the Hub itself fails, the rest is not asked for.
  ///
  /// - Throws: `CancellationError`.
  public func files(of repositories: [HubRepository]) async throws -> HubListings {
    var listings = HubListings()
    for repository in repositories {
      do {
        let commit = repository.commit ?? "main"
        listings.files[repository.name] = try await files(repository.name, commit: commit)
      } catch let error as HubError {
        guard error.isAboutOneRepository else {
          listings.incomplete = error.reason
          break
        }
        listings.refused[repository.name] = error.reason
      }
    }
    return listings
  }
}

/// The files of several repositories.
public struct HubListings: Hashable, Sendable {
  /// By the repository's name.
  public var files: [String: [HubFile]] = [:]
  /// Why a repository's files are not known, by its name.
  public var refused: [String: Reason] = [:]
  /// Why the rest was not asked for, where that is so.
  public var incomplete: Reason?
}

extension HubError {
  /// True for what the Hub says of one repository or file, which tells nothing of the next; false where the Hub itself is
  /// busy, broken, out of reach, or refuses the token.
  public var isAboutOneRepository: Bool {
    switch self {
    case .offline, .unreachable, .rateLimited, .badToken: false
    case .serverFailed(_, let status, _): !RetryPolicy.isTemporary(status)
    default: true
    }
  }
}
