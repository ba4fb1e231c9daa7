import Platform

/// Keeps the logs of servers from filling the disk.
///
/// A server writes into its log by itself, at the end of whatever is there, and is asked for nothing: the file is copied and
/// cut short under it. What it writes between the two is lost, some lines at most.
enum LogRotation {
  /// A log is cut at this size; as much again is kept beside it as `NAME.log.1`.
  static let limit = 64 << 20
  /// Logs of earlier starts of one deployment that are kept.
  static let starts = 5

  /// Cuts a log that is too long, keeping the end of it beside; false where it is not too long, or cannot be kept.
  static func cut(_ path: String, over limit: Int = limit) -> Bool {
    guard let size = fileSize(path), size > limit else { return false }
    let source = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard source >= 0 else { return false }
    defer { close(source) }
    let kept = open(path + ".1", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard kept >= 0 else { return false }
    defer { close(kept) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = max(0, size - limit)
    while true {
      let got = buffer.withUnsafeMutableBytes { pread(source, $0.baseAddress, $0.count, off_t(offset)) }
      guard got > 0 else { break }
      guard buffer.withUnsafeBytes({ write(kept, $0.baseAddress, got) }) == got else { return false }
      offset += got
    }
    return ftruncate(source, 0) == 0
  }

  /// Removes all but the last logs of a deployment's earlier starts.
  static func prune(_ folder: String, of name: String, keeping count: Int = starts) {
    let own = DiskTree().list(folder).filter { file in
      guard file.hasPrefix(name + "-"), file.hasSuffix(".log") else { return false }
      let stamp = file.dropFirst(name.count + 1).dropLast(4)
      return stamp.contains("T") && stamp.allSatisfy { $0.isNumber || $0 == "T" }
    }
    for file in own.sorted().dropLast(count) {
      unlink("\(folder)/\(file)")
      unlink("\(folder)/\(file).1")
    }
  }
}
