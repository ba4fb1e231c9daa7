import Models
import Platform
import Units

extension HubCache {
  /// Returns every model in the cache, sorted by name; data sets and spaces are left out.
  public func models() -> [CachedModel] {
    DiskTree().list(root).compactMap { folder in
      guard folder.hasPrefix("models--") else { return nil }
      let name = String(folder.dropFirst(8)).replacing("--", with: "/")
      guard HubName.isRepository(name), let model = model(name) else { return nil }
      // A refused pull leaves the folders alone.
      return model.snapshots.isEmpty && model.unfinished.isEmpty ? nil : model
    }
  }

  /// Returns one model of the cache; nil where there is none.
  public func model(_ repository: String) -> CachedModel? {
    guard HubName.isRepository(repository) else { return nil }
    let place = folder(repository)
    guard isFolder(place) else { return nil }
    let blobs = files(below: "\(place)/blobs", depth: 0)
    let unfinished = blobs.filter { $0.hasSuffix(".incomplete") }.compactMap { path -> CachedFile? in
      let name = String(path.dropFirst("\(place)/blobs/".count))
      return status(path).map { CachedFile(path: name, bytes: ByteCount(Int($0.st_blocks) * 512), etag: nil) }
    }
    var references: [String: String] = [:]
    for path in files(below: "\(place)/refs", depth: 0) {
      let name = String(path.dropFirst("\(place)/refs/".count))
      if let commit = DiskTree().text(path, limit: 100), HubName.isCommit(commit) { references[name] = commit }
    }
    let snapshots = DiskTree().list("\(place)/snapshots").filter { HubName.isCommit($0) }.map { commit in
      CachedSnapshot(commit: commit, path: "\(place)/snapshots/\(commit)", files: snapshotFiles(repository, commit))
    }
    let whole = blobs.filter { HubName.isEtag(String($0.split(separator: "/").last ?? "")) }
    let finished = whole.compactMap { status($0).map { Int($0.st_size) } }.reduce(0, +)
    let plain = snapshots.flatMap(\.files).filter { $0.etag == nil && !$0.isBroken }.reduce(0) { $0 + $1.bytes.bytes }
    let begun = unfinished.reduce(0) { $0 + $1.bytes.bytes }
    return CachedModel(
      name: repository, folder: place, references: references, snapshots: snapshots,
      bytes: ByteCount(finished + plain + begun), unfinished: unfinished)
  }

  private func snapshotFiles(_ repository: String, _ commit: String) -> [CachedFile] {
    let base = "\(snapshot(repository, commit: commit))/"
    return files(below: String(base.dropLast()), depth: 0).map { path in
      let name = String(path.dropFirst(base.count))
      let target = DiskTree().link(path)
      let last = target?.split(separator: "/").last.map { String($0) } ?? ""
      let followed = status(path)
      return CachedFile(
        path: name, bytes: ByteCount(followed.map { Int($0.st_size) } ?? 0),
        etag: HubName.isEtag(last) ? last : nil, isBroken: followed == nil)
    }
  }

  /// Paths of everything below a folder that is not a folder itself; links to folders are not entered.
  func files(below folder: String, depth: Int) -> [String] {
    guard depth < 32 else { return [] }
    return DiskTree().list(folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return isFolder(path) ? files(below: path, depth: depth + 1) : [path]
    }
  }

  private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The status of what a path leads to; nil where that is nothing.
  private func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// Returns the files of the cache that a reference names, with no network; nil where nothing of it is there.
  ///
  /// - Throws: `HubError.noMatch`, `.ambiguous` where the reference does not name one choice of what is there,
  ///   `.missingParts` where a part of the one that it names is missing.
  public func locate(_ reference: HubReference) throws -> PullResult? {
    guard let commit = commit(reference.repository, revision: reference.revision) else { return nil }
    let place = snapshot(reference.repository, commit: commit)
    let present = snapshotFiles(reference.repository, commit)
    let listing = present.filter { !$0.isBroken }.map { HubFile(path: $0.path, bytes: $0.bytes, etag: $0.etag ?? "") }
    guard !listing.isEmpty else { return nil }
    let selection = FileSelection(
      repository: reference.repository, files: listing, shards: try shards(listing, at: place))
    let variant = try selection.choose(reference.selection)
    let missing = Self.missingParts(of: variant, at: place)
    guard missing.isEmpty else { throw HubError.missingParts(name: "\(reference)", missing: missing) }
    return PullResult(
      repository: reference.repository, revision: reference.revision, commit: commit, snapshot: place,
      files: variant.files, bytesFound: variant.bytes, bytesFetched: .zero, requests: 0, seconds: 0)
  }

  /// The shards that the index of a snapshot names; nil where it has none that can be read.
  private func shards(_ listing: [HubFile], at place: String) throws -> [String]? {
    guard let index = listing.first(where: { $0.path == FileSelection.indexName }),
      index.bytes <= FileSelection.longestIndex,
      let bytes = DiskTree().read("\(place)/\(index.path)", limit: index.bytes.bytes)
    else { return nil }
    return try FileSelection.shards(inIndex: bytes)
  }

  /// Parts that the first file's own header counts (`split.count`) and its name does not.
  private static func missingParts(of variant: ModelVariant, at place: String) -> [String] {
    guard let first = variant.weights.first, first.path.hasSuffix(".gguf"),
      let file = try? MappedFile("\(place)/\(first.path)"),
      let header = try? file.withBytes({ bytes throws(ModelError) in try GGUFHeader(parsing: bytes) }),
      let count = header.metadata["split.count"]?.integer, count > variant.weights.count
    else { return [] }
    let named = SplitName.missing(from: variant.weights.map(\.path), count: count)
    return named.isEmpty ? ["\(count - variant.weights.count) parts beside \(first.path)"] : named
  }
}
