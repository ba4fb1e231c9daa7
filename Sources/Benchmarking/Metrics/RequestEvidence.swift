/// What requests say of the trust that their figures deserve, counted as they end.
public struct RequestEvidence: Sendable {
  /// Completed requests whose answer's length was asked for and told, and those where the two differ.
  private(set) var lengthsTold = 0
  private(set) var lengthsDifferent = 0
  /// Completed requests whose tokens came in several chunks, and those of which most came together with another.
  private(set) var streamed = 0
  private(set) var buffered = 0
  /// Buffered ones whose whole text came at once.
  private(set) var wholeAtOnce = 0
  /// Completed requests with reasoning that was counted and not streamed.
  private(set) var withHiddenTokens = 0
  /// HTTP status and words of the last request that failed.
  private(set) var lastRefusal: (status: Int?, error: String)?
  private var cached = Samples()

  public init() {}

  public init(_ requests: [RequestRecord]) {
    for request in requests { add(request) }
  }

  mutating func add(_ request: RequestRecord) {
    if let tokens = request.cachedTokens { cached.add(Double(tokens)) }
    if request.outcome == .failed { lastRefusal = (request.status, request.error ?? "") }
    guard request.outcome == .completed else { return }
    if let told = request.outputTokens, let asked = request.requestedOutputTokens {
      lengthsTold += 1
      if told != asked { lengthsDifferent += 1 }
    }
    if request.hiddenTokens != nil { withHiddenTokens += 1 }
    let times = request.chunkTimes
    guard times.count > 3 else { return }
    streamed += 1
    let together = zip(times, times.dropFirst()).lazy.count { $0 == $1 }
    if 2 * together > times.count { buffered += 1 }
    if together == times.count - 1 { wholeAtOnce += 1 }
  }

  /// The median of cached prompt tokens; nil where the server tells none.
  var medianCachedTokens: Double? { cached.quantile(0.5) }
}
