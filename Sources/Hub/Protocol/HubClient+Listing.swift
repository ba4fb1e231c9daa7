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
    for record in records where record.type == "file" {
      guard HubName.isSafePath(record.path) else { throw HubError.unsafeName(name: record.path) }
      let etag = record.lfs?.oid ?? record.lfs?.sha256 ?? record.oid ?? ""
      guard HubName.isEtag(etag) else { throw violation(path, "\(record.path) has no usable hash") }
      guard let size = record.lfs?.size ?? record.size, size >= 0 else {
        throw violation(path, "\(record.path) has no size")
      }
      files.append(HubFile(path: record.path, bytes: ByteCount(size), etag: etag))
    }
    return files.sorted { $0.path < $1.path }
  }

  /// Follows the `Link` headers of a listing to its end, within the Hub's own origin and 1000 pages.
  private func pages<Record: Decodable & Sendable>(
    _ url: String, about name: String, revision: String
  ) async throws -> [Record] {
    var records: [Record] = []
    var next: String? = url
    for _ in 0..<1000 {
      guard let address = next else { return records }
      let page: Page<Record> = try await page(address, about: name, revision: revision)
      records += page.records
      next = page.next
    }
    throw violation(url, "the listing has no end")
  }

  /// One page of a listing and the address of the next.
  struct Page<Record: Decodable & Sendable>: Sendable {
    var records: [Record]
    var next: String?
  }

  func page<Record: Decodable & Sendable>(
    _ url: String, about name: String, revision: String = "main"
  ) async throws -> Page<Record> {
    let response = try await get(url, about: name, revision: revision)
    guard let records = try? JSONDecoder().decode([Record].self, from: Data(response.body)) else {
      throw violation(url, "the listing cannot be read")
    }
    guard let link = nextPage(response.headers["link"]) else { return Page(records: records, next: nil) }
    guard let next = resolveRedirect(link, from: url), WebOrigin(next) == WebOrigin(endpoint.url) else {
      throw violation(url, "its next page is on another server")
    }
    return Page(records: records, next: next)
  }
}
