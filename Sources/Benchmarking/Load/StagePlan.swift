/// One stage, worked out to the last arrival, ready for the loop.
struct StagePlan: Sendable {
  var stage: Stage
  /// Nanoseconds from the stage's start; nil for a closed loop.
  var schedule: [Int64]?
  var prompts: any PromptSource
  /// Makes prompts unlike those of any other run; nil where they are sent as they are.
  var nonce: Nonce?
  var composer: RequestComposer
  /// Number of the first request.
  var firstIndex: Int
  var order = ConversationOrder()
  var graceSeconds: Double
  var failureLimit: Int

  /// Returns how many requests may be in flight this long after the stage's start.
  func limit(at elapsed: Int64) -> Int {
    switch stage.load {
    case .concurrency(let count): return max(1, count)
    case .concurrencyRamp(let from, let to, let seconds):
      let share = seconds > 0 ? min(1, Double(elapsed) / 1e9 / seconds) : 1
      return max(1, Int((Double(from) + Double(to - from) * share).rounded()))
    case .rate(_, _, let cap), .rateRamp(_, _, _, _, let cap), .trace(_, let cap): return cap.map { max(1, $0) } ?? .max
    }
  }

  /// Nanoseconds after which the limit should be looked at again, while a ramp goes on.
  var limitStep: Int64? {
    guard case .concurrencyRamp(let from, let to, let seconds) = stage.load, from != to else { return nil }
    return Int64(max(1e6, seconds * 1e9 / Double((to - from).magnitude)))
  }
}

/// Which conversation of the data set each arrival of a stage asks, so that neither stages nor shards repeat each other.
struct ConversationOrder: Sendable, Hashable {
  var first = 0
  var step = 1

  subscript(place: Int) -> Int { first + place * step }
}

extension ConversationOrder {
  /// The conversations of a stage, of so many in the data set, after so many that this client's stages have begun.
  ///
  /// The warm-up takes those that the measurement reaches last, or never; of a warm cache, all. A trace pairs each of
  /// its moments with its own request, so it begins anew each time.
  init(of stage: Stage, _ settings: BenchmarkSettings, count: Int?, begun: Int) {
    switch stage.name {
    case BenchmarkSession.calibrating: self.init()
    case BenchmarkSession.warmup: self.init(first: max(0, (count ?? 0) - settings.warmupRequests))
    default:
      self.init(
        first: (count == nil ? settings.warmupRequests : 0) + (settings.shard?.index ?? 1) - 1,
        step: settings.shard?.count ?? 1)
      if stage.load.isReplay { return }
      first = self[begun]
    }
  }
}

/// How a stage went, apart from its requests.
struct StageOutcome: Sendable {
  /// Why a stage sent no more.
  enum Ending: Sendable, Hashable { case planned, precisionReached, interrupted, tooManyFailures(String) }

  var started: Int64
  /// When the last request had been sent.
  var sendingEnded: Int64
  var ended: Int64
  var ending: Ending
  var nextIndex: Int
  /// Conversations that were begun.
  var conversations: Int
  /// How late requests were handed to libcurl, seconds; those that had no moment to be late for are not in it.
  var lateness: Samples
  /// The same of requests whose prompt was not written in time.
  var promptWaits: Samples
  var oddities: StreamOddities
  var longestStall: Int64
  var busyShare: Double
  var events: Int
  var reads: Int
}

/// How a stage stands, for a live display.
public struct BenchmarkProgress: Hashable, Sendable {
  public var stage: String
  public var elapsedSeconds: Double
  public var sent: Int
  public var finished: Int
  public var failed: Int
  /// What the latest failure was.
  public var lastError: String?
  public var inFlight: Int
  /// Content chunks that have come, of finished requests and those under way.
  public var chunks: Int
  /// Output tokens of finished requests.
  public var outputTokens: Int
  /// Share of the stage that is done, by its nearest limit; nil where it has none.
  public var share: Double?
}

/// What the loop tells while a stage runs.
enum LoadReport: Sendable {
  case requests([RequestRecord])
  case progress(BenchmarkProgress)
}
