public import Units

/// What is known when a run's validity is judged.
public struct ValidityEvidence: Sendable {
  public var settings: BenchmarkSettings
  public var requests: [RequestRecord]
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
    settings: BenchmarkSettings, requests: [RequestRecord], summary: RunSummary, client: ClientHealth,
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
  /// Judges a run: what makes its figures unusable, and what must be known when reading them.
  public init(judging evidence: ValidityEvidence) {
    self.init(
      invalid: [
        evidence.interrupted, evidence.tooManyErrors, evidence.clientLate, evidence.cacheWarm, evidence.throttled,
        evidence.environmentChanged, evidence.nothingMeasured, evidence.searchUndecided,
      ].compactMap { $0 },
      doubtful: evidence.doubts)
  }
}

extension ValidityEvidence {
  /// What must be known when reading the figures, though it does not make them unusable.
  public var doubts: [Reason] {
    [unanswered, lengthsDiffer, tooFewSamples, tokenCounts, clientCoarse, machineBusy, templateCached].compactMap { $0 }
  }
}

extension ValidityEvidence {
  fileprivate var interrupted: Reason? {
    if let gaveUp {
      return Reason(
        .serverFailed, "a stage gave up, as one request after another failed: \(gaveUp)", remedy: refusalRemedy)
    }
    return isInterrupted ? Reason(.interrupted, "the run was stopped before its end") : nil
  }

  fileprivate var nothingMeasured: Reason? {
    summary.completed == 0 ? Reason(.nothingMeasured, "no request was completed") : nil
  }

  var searchUndecided: Reason? {
    unstatedGoal.map {
      Reason(
        .tooFewSamples, "the search ended where too few requests could state \($0)",
        remedy: "give each load more time with --duration, or name --requests instead")
    }
  }

  /// More than 1% of the requests failed.
  fileprivate var tooManyErrors: Reason? {
    let count = summary.completed + summary.errors + (summary.censored ?? 0)
    guard count > 0, Double(summary.errors) > 0.01 * Double(count) else { return nil }
    let most = summary.failureCauses?.first.map { ", most often: \($0.cause)" } ?? ""
    return Reason(.tooManyErrors, "\(summary.errors) of \(count) requests failed\(most)", remedy: refusalRemedy)
  }

  /// What to do where the server refused the last request that failed.
  private var refusalRemedy: String? {
    switch requests.last(where: { $0.outcome == .failed })?.status {
    case 401, 403: "set PLIMSOLL_API_KEY, or name a file that holds the key with --api-key-file"
    case 404: "check the address, the model's name (--model) and the protocol (--api)"
    default: nil
    }
  }

  /// More than 1% of the requests that were due had no answer at the end: the figures are those of the others.
  fileprivate var unanswered: Reason? {
    let count = summary.completed + summary.errors + (summary.censored ?? 0)
    guard let open = summary.censored, count > 0, Double(open) > 0.01 * Double(count) else { return nil }
    return Reason(
      .requestsUnanswered, "\(open) of \(count) requests were due and not answered by the end",
      remedy: "ask for less, or let the stage run longer")
  }

  /// The client's lateness must stay small beside what it measures: a tenth of the median first token, at least 2 ms;
  /// a loop that is busy all the time measures itself.
  fileprivate var clientLate: Reason? {
    let allowed = max(0.002, 0.1 * (summary.timeToFirstToken.p50 ?? summary.timeToFirstToken.mean ?? 0))
    let late = client.dispatchLateness.p99 ?? client.dispatchLateness.maximum ?? 0
    if late > allowed {
      return Reason(
        .clientLate,
        "requests were sent \(formattedSeconds(late)) late, where \(formattedSeconds(allowed)) is allowed",
        remedy: "run the client on a machine of its own, or at a lower rate")
    }
    guard client.busyShare > 0.9, summary.durationSeconds > 1 else { return nil }
    return Reason(.clientLate, "the client's loop was busy \(Int(client.busyShare * 100))% of the time")
  }

  /// The client's error against a server of known timing, where it is more than a tenth of what was measured.
  fileprivate var clientCoarse: Reason? {
    guard let floor = client.floor, let first = summary.timeToFirstToken.p50 ?? summary.timeToFirstToken.mean,
      floor.timeToFirstTokenP50 > 0.1 * first
    else { return nil }
    return Reason(
      .clientLate,
      "the client's own error of \(formattedSeconds(floor.timeToFirstTokenP50)) is more than a tenth of the "
        + "first token's \(formattedSeconds(first))",
      remedy: "run the client on a machine of its own, or give the server longer prompts")
  }

  fileprivate var environmentChanged: Reason? {
    guard let first = environmentChanges.first else { return nil }
    let more = environmentChanges.count > 1 ? ", and \(environmentChanges.count - 1) more" : ""
    return Reason(.environmentChanged, "while it was measured \(first)\(more)", remedy: "measure it again")
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
    let cached = requests.compactMap { $0.cachedTokens }
    let median = cached.sorted()[cached.count / 2]
    guard Double(median) > max(48, templateTokens + 16) else { return nil }
    return Reason(
      .cacheWarm, "the server had \((share * 100).formatted(decimals: 1))% of the prompts' tokens cached",
      remedy: "use --cache measured to measure with its cache on purpose")
  }

  /// A cold run in which the server had the head of every prompt: no text that was sent before, so not invalid.
  var templateCached: Reason? {
    guard let share = unwantedCachedShare, share > 0.1, settings.dataset.kind != .mooncake, cacheWarm == nil else {
      return nil
    }
    return Reason(
      .templateCached,
      "\((share * 100).formatted(decimals: 1))% of the prompts' tokens were cached, the head that the server's template "
        + "gives every prompt",
      remedy: "longer prompts make its share small")
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
      .throttled, "the processor fell from \(Int(early)) to \(Int(late)) MHz at \(Int(heat)) degrees",
      remedy: "let it cool, or measure the settled state with a longer warm-up")
  }

  fileprivate var lengthsDiffer: Reason? {
    guard settings.fixedOutputLength else { return nil }
    let told = requests.filter { $0.outcome == .completed && $0.outputTokens != nil && $0.requestedOutputTokens != nil }
    let different = told.count { $0.outputTokens != $0.requestedOutputTokens }
    guard !told.isEmpty, Double(different) > 0.01 * Double(told.count) else { return nil }
    return Reason(.lengthsDiffer, "\(different) of \(told.count) answers have another length than was asked")
  }

  fileprivate var tooFewSamples: Reason? {
    let count = summary.completed
    let least = Distribution.leastSamples(for: 0.95)
    guard count > 0, count < least else { return nil }
    return Reason(
      .tooFewSamples, "\(count) requests do not state a 95th percentile: \(least) would",
      remedy: "--requests \(least)")
  }

  fileprivate var tokenCounts: Reason? {
    switch summary.tokenCounting {
    case .spread: Reason(.tokensSpread, "chunks hold several tokens and the server does not say how many each")
    case .chunks: Reason(.tokensUncounted, "the server gives no token counts: a chunk is taken for one token")
    case .perChunk, .oneByOne, nil: nil
    }
  }
}
