/// Counts of a stage and the requests that ended and were not handed on yet.
struct StageTally {
  var sent = 0
  var failed = 0
  var failuresInRow = 0
  /// Statuses with which a server says that it will never answer such a request: no key, a wrong one, no such path or
  /// model, a member that it does not know.
  private static let rejections: Set<Int> = [301, 302, 307, 308, 400, 401, 403, 404, 405, 422]
  /// Requests in a row that the server refused so.
  private var rejectionsInRow = 0
  var lastError = ""
  var precision = PrecisionWatch()
  private(set) var outputTokens = 0
  private(set) var chunks = 0
  private(set) var pending: [RequestRecord] = []

  mutating func add(_ record: RequestRecord) {
    pending.append(record)
    outputTokens += record.outputTokens ?? 0
    chunks += record.chunkTimes.count
    switch record.outcome {
    case .completed:
      failuresInRow = 0
      rejectionsInRow = 0
      precision.add(record)
    case .failed, .timedOut:
      failed += 1
      failuresInRow += 1
      rejectionsInRow = Self.rejections.contains(record.status ?? 0) ? rejectionsInRow + 1 : 0
      lastError = record.error ?? "unknown"
    case .censored: break
    }
  }

  /// Tells whether more requests would fail as well: so many have in a row, or three that cannot succeed.
  func isHopeless(after limit: Int) -> Bool { failuresInRow >= limit || rejectionsInRow >= min(3, limit) }

  mutating func takePending() -> [RequestRecord] {
    defer { pending.removeAll(keepingCapacity: pending.capacity < 4096) }
    return pending
  }

  /// How a stage stands.
  func progress(of runner: StageRunner, underWay: Int, seconds: Double) -> BenchmarkProgress {
    let plan = runner.plan
    var progress = BenchmarkProgress(
      stage: plan.stage.name, elapsedSeconds: seconds, sent: sent, finished: sent - runner.inFlight, failed: failed,
      inFlight: runner.inFlight, chunks: chunks + underWay, outputTokens: outputTokens, share: nil)
    if failed > 0 { progress.lastError = lastError }
    let total = plan.stage.stop.requests ?? plan.schedule?.count
    let byCount = total.map { Double(runner.conversations - runner.inFlight) / Double(max(1, $0)) }
    let byTime = plan.stage.stop.seconds.map { seconds / $0 }
    progress.share = [byCount, byTime].compactMap { $0 }.max().map { min(1, max(0, $0)) }
    return progress
  }

  /// Nanoseconds to hold back after failures in a row: what the server asks, else 50 ms doubling up to 2 s.
  func pause(asked: Int) -> Int64 {
    if asked > 0 { return Int64(min(asked, 10)) * 1_000_000_000 }
    return min(50_000_000 << Int64(max(0, min(failuresInRow - 1, 6))), 2_000_000_000)
  }
}

/// Watches the mean end-to-end latency as requests end, for a stage that stops when it is known well enough.
struct PrecisionWatch {
  /// Requests below which no interval counts.
  static let least = 30

  private var count = 0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ record: RequestRecord) {
    guard let sent = record.sent, let last = record.lastToken else { return }
    let value = Double(last - sent)
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    squares += delta * (value - mean)
  }

  /// Tells whether the half-width of the mean's 95% interval is at most this share of the mean.
  func isReached(_ share: Double) -> Bool {
    guard count >= Self.least, mean > 0 else { return false }
    let deviation = (squares / Double(count - 1)).squareRoot()
    return 1.96 * deviation / Double(count).squareRoot() <= share * mean
  }
}
