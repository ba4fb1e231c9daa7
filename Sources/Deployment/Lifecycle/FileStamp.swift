import Platform
import Units

/// A file's size and time of change, by which another one in its place is told.
public struct FileStamp: Hashable, Sendable, Codable {
  public var bytes: Int
  /// Seconds since 1970.
  public var modifiedAt: Int

  init?(_ path: String) {
    var status = stat()
    // A folder's time changes with what lies beside the weights.
    guard stat(path, &status) == 0, status.isRegular else { return nil }
    bytes = Int(status.st_size)
    modifiedAt = status.modifiedSeconds
  }
}

/// The kernel's count of processes that it killed for want of memory, on the whole machine; nil where it keeps none.
///
/// A server that outlived the command that started it leaves no exit code: that it grew is how its end is explained.
enum MemoryKills {
  static func count(tree: any FileTree = DiskTree()) -> Int? {
    (tree.text("/proc/vmstat") ?? "").split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
      .flatMap { Int($0.dropFirst("oom_kill ".count)) }
  }
}

extension Deployment {
  /// The exit code of a server whose parent is gone, as far as the kernel's counter tells: 137 where it killed since.
  var suspectedExit: Int? {
    guard let memoryKills, let now = MemoryKills.count(), now > memoryKills else { return nil }
    return 137
  }

  /// Why its model's file has changed since the server was started; nil where it has not, or nothing was noted.
  var modelChange: Reason? {
    guard let modelStamp, FileStamp(modelPath) != modelStamp else { return nil }
    let what = FileStamp(modelPath) == nil ? "is gone" : "has changed since the server was started"
    return Reason(
      .modelChanged, "\(printable(modelPath)) \(what)",
      remedy: "plimsoll models verify, or fetch it again with plimsoll models pull; then plimsoll restart \(name)")
  }
}
