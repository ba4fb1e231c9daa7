public import Hub
public import Units

/// Fetches what a plan chose from the Hub, after asking where that is much.
public struct ModelDownload: Sendable {
  let remote: RemoteModel
  let client: HubClient
  let audience: Audience
  /// True where anything is fetched only when somebody said so: the user named a model, and not its files.
  var asksAlways = false

  /// More than this is fetched only when somebody said so.
  static let askedAbove = ByteCount(4_000_000_000)

  /// Fetches the form at a path of the cache, with all that belongs to it; what already exists is not fetched again.
  ///
  /// - Parameters:
  ///   - isAgreed: true where the user gave `--yes`.
  ///   - loadsPickles: true where the user gave `--allow-pickle`.
  /// - Throws: `Failure` where it is refused, `HubError` where it fails.
  public func fetch(_ path: String, isAgreed: Bool, loadsPickles: Bool) async throws {
    guard let variant = remote.variant(at: path) else {
      throw Failure(.failed, .nothingToFetch, "\(path) is none of the files of \(remote.repository)")
    }
    try HubDownloads.refusePickles(variant, of: remote.repository, isAllowed: loadsPickles)
    let cache = HubCache(root: client.endpoint.cache)
    let missing = variant.files.filter { !cache.holds(remote.repository, $0) }
    let bytes = missing.contentBytes
    try agree(to: bytes, variant.label, isAgreed: isAgreed)
    if !missing.isEmpty { audience.note("fetching \(bytes) of \(remote.repository), \(variant.label)") }
    _ = try await WatchedPull(client: client, audience: audience).pulled(
      variant.files, of: remote.repository, revision: remote.revision, commit: remote.commit)
  }

  /// Why the form at a path of the cache is not run; nil where it holds no pickles.
  public func pickles(at path: String) -> Reason? {
    guard let variant = remote.variant(at: path), variant.refusal(in: remote.repository) != nil else {
      return nil
    }
    return Reason(
      .pickleWeights, "\(remote.repository) has its weights as pickles, which can run any code when they are loaded",
      remedy: "use a safetensors or GGUF version of the model, or accept the risk with --allow-pickle")
  }

  private func agree(to bytes: ByteCount, _ label: String, isAgreed: Bool) throws {
    guard bytes > (asksAlways ? .zero : Self.askedAbove), !isAgreed else { return }
    if audience.confirm("fetch \(bytes) of \(remote.repository), \(label)?") { return }
    throw Failure(
      .failed, .downloadNotConfirmed, "\(remote.repository), \(label): \(bytes) were not fetched, for nobody agreed",
      remedy: "--yes")
  }
}

/// Rules on what may be fetched at all.
public enum HubDownloads {
  /// Refuses weights that run code when they are loaded.
  public static func refusePickles(_ variant: ModelVariant, of repository: String, isAllowed: Bool) throws {
    if let reason = variant.refusal(in: repository), !isAllowed { throw failure(reason) }
  }

  /// The same of a list of files.
  public static func refusePickles(_ files: [HubFile], of repository: String, isAllowed: Bool) throws {
    guard !isAllowed, files.contains(where: \.isPickle) else { return }
    throw failure(HubFile.pickleRefusal(of: repository))
  }

  private static func failure(_ reason: Reason) -> Failure {
    Failure(.refusedInput, reason.code, reason.message, remedy: reason.remedy)
  }
}
