public import Units

/// One repository in the cache, whoever filled it.
public struct CachedModel: Hashable, Sendable, Codable {
  /// `org/name`.
  public var name: String
  public var folder: String
  /// Branches and tags with the commits that they were last seen at.
  public var references: [String: String]
  public var snapshots: [CachedSnapshot]
  /// What its blobs take on disk, each once.
  public var bytes: ByteCount
  /// Blobs that no download has finished.
  public var unfinished: [CachedFile]
}

/// The files of one commit.
public struct CachedSnapshot: Hashable, Sendable, Codable {
  public var commit: String
  public var path: String
  public var files: [CachedFile]
}

/// One file of a snapshot.
public struct CachedFile: Hashable, Sendable, Codable {
  /// Within the snapshot.
  public var path: String
  public var bytes: ByteCount
  /// The hash that its blob is named after; nil for a plain file, whose hash nobody has kept.
  public var etag: String?
  /// True where the link leads nowhere.
  public var isBroken = false
}

/// What verifying one file has shown.
public struct VerifiedFile: Hashable, Sendable, Codable {
  public enum Verdict: String, Hashable, Sendable, Codable {
    case intact
    /// Its bytes do not have the hash that its name promises.
    case corrupt
    /// Its link leads nowhere, or it cannot be read.
    case missing
    /// A plain file without a known hash.
    case unknown
  }

  public var path: String
  public var commit: String
  public var bytes: ByteCount
  public var verdict: Verdict
  public var expected: String?
  public var found: String?
}
