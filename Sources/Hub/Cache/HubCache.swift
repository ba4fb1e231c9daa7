import Platform
public import Units

/// The Hugging Face cache on disk, laid out as the official client does, so that it is shared with every other tool.
///
/// `models--ORG--NAME/` holds `blobs/HASH`, `snapshots/COMMIT/PATH` as relative links to them, and `refs/REVISION` with
/// a commit; `.locks/models--ORG--NAME/HASH.lock` guards one blob while it is fetched.
public struct HubCache: Hashable, Sendable {
  /// The folder that `HF_HUB_CACHE` names.
  public let root: String

  public init(root: String) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
  }

  /// `models--org--name`.
  static func folderName(_ repository: String) -> String {
    "models--" + repository.split(separator: "/").joined(separator: "--")
  }

  func folder(_ repository: String) -> String { "\(root)/\(Self.folderName(repository))" }

  func blob(_ repository: String, etag: String) -> String { "\(folder(repository))/blobs/\(etag)" }

  func lock(_ repository: String, etag: String) -> String {
    "\(root)/.locks/\(Self.folderName(repository))/\(etag).lock"
  }

  /// The folder of one commit's files.
  public func snapshot(_ repository: String, commit: String) -> String {
    "\(folder(repository))/snapshots/\(commit)"
  }

  /// True where a file's blob is here with all its bytes; one that was cut short since it was fetched is not.
  public func holds(_ repository: String, _ file: HubFile) -> Bool {
    HubName.isEtag(file.etag) && Self.isWhole(blob(repository, etag: file.etag), file.bytes)
  }

  /// True where a snapshot already shows each file with all its bytes, as links to blobs or as plain files.
  func shows(_ files: [HubFile], of repository: String, commit: String) -> Bool {
    let folder = snapshot(repository, commit: commit)
    return files.allSatisfy { Self.isWhole("\(folder)/\($0.path)", $0.bytes) }
  }

  /// True where a path leads to a file of that size, by whatever links.
  static func isWhole(_ path: String, _ size: ByteCount) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && Int(status.st_size) == size.bytes
  }

  /// The commit that a revision was last seen at; the revision itself where it is a commit.
  public func commit(_ repository: String, revision: String) -> String? {
    if HubName.isCommit(revision) { return revision }
    guard HubName.isSafePath(revision) else { return nil }
    let text = DiskTree().text("\(folder(repository))/refs/\(revision)", limit: 100)
    return text.flatMap { HubName.isCommit($0) ? $0 : nil }
  }

  /// Makes the folders that a download needs, and marks the cache for backup programs as the official client does.
  func prepare(_ repository: String) throws(HubError) {
    for path in ["blobs", "refs", "snapshots"].map({ "\(folder(repository))/\($0)" })
      + ["\(root)/.locks/\(Self.folderName(repository))"]
    {
      try makeFolder(path)
    }
    let tag = "\(root)/CACHEDIR.TAG"
    guard access(tag, F_OK) != 0 else { return }
    let text = """
      Signature: 8a477f597d28d172789f06886806bc55
      # This file is a cache directory tag created by Plimsoll.
      # For information about cache directory tags, see: https://bford.info/cachedir/

      """
    // A cache that others own may be read-only here; the tag is a courtesy.
    try? writeAtomically(Array(text.utf8), to: tag)
  }

  /// Makes a blob visible under its path in a snapshot, by a relative link.
  func link(_ repository: String, commit: String, file: HubFile) throws(HubError) {
    let place = "\(snapshot(repository, commit: commit))/\(file.path)"
    let depth = file.path.split(separator: "/").count + 1
    let target = String(repeating: "../", count: depth) + "blobs/\(file.etag)"
    try makeFolder(String(place.prefix(upTo: place.lastIndex(of: "/") ?? place.endIndex)))
    if symlink(target, place) == 0 { return }
    if (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) == target { return }
    let temporary = temporaryName(repository)
    guard symlink(target, temporary) == 0, rename(temporary, place) == 0 else {
      let cause = String(cString: strerror(errno))
      unlink(temporary)
      throw .file(.unwritable(path: place, cause: cause))
    }
  }

  /// Notes which commit a branch or tag stands for.
  func writeReference(_ repository: String, revision: String, commit: String) throws(HubError) {
    guard revision != commit, HubName.isSafePath(revision) else { return }
    let path = "\(folder(repository))/refs/\(revision)"
    guard DiskTree().text(path, limit: 100) != commit else { return }
    try makeFolder(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
    do throws(FileError) {
      try writeAtomically(Array(commit.utf8), to: path, through: temporaryName(repository))
    } catch {
      throw .file(error)
    }
  }

  /// A name for what is about to be renamed into its place: among the locks, where nobody lists what a kill leaves.
  private func temporaryName(_ repository: String) -> String {
    temporaryPath(beside: "\(root)/.locks/\(Self.folderName(repository))/new")
  }

  /// Bytes free on the disk that holds the cache; nil where the system does not say.
  public func freeBytes() -> ByteCount? {
    var place = root
    var status = statvfs()
    while statvfs(place, &status) != 0 {
      guard let slash = place.lastIndex(of: "/"), slash > place.startIndex else { return nil }
      place = String(place[..<slash])
    }
    return ByteCount(Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0))
  }

  private func makeFolder(_ path: String) throws(HubError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .file(.unwritable(path: path, cause: "the folder cannot be made"))
    }
  }
}
