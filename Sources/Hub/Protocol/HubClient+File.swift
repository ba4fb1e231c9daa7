import Platform
import Units

extension HubClient {
  /// Asks about one file by its own address alone, for servers that have files but no listings.
  ///
  /// Returns the commit beside the file. One request, and one for each redirect within the Hub.
  ///
  /// - Throws: `HubError`, `.protocolViolated` where the answer names no commit, size or usable hash.
  public func file(
    _ repository: String, revision: String, path: String
  ) async throws -> (commit: String, file: HubFile) {
    var address = fileAddress(repository, commit: revision, path: path)
    var known: [String: String] = [:]
    for _ in 0..<6 {
      let response = try await send(HTTPRequest("HEAD", address))
      // The first answer's word counts: what a content network says of itself does not.
      known.merge(response.headers) { first, _ in first }
      guard [301, 302, 303, 307, 308].contains(response.status) else {
        guard response.status == 200 else {
          throw refusal(response, url: address, name: repository, revision: revision, file: path)
        }
        known["content-length"] = response.headers["content-length"]
        known["etag"] = response.headers["etag"]
        return try described(known, path: path, address: address)
      }
      guard let next = response.headers["location"].flatMap({ resolveRedirect($0, from: address) }) else {
        throw violation(address, "it redirects to an unsafe address")
      }
      guard WebOrigin(next) == WebOrigin(endpoint.url) else {
        return try described(known, path: path, address: address)
      }
      address = next
    }
    throw violation(address, "it redirects in a circle")
  }

  private func described(
    _ headers: [String: String], path: String, address: String
  ) throws -> (commit: String, file: HubFile) {
    let etag = HubName.etag(headers["x-linked-etag"] ?? headers["etag"] ?? "")
    guard let commit = headers["x-repo-commit"], HubName.isCommit(commit) else {
      throw violation(address, "it names no commit for \(path)")
    }
    guard HubName.isEtag(etag) else { throw violation(address, "\(path) has no usable hash") }
    guard let size = Int(headers["x-linked-size"] ?? headers["content-length"] ?? ""), HubFile.isSize(size) else {
      throw violation(address, "\(path) has no possible size")
    }
    return (commit, HubFile(path: path, bytes: ByteCount(size), etag: etag))
  }
}
