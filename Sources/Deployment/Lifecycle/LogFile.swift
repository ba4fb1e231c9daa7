import Platform

/// Returns up to so many bytes of a file from an offset, nil where it can't be read.
func readRange(_ path: String, from offset: Int, count: Int) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: count)
  let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, off_t(offset)) }
  return got < 0 ? nil : Array(bytes.prefix(got))
}

/// Reads a log from where the last read ended.
public struct LogFollower: Sendable {
  public let path: String
  private var offset: Int

  /// Starts so many lines before the end.
  public init(_ path: String, lines: Int = 40) {
    self.path = path
    let size = fileSize(path) ?? 0
    let span = min(size, 1 << 20)
    let bytes = readRange(path, from: size - span, count: span) ?? []
    var start = bytes.endIndex
    var seen = -1
    while start > 0 {
      if bytes[start - 1] == UInt8(ascii: "\n") {
        seen += 1
        if seen == lines { break }
      }
      start -= 1
    }
    offset = size - span + start
  }

  /// Returns what was written since, up to 1 MiB.
  public mutating func next() -> String {
    if let size = fileSize(path), size < offset { offset = 0 }
    guard let bytes = readRange(path, from: offset, count: 1 << 20), !bytes.isEmpty else { return "" }
    offset += bytes.count
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Reads a deployment's log across its starts, each of which has a file of its own.
public struct DeploymentLog: Sendable {
  private let deployer: Deployer
  private let name: String
  private var follower: LogFollower

  /// Starts so many lines before the end of the latest start's log.
  ///
  /// - Throws: `DeploymentError.unknown`.
  public init(of name: String, by deployer: Deployer, lines: Int = 40) throws(DeploymentError) {
    self.deployer = deployer
    self.name = name
    follower = LogFollower(try deployer.deployment(name).log, lines: lines)
  }

  /// Returns what was written since, up to 1 MiB: the rest of one start before the beginning of the next.
  ///
  /// Empty where nothing is new; nil once nothing more will come, since the deployment was stopped or has failed.
  public mutating func next() -> String? {
    let text = follower.next()
    guard text.isEmpty else { return text }
    guard let now = try? deployer.deployment(name) else { return nil }
    if now.log != follower.path {
      follower = LogFollower(now.log, lines: .max)
      return follower.next()
    }
    return now.state.isOver ? nil : ""
  }
}
