/// What the server may have cached of a request's prompt.
public enum CacheMode: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every prompt is new to the server: it opens with words that no other request of any run has.
  case cold
  /// Prompts are sent as the data set has them and once before the measurement, so that they are in the cache.
  case warm
  /// Prompts are sent as the data set has them; what was cached is measured and reported.
  case measured
}

/// Everything that was asked of a benchmark, as it is kept with the run.
public struct BenchmarkSettings: Hashable, Sendable, Codable {
  public var stages: [Stage]
  /// Requests sent before the measurement, kept apart in stage `warm-up`.
  public var warmupRequests: Int
  public var dataset: DatasetSettings
  public var cache: CacheMode
  /// Asks the server to produce exactly the requested length: `ignore_eos` and `min_tokens`.
  public var fixedOutputLength: Bool
  /// Asks for token counts with each chunk (`continuous_usage_stats`, `timings_per_token`).
  public var countsPerChunk: Bool
  public var temperature: Double?
  /// Seeds prompts and arrivals.
  public var seed: UInt64
  /// Words that make the prompts of this run differ from those of any other; drawn anew for each run.
  public var nonce: UInt64
  public var requestTimeoutSeconds: Double
  /// How long requests in flight may take to end after the last was sent; the rest are censored.
  public var graceSeconds: Double
  /// How long a server that answers 503 is waited for before the measurement; nil does not wait.
  public var waitSeconds: Double?
  /// Failures in a row at which a stage gives up.
  public var failureLimit: Int
  public var goals: [LatencyGoal]
  /// Where there is one, loads are tried by it and the first stage gives how each is stopped.
  public var search: GoalSearch?
  /// Which part of the load this client makes, where several share it.
  public var shard: Shard?
  /// Seconds between samples of the server and the machine.
  public var sampleSeconds: Double

  public init(
    stages: [Stage], dataset: DatasetSettings = DatasetSettings(), warmupRequests: Int = 1, cache: CacheMode = .cold,
    seed: UInt64 = 1, nonce: UInt64? = nil
  ) {
    self.stages = stages
    self.dataset = dataset
    self.warmupRequests = warmupRequests
    self.cache = cache
    self.seed = seed
    self.nonce = nonce ?? UInt64.random(in: 1...(1 << 53))
    fixedOutputLength = true
    countsPerChunk = false
    temperature = 0
    requestTimeoutSeconds = 600
    graceSeconds = 30
    failureLimit = 20
    goals = []
    sampleSeconds = 0.5
  }
}
