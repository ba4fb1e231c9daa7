import Platform
import Units

/// Signs of life of a server that loads.
struct LoadProgress: Hashable, Sendable {
  var logBytes = 0
  var residentBytes = 0
  /// Bytes that the processes read, from files or the page cache.
  var readBytes = 0

  init(logBytes: Int = 0, residentBytes: Int = 0, readBytes: Int = 0) {
    self.logBytes = logBytes
    self.residentBytes = residentBytes
    self.readBytes = readBytes
  }

  /// Looks at a server now.
  init(of group: ProcessGroup, log: String) {
    logBytes = fileSize(log) ?? 0
    for pid in group.members() {
      residentBytes += ProcessStatus(pid: pid)?.residentBytes ?? 0
      readBytes += Self.bytesRead(by: pid)
    }
  }

  private static func bytesRead(by pid: Int32) -> Int {
    let lines = (DiskTree().text("/proc/\(pid)/io", limit: 4096) ?? "").split(separator: "\n")
    return lines.first { $0.hasPrefix("rchar:") }.flatMap { Int($0.dropFirst(6).drop { $0 == " " }) } ?? 0
  }

  /// True where this is further than an earlier look: a line of log, or a MiB read or taken.
  func isBeyond(_ earlier: LoadProgress) -> Bool {
    logBytes > earlier.logBytes || (residentBytes - earlier.residentBytes).magnitude > 1 << 20
      || readBytes > earlier.readBytes + 1 << 20
  }
}

/// How long a server may take: as long as it gets on, and never longer than the disk could excuse.
struct LoadDeadline: Hashable, Sendable {
  enum Verdict: Hashable, Sendable { case wait, stalled(seconds: Double), overCap(seconds: Double) }

  /// The longest without a sign of life.
  let patience: Double
  let cap: Double
  private var last = LoadProgress()
  private var lastChange = 0.0

  /// - Parameters:
  ///   - patience: seconds without progress, 90 where the caller has no view: vLLM's compiler is silent that long.
  ///   - modelBytes: what has to be read.
  ///   - diskBytesPerSecond: measured reads; 50 MB/s is assumed, a slow network file system.
  init(patience: Double?, modelBytes: ByteCount?, diskBytesPerSecond: Double?) {
    self.patience = patience ?? 90
    let reading = Double(modelBytes?.bytes ?? 0) / max(1e6, diskBytesPerSecond ?? 50e6)
    // Four times the reading, for repacking and two passes; five minutes for start, compiling and warming up. Who asks
    // for more patience gets it for the whole as well.
    cap = max(300 + 4 * reading, 10 * (patience ?? 0))
  }

  /// Judges a look at the server, so many seconds after its start.
  mutating func judge(_ progress: LoadProgress, at seconds: Double) -> Verdict {
    if progress.isBeyond(last) {
      last = progress
      lastChange = seconds
    }
    if seconds > cap { return .overCap(seconds: seconds) }
    return seconds - lastChange > patience ? .stalled(seconds: seconds - lastChange) : .wait
  }
}
