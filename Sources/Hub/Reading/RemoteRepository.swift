public import Models
import Units

/// One revision of a repository on the Hub, as a folder of a model's files.
public struct RemoteRepository: ModelFolder {
  public let name: String
  public let repository: String
  public let commit: String
  /// With hashes; what `files()` gives without.
  public let listing: [HubFile]
  private let client: HubClient

  /// Looks up the commit and lists the files: two requests, and one for each further page.
  public init(_ reference: HubReference, client: HubClient) async throws {
    let found = try await client.repository(reference.repository, revision: reference.revision)
    let commit = found.commit ?? reference.revision
    try await self.init(
      repository: reference.repository, commit: commit, listing: client.files(reference.repository, commit: commit),
      client: client)
  }

  /// Creates a folder from a listing that already exists; no requests.
  public init(repository: String, commit: String, listing: [HubFile], client: HubClient) async throws {
    name = "hf:\(repository)"
    self.repository = repository
    self.commit = commit
    self.listing = listing
    self.client = client
  }

  public func files() async throws -> [ModelFile] {
    listing.map { ModelFile(path: $0.path, bytes: $0.bytes) }
  }

  /// Sorts the files into choices; the index of shards is read where names alone leave doubt.
  ///
  /// - Throws: `HubError.unsafeName` where the index names a file that could lie elsewhere.
  public func selection() async throws -> FileSelection {
    let byNames = FileSelection(repository: repository, files: listing)
    guard let index = byNames.undecidedIndex, index.bytes <= FileSelection.longestIndex else { return byNames }
    let bytes = try await open(index.path).read(0..<index.bytes.bytes)
    return FileSelection(repository: repository, files: listing, shards: try FileSelection.shards(inIndex: bytes))
  }

  public func open(_ path: String) async throws -> any ByteSource {
    guard let file = listing.first(where: { $0.path == path }) else {
      throw HubError.missingFile(name: repository, file: path)
    }
    return try await RemoteFile(
      url: client.fileAddress(repository, commit: commit, path: path), name: "\(name)/\(path)", client: client,
      expectedSize: file.bytes, repository: repository)
  }
}

extension HubClient {
  /// The address at which a file of a repository is resolved.
  func fileAddress(_ repository: String, commit: String, path: String) -> String {
    "\(endpoint.url)/\(repository)/resolve/\(HubName.encoded(commit, keepingSlashes: false))/"
      + HubName.encoded(path, keepingSlashes: true)
  }

  /// Opens one file named by `hf:org/name[@revision]:file` with no listing: one request and its redirects.
  ///
  /// - Throws: `HubError.badReference` where no file is named.
  public func open(_ reference: HubReference) async throws -> RemoteFile {
    guard let path = reference.selection, path.contains(".") else {
      throw HubError.badReference(text: "hf:\(reference)", cause: "it names no file")
    }
    return try await RemoteFile(
      url: fileAddress(reference.repository, commit: reference.revision, path: path),
      name: "hf:\(reference.repository)/\(path)", client: self, repository: reference.repository)
  }

  /// Opens a file behind a plain address; the token goes along only where that is the Hub's own origin.
  public func open(address: String) async throws -> RemoteFile {
    try await RemoteFile(url: address, name: String(address.prefix { $0 != "?" && $0 != "#" }), client: self)
  }
}
