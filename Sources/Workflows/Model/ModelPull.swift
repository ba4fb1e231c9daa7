public import Hub
import Platform
import Units

/// Fetches a model, or every file of its repository, into the cache that every tool shares.
public struct ModelPull: Sendable {
  let reference: HubReference
  let client: HubClient
  let audience: Audience
  /// True where every file of the repository is meant.
  let takesAll: Bool
  let loadsPickles: Bool

  public init(_ reference: HubReference, takesAll: Bool, loadsPickles: Bool, in workspace: Workspace) {
    self.reference = reference
    self.takesAll = takesAll
    self.loadsPickles = loadsPickles
    client = workspace.hubClient()
    audience = workspace.audience
  }

  /// What to fetch.
  public struct Found: Sendable {
    public var commit: String
    public var files: [HubFile]
    /// How many projectors there were to choose from.
    public var projectors = 0
    public var projector: HubFile?
  }

  /// The commit and what to fetch of it; a file of a server without listings is asked for by its own address.
  ///
  /// - Throws: `HubError`, and `Failure` for pickles that were not agreed to.
  public func found() async throws -> Found {
    do {
      let repository = try await RemoteRepository(reference, client: client)
      if takesAll {
        try HubDownloads.refusePickles(repository.listing, of: reference.repository, isAllowed: loadsPickles)
        return Found(commit: repository.commit, files: repository.listing)
      }
      return try choose(try await repository.selection(), commit: repository.commit)
    } catch HubError.missingRepository(let name, let hasToken) {
      guard let path = reference.selection, path.contains("."), !takesAll else {
        throw HubError.missingRepository(name: name, hasToken: hasToken)
      }
      let found = try await client.file(reference.repository, revision: reference.revision, path: path)
      let alone = FileSelection(repository: reference.repository, files: [found.file])
      return try choose(alone, commit: found.commit)
    }
  }

  private func choose(_ selection: FileSelection, commit: String) throws -> Found {
    let variant = try selection.choose(reference.selection)
    try HubDownloads.refusePickles(variant, of: reference.repository, isAllowed: loadsPickles)
    return Found(
      commit: commit, files: variant.files, projectors: selection.projectorCount, projector: variant.projector)
  }

  /// Fetches what was found, verified; what already exists is not fetched again.
  public func pulled(_ found: Found, options: PullOptions = PullOptions()) async throws -> PullResult {
    try await WatchedPull(client: client, audience: audience, options: options).pulled(
      found.files, of: reference.repository, revision: reference.revision, commit: found.commit)
  }
}
