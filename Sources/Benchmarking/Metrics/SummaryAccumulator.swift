/// Sums up the requests of one load as they end, in a space that does not grow with their number.
public struct SummaryAccumulator: Sendable {
  private let isOpenLoop: Bool
  private let concurrency: Int?
  private let goals: [LatencyGoal]
  private var arrivals: TokenArrivals
  /// What the requests say of the trust that the figures deserve.
  public private(set) var evidence = RequestEvidence()

  private var firstSent = Int64.max
  private var lastToken = Int64.min
  private var lastClosed = Int64.min
  private var service = Samples()
  private var serviceEnd = Samples()
  private var response = Samples()
  private var responseEnd = Samples()
  private var firstOutput = Samples()
  private var perToken = Samples()
  private var normalized = Samples()
  private var tokenGaps = Samples()
  private var chunkGaps = Samples()
  private var streamClose = Samples()
  private var serverPrompt = Samples()
  private var serverPerToken = Samples()
  private var hasServerTimings = false

  private var completed = 0
  private var failed = 0
  private var timedOut = 0
  private var censored = 0
  private var attained = 0
  private var inputTokens: Int?
  private var outputTokens = 0
  private var wastedTokens = 0
  private var cachedTokens = 0
  private var tokensThatCouldBeCached = 0
  private var counting: Set<TokenCounting> = []
  private var causes: [String: Int] = [:]
  /// Different errors that are told apart; a server that numbers its errors must not fill the memory.
  private static let mostCauses = 256

  /// - Parameter origin: a moment before the first request was sent, nanoseconds since the run's start.
  public init(isOpenLoop: Bool, concurrency: Int?, goals: [LatencyGoal], origin: Int64) {
    self.isOpenLoop = isOpenLoop
    self.concurrency = concurrency
    self.goals = goals
    arrivals = TokenArrivals(origin: origin)
  }

  /// Takes a request that has ended.
  public mutating func add(_ request: RequestRecord) {
    evidence.add(request)
    if let sent = request.sent { firstSent = min(firstSent, sent) }
    if let closed = request.closed { lastClosed = max(lastClosed, closed) }
    if concurrency != nil { arrivals.addFlight(of: request) }
    switch request.outcome {
    case .completed: addCompleted(request)
    case .failed, .timedOut:
      failed += 1
      if request.outcome == .timedOut { timedOut += 1 }
      let cause = request.error ?? "unknown"
      causes[causes.count < Self.mostCauses || causes[cause] != nil ? cause : "other errors", default: 0] += 1
    case .censored: censored += 1
    }
    if request.outcome != .completed { wastedTokens += request.countedOutputTokens }
  }

  private mutating func addCompleted(_ request: RequestRecord) {
    completed += 1
    if let last = request.lastToken { lastToken = max(lastToken, last) }
    service.add(request.timeToFirstToken)
    serviceEnd.add(request.endToEnd)
    if isOpenLoop {
      response.add(request.responseTimeToFirstToken)
      responseEnd.add(request.responseEndToEnd)
    }
    firstOutput.add(request.timeToFirstOutput)
    perToken.add(request.timePerOutputToken)
    normalized.add(request.normalizedTimePerOutputToken)
    streamClose.add(request.streamClose)
    addGaps(request)
    if let timings = request.serverTimings { add(timings) }
    if !goals.isEmpty, goals.allSatisfy({ $0.holds(for: request, isOpenLoop: isOpenLoop) }) { attained += 1 }
    arrivals.addTokens(of: request)
    counting.insert(request.tokenCounting)
    outputTokens += request.countedOutputTokens
    guard let input = request.inputTokens else { return }
    inputTokens = (inputTokens ?? 0) + input
    if let cached = request.cachedTokens, input > 0 {
      cachedTokens += cached
      tokensThatCouldBeCached += input
    }
  }

  /// A chunk of k tokens after a gap g is k samples of g/k; where chunk counts are not known it is one sample.
  private mutating func addGaps(_ request: RequestRecord) {
    let isCounted = request.tokenCounting == .perChunk
    let times = request.chunkTimes
    guard times.count > 1 else { return }
    for place in 1..<times.count {
      let gap = Double(times[place] - times[place - 1]) / 1e9
      let tokens = isCounted ? request.chunkTokens[place] : 1
      chunkGaps.add(gap)
      if tokens > 0 { tokenGaps.add(gap / Double(tokens), weight: tokens) }
    }
  }

  private mutating func add(_ timings: ServerTimings) {
    hasServerTimings = true
    serverPrompt.add(timings.inputSeconds)
    // The server times the tokens after the first, which comes with the prompt.
    if let seconds = timings.outputSeconds, let count = timings.outputTokens, count > 1 {
      serverPerToken.add(seconds / Double(count - 1))
    }
  }

  /// The figures of the requests so far.
  public var summary: RunSummary {
    let first = firstSent == .max ? 0 : firstSent
    let last = lastToken > .min ? lastToken : lastClosed > .min ? lastClosed : first
    let duration = Double(max(0, last - first)) / 1e9
    var summary = RunSummary(completed: completed, errors: failed, durationSeconds: duration)
    latencies(&summary)
    summary.timedOut = timedOut
    summary.censored = censored
    summary.wastedTokens = wastedTokens
    summary.failureCauses = mostFrequentCauses
    // The worst way of counting that occurred is what the figures rest on.
    summary.tokenCounting = TokenCounting.allCases.last { counting.contains($0) }
    if tokensThatCouldBeCached > 0 { summary.cachedShare = Double(cachedTokens) / Double(tokensThatCouldBeCached) }
    summary.inputTokens = inputTokens
    summary.outputTokens = outputTokens
    if duration > 0 {
      summary.outputTokensPerSecond = Double(outputTokens) / duration
      summary.inputTokensPerSecond = inputTokens.map { Double($0) / duration }
      summary.totalTokensPerSecond = inputTokens.map { Double($0 + outputTokens) / duration }
      summary.requestsPerSecond = Double(completed) / duration
      if !goals.isEmpty {
        summary.goodput = Goodput(attained: attained, of: completed + failed + censored, seconds: duration)
      }
    }
    summary.peakOutputTokensPerSecond = arrivals.peak
    summary.steadyOutputTokensPerSecond = concurrency.flatMap { arrivals.steady(concurrency: $0) }
    return summary
  }

  private func latencies(_ summary: inout RunSummary) {
    summary.timeToFirstToken = (isOpenLoop ? response : service).distribution
    summary.endToEnd = (isOpenLoop ? responseEnd : serviceEnd).distribution
    if isOpenLoop {
      summary.serviceTimeToFirstToken = service.distribution
      summary.serviceEndToEnd = serviceEnd.distribution
    }
    summary.timeToFirstOutput = firstOutput.distribution
    summary.timePerOutputToken = perToken.distribution
    summary.normalizedTimePerOutputToken = normalized.distribution
    summary.interTokenLatency = tokenGaps.distribution
    summary.interChunkLatency = chunkGaps.distribution
    summary.streamClose = streamClose.distribution
    // Gaps between events that something held back are not the server's.
    if 2 * evidence.buffered > evidence.streamed { summary.interTokenLatency = Distribution(count: 0) }
    guard hasServerTimings else { return }
    summary.serverPromptSeconds = serverPrompt.distribution
    summary.serverTimePerOutputToken = serverPerToken.distribution
  }

  /// The few most frequent errors; nil where there are none.
  private var mostFrequentCauses: [FailureCause]? {
    guard !causes.isEmpty else { return nil }
    return causes.map { FailureCause(cause: $0.key, requests: $0.value) }
      .sorted { ($1.requests, $0.cause) < ($0.requests, $1.cause) }.prefix(5).map { $0 }
  }
}
