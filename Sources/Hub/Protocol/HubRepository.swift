public import Units

/// A repository as the Hub's listings describe it. Everything but the name may be missing.
public struct HubRepository: Hashable, Sendable, Codable {
  /// `org/name`.
  public var name: String
  /// The commit that the asked revision stands for.
  public var commit: String?
  public var isPrivate = false
  public var isGated = false
  public var downloads: Int?
  public var likes: Int?
  /// What the Hub says it is for: `text-generation`, `image-text-to-text`.
  public var task: String?
  public var licence: String?
  public var lastModified: String?
  /// When it was made: `2026-01-02T03:04:05.000Z`.
  public var created: String?
  public var tags: [String] = []
  /// Parameters, from the headers that the Hub has read.
  public var parameters: Int?
  public var architecture: String?
  public var contextLength: Int?
}

/// One file of a repository at one commit.
public struct HubFile: Hashable, Sendable, Codable {
  public var path: String
  public var bytes: ByteCount
  /// The SHA-256 of a large file, else git's SHA-1 of a small one: its name in the cache.
  public var etag: String

  /// True for a size that a file can have: up to 16 TiB, the largest that the common file systems hold.
  static func isSize(_ bytes: Int) -> Bool { (0...1 << 44).contains(bytes) }

  public init(path: String, bytes: ByteCount, etag: String) {
    self.path = path
    self.bytes = bytes
    self.etag = etag
  }
}

/// A model in the API's JSON.
struct RepositoryRecord: Decodable {
  var id: String?
  var modelId: String?
  var sha: String?
  var `private`: Bool?
  var gated: Gate?
  var downloads: Int?
  var likes: Int?
  var pipeline_tag: String?
  var lastModified: String?
  var createdAt: String?
  var tags: [String]?
  var gguf: GGUFSummary?
  var safetensors: SafetensorsSummary?

  struct GGUFSummary: Decodable {
    var total: Int?
    var architecture: String?
    var context_length: Int?
  }

  struct SafetensorsSummary: Decodable {
    var total: Int?
  }

  /// `false`, `"auto"` or `"manual"` on the wire.
  struct Gate: Decodable {
    var isClosed: Bool

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      isClosed = (try? value.decode(Bool.self)) ?? true
    }
  }

  /// The record as a value; nil where its name is no repository's.
  var repository: HubRepository? {
    guard let name = id ?? modelId, HubName.isRepository(name) else { return nil }
    var out = HubRepository(name: name)
    out.commit = sha.flatMap { HubName.isCommit($0) ? $0 : nil }
    out.isPrivate = `private` ?? false
    out.isGated = gated?.isClosed ?? false
    out.downloads = downloads
    out.likes = likes
    out.task = pipeline_tag
    out.lastModified = lastModified
    out.created = createdAt
    out.tags = tags ?? []
    out.licence = out.tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst(8)) }
    out.parameters = gguf?.total ?? safetensors?.total
    out.architecture = gguf?.architecture
    out.contextLength = gguf?.context_length
    return out
  }
}

/// One entry of a tree in the API's JSON.
struct TreeRecord: Decodable {
  /// What an entry says of its file's content.
  enum Content: Hashable {
    case known(HubFile)
    /// Its hash may be that of a pointer: the file's own address tells.
    case mustBeAsked
    case refused(String)
  }

  var type: String
  var path: String
  var size: Int?
  var oid: String?
  var lfs: LargeFile?

  struct LargeFile: Decodable {
    var oid: String?
    var sha256: String?
    var size: Int?

    var hash: String? { oid ?? sha256 }
  }
}

extension TreeRecord {
  /// The Hub keeps larger files apart from git.
  private static let largestGitFile = 10_000_000
  /// Endings of files that its repositories keep apart whatever their size.
  private static let keptApart = [".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx"]

  /// What it says of the file's content.
  var content: Content {
    let isApart = size ?? 0 > Self.largestGitFile || Self.keptApart.contains { path.lowercased().hasSuffix($0) }
    if lfs?.hash == nil, lfs != nil || isApart { return .mustBeAsked }
    let etag = lfs?.hash ?? oid ?? ""
    guard HubName.isEtag(etag) else { return .refused("\(path) has no usable hash") }
    guard let size = lfs?.size ?? size, HubFile.isSize(size) else { return .refused("\(path) has no possible size") }
    return .known(HubFile(path: path, bytes: ByteCount(size), etag: etag))
  }
}
