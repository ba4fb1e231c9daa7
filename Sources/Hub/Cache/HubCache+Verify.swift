import Platform
public import Units

extension HubCache {
  /// Hashes every file of a model's snapshots and compares with the hash that its blob is named after.
  ///
  /// A blob that several snapshots share is read once. Cancellation is heeded between files and every 64 MiB.
  ///
  /// - Throws: `HubError.notCached`, `CancellationError`.
  public func verify(
    _ repository: String, onProgress: @Sendable (ByteCount) -> Void = { _ in }
  ) async throws -> [VerifiedFile] {
    guard let model = model(repository) else { throw HubError.notCached(name: repository) }
    var found: [String: String] = [:]
    var verified: [VerifiedFile] = []
    var total = ByteCount.zero
    for snapshot in model.snapshots {
      for file in snapshot.files {
        try Task.checkCancellation()
        var result = VerifiedFile(path: file.path, commit: snapshot.commit, bytes: file.bytes, verdict: .unknown)
        result.expected = file.etag
        if file.isBroken {
          result.verdict = .missing
        } else if let etag = file.etag {
          if found[etag] == nil { found[etag] = try Self.hash("\(snapshot.path)/\(file.path)", etag: etag) }
          result.found = found[etag]
          result.verdict = result.found.map { $0 == etag ? .intact : .corrupt } ?? .missing
        }
        total += file.bytes
        onProgress(total)
        verified.append(result)
      }
    }
    return verified
  }

  /// Removes the blobs that verifying found corrupt, so that the next pull fetches just those; returns their files' paths.
  ///
  /// - Throws: `HubError.file` where a blob cannot be removed.
  @discardableResult
  public func discardCorrupt(_ files: [VerifiedFile], of repository: String) throws(HubError) -> [String] {
    var gone: Set<String> = []
    var paths: [String] = []
    for file in files where file.verdict == .corrupt {
      guard let etag = file.expected, HubName.isEtag(etag) else { continue }
      if gone.insert(etag).inserted { try delete(blob(repository, etag: etag)) }
      paths.append(file.path)
    }
    return paths
  }

  /// The hash of a file in the form of the etag; nil where it cannot be read.
  private static func hash(_ path: String, etag: String) throws -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    var hash = BlobHash(etag: etag, size: size)
    for start in stride(from: 0, to: size, by: 64 << 20) {
      try Task.checkCancellation()
      guard hash.update(descriptor: descriptor, range: start..<min(size, start + (64 << 20))) else { return nil }
    }
    return hash.hexDigest
  }

  /// Removes a model, or one commit of it with the blobs that no other commit uses; returns the bytes that became free.
  ///
  /// A blob that another process is fetching right now is left alone, and so is the model's folder then.
  ///
  /// - Throws: `HubError.notCached`, `.file`.
  @discardableResult
  public func remove(_ repository: String, commit: String? = nil) throws(HubError) -> ByteCount {
    guard let model = model(repository) else { throw .notCached(name: repository) }
    if let commit {
      guard let doomed = model.snapshots.first(where: { $0.commit == commit }) else {
        throw .notCached(name: "\(repository)@\(commit)")
      }
      if model.snapshots.count > 1 { return try remove(doomed, of: model) }
    }
    let locks = try unfinishedLocks(model)
    defer { withExtendedLifetime(locks) {} }
    try delete(model.folder)
    try? FileManager.default.removeItem(atPath: "\(root)/.locks/\(Self.folderName(repository))")
    return model.bytes
  }

  /// Takes the locks of unfinished blobs, so that no download is cut off under way.
  private func unfinishedLocks(_ model: CachedModel) throws(HubError) -> [FileLock] {
    var locks: [FileLock] = []
    for file in model.unfinished {
      let etag = String(file.path.prefix { $0 != "." })
      let path = lock(model.name, etag: etag)
      guard HubName.isEtag(etag), access(path, F_OK) == 0 else { continue }
      guard let taken = try FileLock(path) else {
        throw .file(.unwritable(path: model.folder, cause: "another process is fetching into it"))
      }
      locks.append(taken)
    }
    return locks
  }

  private func remove(_ snapshot: CachedSnapshot, of model: CachedModel) throws(HubError) -> ByteCount {
    let others = model.snapshots.filter { $0.commit != snapshot.commit }.flatMap(\.files).compactMap(\.etag)
    try delete(snapshot.path)
    for (name, commit) in model.references where commit == snapshot.commit {
      try delete("\(model.folder)/refs/\(name)")
    }
    var freed = ByteCount.zero
    var gone: Set<String> = []
    for file in snapshot.files {
      guard let etag = file.etag else {
        freed += file.bytes
        continue
      }
      guard !others.contains(etag), gone.insert(etag).inserted else { continue }
      try delete(blob(model.name, etag: etag))
      freed += file.bytes
    }
    return freed
  }

  private func delete(_ path: String) throws(HubError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw .file(.unwritable(path: path, cause: "it cannot be removed"))
    }
  }
}
