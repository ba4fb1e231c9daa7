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

/// Whether a run's figures may be believed, and every reason why not.
public struct Validity: Hashable, Sendable, Codable {
  public var ok: Bool
  public var reasons: [Reason]

  public init(reasons: [Reason] = []) {
    ok = reasons.isEmpty
    self.reasons = reasons
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

  public init(dispatchLateness: Distribution, longestStall: Double, busyShare: Double, eventsPerRead: Double) {
    self.dispatchLateness = dispatchLateness
    self.longestStall = longestStall
    self.busyShare = busyShare
    self.eventsPerRead = eventsPerRead
  }
}

/// A part of a run at one load, with its metrics.
public struct StageResult: Hashable, Sendable, Codable {
  public var name: String
  public var concurrency: Int?
  public var requestsPerSecond: Double?
  public var summary: RunSummary

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
  public var availableBytes: Int?
  public var megahertz: Double?
  public var celsius: Double?
  public var joules: Double?

  public init(time: Int64) { self.time = time }
}
