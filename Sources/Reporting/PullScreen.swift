public import Hub
import Platform
import Units

/// What a pull came to: the path to go on with, and an account of it.
public struct PullScreen: Sendable {
  private let result: PullResult
  private let isOffline: Bool

  public init(_ result: PullResult, isOffline: Bool) {
    self.result = result
    self.isOffline = isOffline
  }

  /// What an engine is given: the first GGUF file, else the folder.
  public var path: String {
    result.files.first { $0.path.hasSuffix(".gguf") }.map { result.path(of: $0) } ?? result.snapshot
  }

  public var account: String {
    if isOffline {
      return "HF_HUB_OFFLINE is set: taken from the cache as it is; plimsoll models verify checks its hashes"
    }
    guard result.bytesFetched > .zero else {
      return "\(result.bytesFound) there before, verified when fetched; plimsoll models verify hashes it again"
    }
    let rate = result.seconds > 0 ? Double(result.bytesFetched.bytes) / result.seconds : 0
    return "\(result.bytesFetched) fetched in \(formattedSeconds(result.seconds)) (\(ByteCount(Int(rate)))/s), "
      + "\(result.bytesFound) there before, \(counted(result.requests, "request")), every hash right"
  }
}

/// `models pull --print`: what would be fetched.
public struct PullPreview: Encodable, Sendable {
  var schema = "plimsoll.pull-preview/1"
  var files: [HubFile]
  var bytes: ByteCount

  public init(_ files: [HubFile]) { (self.files, bytes) = (files, files.contentBytes) }

  public func rendered() -> String {
    (files.map { "\($0.bytes)  \(printable($0.path))" }
      + ["\(files.contentBytes) in \(counted(files.count, "file"))"]).joined(separator: "\n")
  }
}

/// `models pull --json`.
public struct PullDocument: Encodable, Sendable {
  var schema = "plimsoll.pull/1"
  var result: PullResult

  public init(_ result: PullResult) { self.result = result }
}
