public import Units

/// How far a download has come.
public struct PullProgress: Hashable, Sendable {
  public var bytesDone: ByteCount
  public var bytesTotal: ByteCount
  public var filesDone: Int
  public var filesTotal: Int
  /// Over the last seconds; nil before there is one.
  public var bytesPerSecond: Double?
  /// True while another process holds the lock of a file.
  public var waitsForOthers: Bool
  /// Seconds until the next request, where a busy server has asked for patience; nil while anything is under way.
  public var serverPause: Double?

  /// Seconds left at the present rate.
  public var secondsLeft: Double? {
    bytesPerSecond.flatMap { $0 > 0 ? Double((bytesTotal - bytesDone).bytes) / $0 : nil }
  }
}

/// How a download behaves.
public struct PullOptions: Sendable {
  /// Requests at once in all, and for one file.
  public var connections = 8
  public var connectionsPerFile = 4
  /// What one request asks for.
  public var blockBytes = 32 << 20
  /// Without a byte for that long, a request is given up and repeated.
  public var stallSeconds = 20
  /// For messages.
  var repository = ""
  var retries = RetryPolicy()

  public init() {}
}

/// Measures the rate over a sliding window and reports ten times a second at most.
struct RateMeter {
  private let files: [FileTransfer]
  private let total: ByteCount
  private var samples: [(time: Int64, bytes: Int)] = []
  private var lastReport: Int64 = 0
  var waitsForOthers = false

  init(files: [FileTransfer]) {
    self.files = files
    total = files.reduce(.zero) { $0 + $1.file.bytes }
  }

  /// Reports where it is time to; the greatest moment reports always.
  mutating func report(_ now: Int64, to onProgress: @Sendable (PullProgress) -> Void) {
    guard now == .max || now - lastReport >= 100_000_000 else { return }
    let bytes = files.reduce(0) { $0 + $1.bytesDone }
    var rate: Double?
    if now != .max {
      lastReport = now
      samples.append((now, bytes))
      samples.removeAll { now - $0.time > 5_000_000_000 }
    }
    if let first = samples.first, let last = samples.last, last.time > first.time {
      rate = Double(max(0, last.bytes - first.bytes)) / (Double(last.time - first.time) / 1e9)
    }
    let done = files.filter { $0.state == .done }.count
    onProgress(
      PullProgress(
        bytesDone: ByteCount(bytes), bytesTotal: total, filesDone: done, filesTotal: files.count, bytesPerSecond: rate,
        waitsForOthers: waitsForOthers && files.contains { $0.state == .waiting && $0.nextLockTry > 0 },
        serverPause: pause(now)))
  }

  private func pause(_ now: Int64) -> Double? {
    let active = files.filter { $0.state == .active }
    guard now != .max, active.allSatisfy({ $0.blocksInFlight.isEmpty }), let next = active.map(\.notBefore).min(),
      next - now >= 1_000_000_000
    else { return nil }
    return Double(next - now) / 1e9
  }
}
