public import Units

/// What is known when the validity of one load is judged.
public struct ValidityEvidence: Sendable {
  public var settings: BenchmarkSettings
  public var requests: RequestEvidence
  public var summary: RunSummary
  public var client: ClientHealth
  public var samples: [TelemetrySample]
  public var isInterrupted: Bool
  /// The error at which a stage gave up, where one did.
  public var gaveUp: String?
  /// The goal on which a search could not decide, as too few requests ended in the time that a load had.
  public var unstatedGoal: String?
  /// Tokens that the server adds to every prompt.
  public var templateTokens = 0.0
  /// What was another afterwards than before, of the machine and the server's processes.
  public var environmentChanges: [String] = []

  public init(
    settings: BenchmarkSettings, requests: RequestEvidence, summary: RunSummary, client: ClientHealth,
    samples: [TelemetrySample] = [], isInterrupted: Bool = false, gaveUp: String? = nil
  ) {
    self.settings = settings
    self.requests = requests
    self.summary = summary
    self.client = client
    self.samples = samples
    self.isInterrupted = isInterrupted
    self.gaveUp = gaveUp
  }
}

extension Validity {
  /// Judges a load: what makes its figures unusable, and what must be known when reading them.
  public init(judging evidence: ValidityEvidence) {
    self.init(invalid: evidence.faults, doubtful: evidence.doubts)
  }
}

extension ValidityEvidence {
  /// What makes the figures unusable.
  var faults: [Reason] {
    [
      interrupted, tooManyErrors, clientStalled, clientLate, cacheWarm, throttled, environmentChanged, nothingMeasured,
      cutShort, searchUndecided,
    ].compactMap { $0 }
  }

  /// Those of them that concern a run of several stages as a whole.
  var runFaults: [Reason] {
    [interrupted, throttled, environmentChanged, nothingMeasured, searchUndecided].compactMap { $0 }
  }

  /// The doubts that do.
  var runDoubts: [Reason] { [machineBusy].compactMap { $0 } }

  /// What must be known when reading the figures, though it does not make them unusable.
  public var doubts: [Reason] {
    [
      unanswered, streamBuffered, hiddenReasoning, usageImpossible, lengthsDiffer, tooFewSamples, tokenCounts,
      clientCoarse, machineBusy, templateCached, sentAgain, leftOpen,
    ].compactMap { $0 }
  }
}

extension ValidityEvidence {
  fileprivate var interrupted: Reason? {
    if let gaveUp {
      return Reason(
        .serverFailed, "the stage was stopped after repeated failures: \(gaveUp)", remedy: refusalRemedy)
    }
    return isInterrupted ? Reason(.interrupted, "the run was stopped before its end") : nil
  }

  fileprivate var nothingMeasured: Reason? {
    summary.completed == 0 && gaveUp == nil && tooManyErrors == nil
      ? Reason(.nothingMeasured, "no request was completed") : nil
  }

  /// The time ran out before enough requests had ended for any percentile.
  fileprivate var cutShort: Reason? {
    let least = Distribution.leastSamples(for: 0.5)
    guard summary.completed > 0, summary.completed < least, gaveUp == nil, !isInterrupted, settings.search == nil,
      let stop = settings.stages.map(\.stop).first(where: {
        $0.seconds != nil && $0.requests ?? .max > summary.completed
      }), let seconds = stop.seconds
    else { return nil }
    return Reason(
      .tooFewSamples,
      "only \(summary.completed) of the requests ended within the \(formattedSeconds(seconds)) of --duration; "
        + "even a median needs \(least)",
      remedy: stop.requests == nil ? "raise --duration" : "raise --duration, or leave it out")
  }

  var searchUndecided: Reason? {
    unstatedGoal.map {
      Reason(
        .tooFewSamples, "the search ended with too few requests for \($0)",
        remedy: "allow more time per load with --duration, or use --requests")
    }
  }

  /// More than 1% of the requests failed.
  fileprivate var tooManyErrors: Reason? {
    let count = summary.completed + summary.errors + (summary.censored ?? 0)
    guard count > 0, Double(summary.errors) > 0.01 * Double(count), gaveUp == nil else { return nil }
    let most = summary.failureCauses?.first.map { ", most often: \($0.cause)" } ?? ""
    return Reason(.tooManyErrors, "\(summary.errors) of \(count) requests failed\(most)", remedy: refusalRemedy)
  }

  /// What to do where the server refused the last request that failed.
  private var refusalRemedy: String? {
    guard let refusal = requests.lastRefusal else { return nil }
    let words = refusal.error
    if ["ignore_eos", "min_tokens"].contains(where: { words.contains($0) }) {
      return "the server rejects ignore_eos: use --free-output-length"
    }
    if words.contains("max_completion_tokens") { return "use --max-completion-tokens" }
    if words.contains("redirects to") { return "benchmark the address that it redirects to" }
    if words.contains("gzip") { return "turn off compression of event streams in the server or its proxy" }
    switch refusal.status {
    case 401, 403: return "set PLIMSOLL_API_KEY, or use --api-key-file FILE"
    case 404: return "check the address, the model's name (--model) and the protocol (--api)"
    case 503: return "wait until the server is ready, or raise --wait"
    default: return nil
    }
  }

  /// More than 1% of the requests that were due had no answer at the end: the figures are those of the others.
  fileprivate var unanswered: Reason? {
    let count = summary.completed + summary.errors + (summary.censored ?? 0)
    guard let open = summary.censored, count > 0, Double(open) > 0.01 * Double(count) else { return nil }
    return Reason(
      .requestsUnanswered, "\(open) of \(count) requests had no answer by the end",
      remedy: "lower the load, or give the stage more time with --duration")
  }

  /// A client that was stopped, suspended or starved: what came meanwhile has wrong times, and the load had a hole.
  ///
  /// A fiftieth of the stage is allowed, at least 100 ms and at most half a second.
  fileprivate var clientStalled: Reason? {
    let allowed = min(0.5, max(0.1, 0.02 * summary.durationSeconds))
    guard client.longestStall > allowed else { return nil }
    return Reason(
      .clientStalled,
      "the client stalled for \(formattedSeconds(client.longestStall)); the limit is \(formattedSeconds(allowed))",
      remedy: "measure again on a less busy machine, without suspending the client")
  }

  /// What the client may be late by: a tenth of the median first token, at least 2 ms.
  private var allowedLateness: Double {
    max(0.002, 0.1 * (summary.timeToFirstToken.p50 ?? summary.timeToFirstToken.mean ?? 0))
  }

  /// The client's lateness must stay small beside what it measures; a loop that is busy all the time measures itself.
  fileprivate var clientLate: Reason? {
    guard summary.completed > 0 else { return nil }
    let allowed = allowedLateness
    if let wait = client.promptWait, wait > allowed {
      return Reason(
        .clientLate, "requests waited up to \(formattedSeconds(wait)) for their prompts to be generated",
        remedy: "use shorter prompts or a lower load")
    }
    let late = client.dispatchLateness.p99 ?? client.dispatchLateness.maximum ?? 0
    if late > allowed {
      return Reason(
        .clientLate,
        "requests were sent \(formattedSeconds(late)) late; the limit is \(formattedSeconds(allowed))",
        remedy: "run the client on its own machine, or lower the load")
    }
    guard client.busyShare > 0.9, summary.durationSeconds > 1 else { return nil }
    return Reason(
      .clientLate, "the client's thread was busy \(Int(client.busyShare * 100))% of the time",
      remedy: "split the load over several clients with --shard")
  }

  /// The client's error against a server of known timing, where it is more than a tenth of what was measured.
  fileprivate var clientCoarse: Reason? {
    guard let floor = client.floor, let first = summary.timeToFirstToken.p50 ?? summary.timeToFirstToken.mean,
      floor.timeToFirstTokenP50 > 0.1 * first
    else { return nil }
    return Reason(
      .clientLate,
      "the client's own error (\(formattedSeconds(floor.timeToFirstTokenP50))) is over a tenth of the "
        + "TTFT (\(formattedSeconds(first)))",
      remedy: "run the client on its own machine, or use longer prompts")
  }

  fileprivate var environmentChanged: Reason? {
    guard let first = environmentChanges.first else { return nil }
    let more = environmentChanges.count > 1 ? ", and \(environmentChanges.count - 1) more" : ""
    return Reason(.environmentChanged, "during the measurement, \(first)\(more)", remedy: "measure it again")
  }

  /// Other programs used more than a quarter of a core on average.
  fileprivate var machineBusy: Reason? {
    let shares = samples.compactMap { $0.otherCores }
    guard shares.count >= 4 else { return nil }
    let mean = shares.reduce(0, +) / Double(shares.count) - client.busyShare
    guard mean > 0.25 else { return nil }
    return Reason(
      .machineBusy, "other programs used \(mean.formatted(decimals: 1)) cores on average",
      remedy: "repeat it on a quiet machine")
  }

  /// The cached share of prompts of which none was to be in a cache, nor to share text with another; nil where some were,
  /// and where the server does not tell.
  private var unwantedCachedShare: Double? {
    settings.cache == .cold && settings.dataset.sharedPrefixTokens == 0 && settings.dataset.turns <= 1
      ? summary.cachedShare : nil
  }

  fileprivate var cacheWarm: Reason? {
    guard let share = unwantedCachedShare, share > 0.01 else { return nil }
    // A chat template's own tokens are the same in every prompt: a short prompt has them cached whatever it holds.
    guard let median = requests.medianCachedTokens, median > max(48, templateTokens + 16) else { return nil }
    return Reason(
      .cacheWarm, "\((share * 100).formatted(decimals: 1))% of prompt tokens came from the server's cache",
      remedy: "to measure with the cache, use --cache measured")
  }

  /// A cold run in which the server had the head of every prompt: no text that was sent before, so not invalid.
  var templateCached: Reason? {
    guard let share = unwantedCachedShare, share > 0.1, settings.dataset.kind != .mooncake, cacheWarm == nil else {
      return nil
    }
    return Reason(
      .templateCached,
      "\((share * 100).formatted(decimals: 1))% of prompt tokens came from the cache (the chat template's prefix)",
      remedy: "use longer prompts to make this negligible")
  }

  /// The frequency's last quarter more than 10% under its first.
  fileprivate var throttled: Reason? {
    let rates = samples.compactMap { $0.megahertz }
    guard rates.count >= 8 else { return nil }
    func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
    let (early, late) = (mean(rates.prefix(rates.count / 4)), mean(rates.suffix(rates.count / 4)))
    let heat = samples.compactMap { $0.celsius }.max() ?? 0
    guard late < 0.9 * early, heat > 80 else { return nil }
    return Reason(
      .throttled, "the processor slowed from \(Int(early)) to \(Int(late)) MHz at \(Int(heat)) °C",
      remedy: "let it cool, or use a longer --warmup to measure the settled state")
  }

  fileprivate var lengthsDiffer: Reason? {
    guard settings.fixedOutputLength else { return nil }
    let (told, different) = (requests.lengthsTold, requests.lengthsDifferent)
    guard told > 0, Double(different) > 0.01 * Double(told) else { return nil }
    return Reason(.lengthsDiffer, "\(different) of \(told) answers are not of the length that was asked for")
  }

  fileprivate var tooFewSamples: Reason? {
    let count = summary.completed
    let least = Distribution.leastSamples(for: 0.95)
    guard count > 0, count < least else { return nil }
    return Reason(
      .tooFewSamples, "p95 not shown: it needs \(least) requests, this run had \(count)",
      remedy: "--requests \(least)")
  }

  fileprivate var tokenCounts: Reason? {
    switch summary.tokenCounting {
    case .spread:
      Reason(
        .tokensSpread,
        "chunks hold several tokens; they are spread evenly because the server does not count each chunk",
        remedy: "ask for counts with --count-per-chunk")
    case .chunks where usageImpossible != nil: nil
    case .chunks: Reason(.tokensUncounted, "the server reports no token counts, so each chunk counts as one token")
    case .perChunk, .oneByOne, nil: nil
    }
  }
}

// MARK: - Streams

extension ValidityEvidence {
  /// True where most answers came several events at a time, so that their gaps are those of whoever held them back.
  var isBuffered: Bool { 2 * requests.buffered > requests.streamed }

  fileprivate var streamBuffered: Reason? {
    guard isBuffered else { return nil }
    let message =
      2 * requests.wholeAtOnce > requests.streamed
      ? "\(requests.wholeAtOnce) of \(requests.streamed) answers arrived in one piece, so there is no time per token, "
        + "and TTFT is the time of the whole answer"
      : "\(requests.buffered) of \(requests.streamed) answers came several events in one read: inter-token latency "
        + "is not shown"
    return Reason(
      .streamBuffered, message, remedy: "turn off buffering between server and client, such as proxy_buffering")
  }

  fileprivate var hiddenReasoning: Reason? {
    guard requests.withHiddenTokens > 0 else { return nil }
    return Reason(
      .reasoningHidden,
      "\(requests.withHiddenTokens) answers have reasoning that is counted but not streamed: TTFT includes its time, "
        + "time per output token does not")
  }

  fileprivate var usageImpossible: Reason? {
    guard let count = client.oddities?.impossibleUsage, count > 0 else { return nil }
    return Reason(
      .usageImplausible,
      "the server's token counts of \(count) answers are impossible and ignored; each chunk counts as one token")
  }

  fileprivate var sentAgain: Reason? {
    guard let count = client.oddities?.sentAgain, count > 0 else { return nil }
    return Reason(
      .requestsResent, "\(count) requests were sent twice: the server closed their connections after taking them")
  }

  fileprivate var leftOpen: Reason? {
    guard let count = client.oddities?.leftOpen, count > 0 else { return nil }
    return Reason(
      .streamLeftOpen,
      "the server left \(count) connections open after [DONE]: requests after them had to open new ones")
  }
}
