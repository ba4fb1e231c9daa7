public import Units

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
    var limits = ListingLimits()
    var next: String? = "\(endpoint.url)/api/models?\(search.query)"
    while let address = next, found.count < search.limit {
      do {
        let page: Page<RepositoryRecord> = try await page(address, about: "search")
        found += page.records.compactMap(\.repository)
        next = page.records.isEmpty ? nil : page.next
        guard limits.allow(page.records.count, bytes: page.bytes) || next == nil else {
          throw violation(address, "the search has no end")
        }
      } catch let error as HubError where !found.isEmpty {
        // What came is still of use.
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
