import Platform
import Units

extension HubClient {
  /// Returns a repository at a revision, with the commit that it stands for. One request.
  public func repository(_ name: String, revision: String = "main") async throws -> HubRepository {
    let url = "\(endpoint.url)/api/models/\(name)/revision/\(HubName.encoded(revision, keepingSlashes: false))"
    let response = try await get(url, about: name, revision: revision)
    guard let record = try? JSONDecoder().decode(RepositoryRecord.self, from: Data(response.body)),
      var found = record.repository
    else { throw violation(url, "the repository's description cannot be read") }
    guard found.commit != nil else { throw violation(url, "it names no commit") }
    // A repository that was renamed answers under its new name; the one asked for stays the cache's.
    found.name = name
    return found
  }

  /// Returns every file of a repository at a commit, sorted by path. One request for each page.
  ///
  /// - Throws: `HubError.unsafeName` where any name could lead out of a folder, `.protocolViolated` where a hash is none.
  public func files(_ name: String, commit: String) async throws -> [HubFile] {
    let path = "/api/models/\(name)/tree/\(HubName.encoded(commit, keepingSlashes: false))?recursive=true"
    let records: [TreeRecord] = try await pages(endpoint.url + path, about: name, revision: commit)
    var files: [HubFile] = []
    var sizes: [String: Int] = [:]
    for record in records where record.type == "file" {
      guard HubName.isSafePath(record.path) else { throw HubError.unsafeName(name: record.path) }
      let file = try await described(record, of: name, commit: commit, listing: path)
      guard sizes.updateValue(file.bytes.bytes, forKey: file.etag) ?? file.bytes.bytes == file.bytes.bytes else {
        throw violation(path, "the hash of \(record.path) has two sizes")
      }
      files.append(file)
    }
    return files.sorted { $0.path < $1.path }
  }

  /// One entry of a listing with the hash of its content.
  ///
  /// The content of a large file, and of weights of any size, has a hash only among its LFS facts: the object's own hash and
  /// size may be those of a pointer to it. A server that leaves those facts out of its listings is asked for that file alone.
  private func described(
    _ record: TreeRecord, of name: String, commit: String, listing: String
  ) async throws -> HubFile {
    switch record.content {
    case .known(let file): return file
    case .mustBeAsked: return try await file(name, revision: commit, path: record.path).file
    case .refused(let cause): throw violation(listing, cause)
    }
  }

  /// Follows the `Link` headers of a listing to its end, within the Hub's own origin and `ListingLimits`.
  private func pages<Record: Decodable & Sendable>(
    _ url: String, about name: String, revision: String
  ) async throws -> [Record] {
    var records: [Record] = []
    var limits = ListingLimits()
    var next: String? = url
    while let address = next {
      let page: Page<Record> = try await page(address, about: name, revision: revision)
      guard limits.allow(page.records.count, bytes: page.bytes) else {
        throw violation(url, "the listing has no end (\(limits.records.grouped) entries on \(limits.pages) pages)")
      }
      records += page.records
      next = page.next
    }
    return records
  }

  /// One page of a listing and the address of the next.
  struct Page<Record: Decodable & Sendable>: Sendable {
    var records: [Record]
    var next: String?
    /// The length of the answer.
    var bytes: Int
  }

  func page<Record: Decodable & Sendable>(
    _ url: String, about name: String, revision: String = "main"
  ) async throws -> Page<Record> {
    let response = try await get(url, about: name, revision: revision)
    guard let records = try? JSONDecoder().decode([Record].self, from: Data(response.body)) else {
      throw violation(url, "the listing cannot be read")
    }
    guard let link = nextPage(response.headers["link"]) else {
      return Page(records: records, next: nil, bytes: response.body.count)
    }
    guard let next = resolveRedirect(link, from: url), WebOrigin(next) == WebOrigin(endpoint.url) else {
      throw violation(url, "its next page is on another server")
    }
    return Page(records: records, next: next, bytes: response.body.count)
  }
}

/// How much of a listing or a search is read before it is taken for one without an end.
struct ListingLimits {
  private(set) var pages = 0
  private(set) var records = 0
  private var bytes = 0

  /// Ten times the files of the largest models, and as much memory as that takes.
  private static let most = (pages: 200, records: 50_000, bytes: 64 << 20)

  /// Counts a page; false where it is one too many.
  mutating func allow(_ records: Int, bytes: Int) -> Bool {
    pages += 1
    self.records += records
    self.bytes += bytes
    return pages <= Self.most.pages && self.records <= Self.most.records && self.bytes <= Self.most.bytes
  }
}
