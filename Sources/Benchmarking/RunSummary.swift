public import Units

/// Order statistics of one metric in seconds; a percentile is nil where there are too few samples to state it.
public struct Distribution: Hashable, Sendable, Codable {
  public var p50: Double?
  public var p90: Double?
  public var p95: Double?
  public var p99: Double?
  public var mean: Double?
  public var minimum: Double?
  public var maximum: Double?
  public var standardDeviation: Double?
  public var count: Int

  public init(count: Int) { self.count = count }
}

/// The metrics of a run or of one of its stages, as `benchmark-definitions` of the README states them.
public struct RunSummary: Hashable, Sendable, Codable {
  public var timeToFirstToken: Distribution
  public var timePerOutputToken: Distribution
  public var interTokenLatency: Distribution
  public var endToEnd: Distribution
  public var outputTokensPerSecond: Double?
  public var inputTokensPerSecond: Double?
  public var requestsPerSecond: Double?
  public var completed: Int
  public var errors: Int
  public var durationSeconds: Double

  /// First content that is no reasoning, from the send.
  public var timeToFirstOutput: Distribution?
  /// End-to-end time by output token, NTPOT.
  public var normalizedTimePerOutputToken: Distribution?
  /// Raw gaps between content chunks: what a reader sees.
  public var interChunkLatency: Distribution?
  /// From the last content to the end of the stream.
  public var streamClose: Distribution?
  /// Open loops only: the same two from the send, where the headline counts from the schedule.
  public var serviceTimeToFirstToken: Distribution?
  public var serviceEndToEnd: Distribution?
  /// Output tokens a second while at least 95% of the wanted requests were in flight; closed loops only.
  public var steadyOutputTokensPerSecond: Double?
  /// The most output tokens in any one second, on a grid of tenths.
  public var peakOutputTokensPerSecond: Double?
  public var totalTokensPerSecond: Double?
  public var goodput: Goodput?
  /// Share of the input tokens that the server had cached; nil where it does not tell.
  public var cachedShare: Double?
  public var timedOut: Int?
  public var censored: Int?
  public var inputTokens: Int?
  public var outputTokens: Int?
  /// Tokens that requests without success produced, in no other figure.
  public var wastedTokens: Int?
  public var tokenCounting: TokenCounting?
  /// What failed requests ended with, the most frequent few; nil where none failed.
  public var failureCauses: [FailureCause]?
  /// The server's own times for the prompt and for each output token, where it tells them (llama.cpp).
  public var serverPromptSeconds: Distribution?
  public var serverTimePerOutputToken: Distribution?

  public init(completed: Int, errors: Int, durationSeconds: Double) {
    timeToFirstToken = Distribution(count: 0)
    timePerOutputToken = Distribution(count: 0)
    interTokenLatency = Distribution(count: 0)
    endToEnd = Distribution(count: 0)
    self.completed = completed
    self.errors = errors
    self.durationSeconds = durationSeconds
  }
}

/// What some failed requests ended with.
public struct FailureCause: Hashable, Sendable, Codable {
  /// The server's own words with its status, or the transport's.
  public var cause: String
  public var requests: Int

  public init(cause: String, requests: Int) {
    self.cause = cause
    self.requests = requests
  }

  /// `12 × 401: invalid key`.
  public var sentence: String { "\(requests) × \(cause)" }
}

/// How the tokens of chunks were known, from the best to the least.
public enum TokenCounting: String, Hashable, Sendable, Codable, CaseIterable {
  /// The server counted with each chunk.
  case perChunk
  /// The server's total equals the chunks, so each chunk was one token.
  case oneByOne
  /// The server gave a total that differs from the chunks: it is spread evenly over them.
  case spread
  /// The server gave no count: a chunk is taken for one token.
  case chunks
}

/// Requests for which every latency goal held; failures count as misses.
public struct Goodput: Hashable, Sendable, Codable {
  public var requestsPerSecond: Double
  public var attained: Int
  public var considered: Int
  /// Wilson's 95% interval of the share attained.
  public var low: Double
  public var high: Double

  public init(requestsPerSecond: Double, attained: Int, considered: Int, low: Double, high: Double) {
    self.requestsPerSecond = requestsPerSecond
    self.attained = attained
    self.considered = considered
    self.low = low
    self.high = high
  }
}

/// Whether a run's figures may be believed, and every reason why not.
public struct Validity: Hashable, Sendable, Codable {
  public var ok: Bool
  /// What makes the figures unusable, then what only has to be known when reading them.
  public private(set) var reasons: [Reason]
  /// How many of the reasons make the figures unusable; nil in runs of older versions, where it is not known.
  private var decisive: Int?

  public init(reasons: [Reason] = []) {
    self.init(invalid: reasons, doubtful: [])
  }

  /// Creates a verdict from what makes the figures unusable and what only has to be known when reading them.
  public init(invalid: [Reason], doubtful: [Reason]) {
    ok = invalid.isEmpty
    reasons = invalid + doubtful
    decisive = invalid.count
  }

  /// What makes the figures unusable.
  public var invalid: [Reason] { ok ? [] : Array(reasons.prefix(max(0, decisive ?? reasons.count))) }

  /// What only has to be known when reading the figures.
  public var doubtful: [Reason] { Array(reasons.dropFirst(invalid.count)) }

  /// Adds a reason that makes the figures unusable.
  public mutating func invalidate(_ reason: Reason) {
    self = Validity(invalid: [reason] + invalid, doubtful: doubtful)
  }
}

/// How well the load generator itself did: part of every result.
public struct ClientHealth: Hashable, Sendable, Codable {
  /// Actual send minus scheduled send, seconds.
  public var dispatchLateness: Distribution
  /// The longest time between two turns of the event loop that was not spent waiting, seconds.
  public var longestStall: Double
  /// Share of one core that the loop used.
  public var busyShare: Double
  /// Mean events in one read of a socket.
  public var eventsPerRead: Double
  /// The client's error against a server of known timing, where it was measured beside this run.
  public var floor: ClientFloor?
  /// CPU time of the load generator's thread over the measured stages.
  public var cpuSeconds: Double?
  /// The longest that a request waited for its prompt to be written, seconds; nil where none did.
  public var promptWait: Double?
  /// What was odd about the answers, by how many of them; nil in runs of older versions.
  public var oddities: StreamOddities?
  /// The clock by which the shards of a load begin together.
  public var clock: ClientClock?

  public init(dispatchLateness: Distribution, longestStall: Double, busyShare: Double, eventsPerRead: Double) {
    self.dispatchLateness = dispatchLateness
    self.longestStall = longestStall
    self.busyShare = busyShare
    self.eventsPerRead = eventsPerRead
  }
}

/// How far a client's wall clock can be trusted.
public struct ClientClock: Hashable, Sendable, Codable {
  /// Names the boot of the machine: clients with one boot share one clock.
  public var boot: String
  /// The kernel's own bound on the clock's error, seconds; about 16 where nothing synchronizes it.
  public var errorSeconds: Double

  public init(boot: String, errorSeconds: Double) {
    self.boot = boot
    self.errorSeconds = errorSeconds
  }
}

/// The client's own error, measured against the built-in server on this machine, seconds.
public struct ClientFloor: Hashable, Sendable, Codable {
  public var timeToFirstTokenP50: Double
  public var timeToFirstTokenP99: Double
  public var interTokenP99: Double
  public var streams: Int

  public init(timeToFirstTokenP50: Double, timeToFirstTokenP99: Double, interTokenP99: Double, streams: Int) {
    self.timeToFirstTokenP50 = timeToFirstTokenP50
    self.timeToFirstTokenP99 = timeToFirstTokenP99
    self.interTokenP99 = interTokenP99
    self.streams = streams
  }
}

/// A part of a run at one load, with its metrics.
public struct StageResult: Hashable, Sendable, Codable {
  public var name: String
  public var concurrency: Int?
  public var requestsPerSecond: Double?
  /// How requests came; nil where that is not known, as of an import.
  public var load: LoadPattern?
  public var summary: RunSummary
  /// When it began, nanoseconds since the run's start; nil where that is not known.
  public var start: Int64?

  public init(name: String, concurrency: Int?, requestsPerSecond: Double?, summary: RunSummary) {
    self.name = name
    self.concurrency = concurrency
    self.requestsPerSecond = requestsPerSecond
    self.summary = summary
  }
}

/// The machine and the server at one moment of a run.
public struct TelemetrySample: Hashable, Sendable, Codable {
  /// Nanoseconds since the run's start.
  public var time: Int64
  public var serverResidentBytes: Int?
  /// Share of the server's CPU time since the last sample, 1 for one core.
  public var serverCPU: Double?
  public var machineCPU: Double?
  /// Cores that other programs than the server used since the last sample, the load generator among them.
  public var otherCores: Double?
  public var availableBytes: Int?
  public var megahertz: Double?
  public var celsius: Double?
  /// Energy of the processors so far.
  public var joules: Double?
  /// Energy of the accelerators so far.
  public var acceleratorJoules: Double?

  public init(time: Int64) { self.time = time }

  /// Returns the sample as one of a run that began so many nanoseconds earlier.
  public func shifted(by nanoseconds: Int64) -> TelemetrySample {
    var sample = self
    sample.time += nanoseconds
    return sample
  }
}
