import Dispatch
import Platform
public import Units

/// What a finished download left in the cache.
public struct PullResult: Hashable, Sendable, Codable {
  public var repository: String
  public var revision: String
  public var commit: String
  /// The folder with the files under their own names.
  public var snapshot: String
  public var files: [HubFile]
  /// Bytes that were in the cache already, whole or in part.
  public var bytesFound: ByteCount
  public var bytesFetched: ByteCount
  public var requests: Int
  public var seconds: Double

  /// The path of a file in the snapshot.
  public func path(of file: HubFile) -> String { "\(snapshot)/\(file.path)" }
}

/// Fetches files of one commit into the cache: resumed where an earlier run stopped, verified before they are visible.
public struct Puller: Sendable {
  private let client: HubClient
  private let cache: HubCache
  private var options: PullOptions
  /// Kept free beyond what is fetched, for everyone else on the disk.
  private static let reserve = ByteCount.mebibytes(64)

  public init(client: HubClient, options: PullOptions = PullOptions()) {
    self.client = client
    cache = HubCache(root: client.endpoint.cache)
    self.options = options
    self.options.retries = client.retries
  }

  /// Fetches what is missing of the files and links each into the snapshot as soon as it is verified.
  ///
  /// The revision's reference is written when all are there. A cancelled or failed download keeps what it has for the
  /// next one.
  public func pull(
    _ files: [HubFile], of repository: String, revision: String, commit: String,
    onProgress: @escaping @Sendable (PullProgress) -> Void = { _ in }
  ) async throws -> PullResult {
    guard HubName.isRepository(repository), HubName.isCommit(commit) else { throw HubError.unsafeName(name: commit) }
    for file in files {
      guard HubName.isSafePath(file.path), HubName.isEtag(file.etag) else { throw HubError.unsafeName(name: file.path) }
    }
    let start = ContinuousClock.now
    let before = client.ledger.totals
    // A cache that somebody else filled may be read-only, or hold plain files: what is whole there is taken as it is.
    if cache.shows(files, of: repository, commit: commit) {
      // Where it cannot be noted which commit the name stands for, the files serve all the same.
      try? cache.writeReference(repository, revision: revision, commit: commit)
      return PullResult(
        repository: repository, revision: revision, commit: commit,
        snapshot: cache.snapshot(repository, commit: commit), files: files, bytesFound: files.contentBytes,
        bytesFetched: .zero, requests: before.requests, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    try cache.prepare(repository)
    let missing = files.filter { !cache.holds(repository, $0) && !cache.shows([$0], of: repository, commit: commit) }
    // The same content under two names is one blob.
    let partial = Dictionary(grouping: missing, by: \.etag).values.compactMap(\.first)
      .reduce(0) { $0 + partialBytes(repository, $1) }
    try checkSpace(missing, alreadyThere: partial)
    for file in files where !missing.contains(file) && cache.holds(repository, file) {
      PartialFile.forgetState(ofBlob: cache.blob(repository, etag: file.etag))
      try cache.link(repository, commit: commit, file: file)
    }
    if !missing.isEmpty {
      guard !client.endpoint.isOffline else { throw HubError.offline(wanted: repository) }
      try await fetch(missing, of: repository, commit: commit, onProgress: onProgress)
    }
    try cache.writeReference(repository, revision: revision, commit: commit)
    let after = client.ledger.totals
    let present = (files.contentBytes - missing.contentBytes).bytes
    return PullResult(
      repository: repository, revision: revision, commit: commit,
      snapshot: cache.snapshot(repository, commit: commit), files: files, bytesFound: ByteCount(present + partial),
      bytesFetched: after.bytes - before.bytes, requests: after.requests,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func fetch(
    _ missing: [HubFile], of repository: String, commit: String, onProgress: @escaping @Sendable (PullProgress) -> Void
  ) async throws {
    let cache = self.cache
    let client = self.client
    // The same content under two names is fetched once.
    let byEtag = Dictionary(grouping: missing, by: \.etag)
    var seen: Set<String> = []
    let transfers = missing.filter { seen.insert($0.etag).inserted }.map { file in
      FileTransfer(
        file: file, url: client.fileAddress(repository, commit: commit, path: file.path),
        blob: cache.blob(repository, etag: file.etag), lockPath: cache.lock(repository, etag: file.etag))
    }
    var options = self.options
    options.repository = repository
    let loop = TransferLoop(
      files: transfers, endpoint: client.endpoint, ledger: client.ledger, options: options,
      onDone: { file throws(HubError) in
        for same in byEtag[file.etag] ?? [] { try cache.link(repository, commit: commit, file: same) }
      }, onProgress: onProgress)
    guard let loop else { throw HubError.unreachable(.refused(cause: "libcurl could not be started")) }
    let outcome: Result<Void, any Error> = await withTaskCancellationHandler {
      await withCheckedContinuation { done in
        DispatchQueue(label: "plimsoll.pull").async { done.resume(returning: Result { try loop.run() }) }
      }
    } onCancel: {
      loop.cancel()
    }
    try outcome.get()
  }

  /// Bytes on disk of an unfinished blob: allocated ones, since its size is set from the start.
  private func partialBytes(_ repository: String, _ file: HubFile) -> Int {
    var status = stat()
    let blob = cache.blob(repository, etag: file.etag)
    guard stat(blob + ".plimsoll.incomplete", &status) == 0 else { return 0 }
    return min(Int(status.st_blocks) * 512, file.bytes.bytes)
  }

  private func checkSpace(_ missing: [HubFile], alreadyThere: Int) throws(HubError) {
    guard !missing.isEmpty, let free = cache.freeBytes() else { return }
    let needed = missing.contentBytes - ByteCount(alreadyThere) + Self.reserve
    guard needed <= free else { throw .diskFull(path: cache.root, needed: needed, free: free) }
  }
}
