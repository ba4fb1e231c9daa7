import Platform

/// The stages of one benchmark, from calibration to the last, on one load thread.
struct BenchmarkSession {
  static let warmup = "warm-up"
  static let calibrating = "calibration"

  private let settings: BenchmarkSettings
  private var target: BenchmarkTarget
  private let thread: LoadThread
  private let channel: AsyncStream<SessionMessage>.Continuation
  /// Nanoseconds since the run's start.
  private let now: () -> Int64
  private var calibration: TokenCalibration
  private var nextIndex = 0
  /// Conversations that this client's measured stages have begun.
  private var begun = 0
  private(set) var stages: [StageResult] = []
  private var evidence: [StageEvidence] = []
  private var skipped: SkippedRows?
  var environmentChanges: [String] = []
  var floor: ClientFloor?
  var clock: ClientClock?
  /// The stage with the highest load that held, of a search.
  private var best: Int?
  /// The goal on which a search could not decide.
  private var unstatedGoal: LatencyGoal?

  init(
    settings: BenchmarkSettings, target: BenchmarkTarget, thread: LoadThread,
    channel: AsyncStream<SessionMessage>.Continuation, calibration: TokenCalibration?, now: @escaping () -> Int64
  ) {
    self.calibration = calibration ?? TokenCalibration()
    self.settings = settings
    self.target = target
    self.thread = thread
    self.channel = channel
    self.now = now
  }

  /// Carries everything out in order; ends early when it was interrupted or the server failed for good.
  mutating func run() async throws {
    let hasLengths = ![.jsonl, .shareGPT].contains(settings.dataset.kind)
    if hasLengths, settings.warmupRequests > 0, !calibration.isMeasured { try await calibrate() }
    let prompts = try makePrompts()
    try await warmUp(prompts)
    if let search = settings.search { return try await self.search(search, prompts) }
    try await waitForStart()
    for stage in settings.stages.compactMap({ settings.shard?.part(of: $0) ?? (settings.shard == nil ? $0 : nil) }) {
      guard thread.control.state == .run else { return }
      let outcome = try await measure(stage, prompts)
      if case .tooManyFailures = outcome.ending { return }
    }
  }

  /// Waits for the moment at which all shards begin.
  private func waitForStart() async throws {
    guard let start = settings.shard?.startAt else { return }
    let left = start - MonotonicClock().wallSeconds()
    // A cancelled wait ends the run like any other interruption.
    if left > 0 { try? await Task.sleep(for: .seconds(left)) }
  }

  /// Tries loads until the highest that keeps the goals is known closely enough.
  ///
  /// Each load gets as many requests as its percentile needs. Where the user limits its time and too few end in it, the
  /// search cannot go on.
  private mutating func search(_ search: GoalSearch, _ prompts: any PromptSource) async throws {
    let stop = settings.stages.first?.stop ?? StopRule(requests: StopRule.usualRequests)
    let least = settings.goals.map { Distribution.leastSamples(for: $0.statistic.quantile) }.max() ?? 6
    var tried: [(load: Int, held: Bool)] = []
    while let load = search.next(after: tried), thread.control.state == .run {
      var stop = stop
      if stop.seconds == nil { stop.requests = max(stop.requests ?? 0, least, 4 * load) }
      let outcome = try await measure(Stage(load: .concurrency(load), stop: stop), prompts)
      if case .tooManyFailures = outcome.ending { return }
      guard let summary = stages.last?.summary else { return }
      if summary.errors == 0, let goal = settings.goals.first(where: { $0.holds(for: summary) == nil }) {
        unstatedGoal = goal
        return
      }
      let held = summary.errors == 0 && settings.goals.allSatisfy { $0.holds(for: summary) == true }
      tried.append((load, held))
      if held { best = stages.count - 1 }
    }
  }

  /// Sends two short prompts and learns from the server's counts how many tokens a word is.
  private mutating func calibrate() async throws {
    let words = [64, 192]
    let prompts = FixedPrompts(
      words.map { count in
        var random = RandomSource(seed: settings.nonce, stream: UInt64(count))
        return Conversation(turns: [.init(text: SyntheticPrompts.text(words: count, from: &random), outputTokens: 1)])
      })
    let stage = Stage(name: Self.calibrating, load: .concurrency(1), stop: StopRule(requests: 2))
    let counts = try await reach(stage, prompts, nonce: nil).records.sorted { $0.index < $1.index }.map(\.inputTokens)
    guard counts.count == 2, let first = counts[0], let second = counts[1] else { return }
    calibration = TokenCalibration((words[0], first), (words[1], second)) ?? TokenCalibration()
  }

  private mutating func makePrompts() throws -> any PromptSource {
    // Only what the warm-up sent is in the cache.
    let pool = settings.cache == .warm ? max(1, settings.warmupRequests) : nil
    switch settings.dataset.kind {
    case .synthetic:
      return SyntheticPrompts(settings.dataset, seed: settings.seed, calibration: calibration, pool: pool)
    case .jsonl, .shareGPT, .mooncake, .azure:
      let prompts = try DatasetReader.read(
        settings.dataset, seed: settings.seed, calibration: calibration, pool: pool)
      skipped = prompts.skipped
      return prompts
    }
  }

  private mutating func warmUp(_ prompts: any PromptSource) async throws {
    guard settings.warmupRequests > 0, thread.control.state == .run else { return }
    let most = settings.stages.map { $0.load.mostInFlight ?? 4 }.max() ?? 1
    let stage = Stage(
      name: Self.warmup, load: .concurrency(min(settings.warmupRequests, most)),
      stop: StopRule(requests: settings.warmupRequests))
    _ = try await reach(stage, prompts, nonce: nonce)
  }

  /// Carries out what comes before the measurement, again where the server is not ready or wants to be asked otherwise.
  private mutating func reach(_ stage: Stage, _ prompts: any PromptSource, nonce: Nonce?) async throws -> StageSum {
    let deadline = now() + Int64((settings.waitSeconds ?? 0) * 1e9)
    var pause = 0.25
    while true {
      let (_, sum) = try await carryOut(stage, prompts, nonce: nonce)
      guard sum.summary.completed == 0, thread.control.state == .run, let refusal = sum.evidence.lastRefusal else {
        return sum
      }
      if refusal.error.contains("max_completion_tokens"), target.outputLimit == .maxTokens {
        target.outputLimit = .maxCompletionTokens
      } else if refusal.status == 503, now() < deadline {
        if pause == 0.25 { channel.yield(.event(.waiting(refusal.error))) }
        // A cancelled wait ends the run like any other interruption.
        try? await Task.sleep(for: .seconds(pause))
        pause = min(2, pause * 1.5)
      } else {
        return sum
      }
    }
  }

  /// In a cold run each prompt opens with words of its own. Where prompts share text with each other on purpose all
  /// open with the same ones: no earlier run is in the cache, and what they share stays shared.
  private var nonce: Nonce? {
    guard settings.cache == .cold else { return nil }
    let isShared = settings.dataset.sharedPrefixTokens > 0 || settings.dataset.kind == .mooncake
    return Nonce(run: settings.nonce, isSameForAll: isShared)
  }

  /// Carries out one measured stage and keeps its result.
  private mutating func measure(_ stage: Stage, _ prompts: any PromptSource) async throws -> StageOutcome {
    let (outcome, sum) = try await carryOut(stage, prompts, nonce: nonce)
    var result = StageResult(
      name: stage.name, concurrency: stage.load.concurrency, requestsPerSecond: stage.load.requestsPerSecond,
      summary: sum.summary)
    result.load = stage.load
    result.start = outcome.started
    stages.append(result)
    evidence.append(StageEvidence(outcome, stage: stage.name, sum))
    channel.yield(.event(.stageFinished(result)))
    return outcome
  }

  private mutating func carryOut(
    _ stage: Stage, _ prompts: any PromptSource, nonce: Nonce?
  ) async throws -> (StageOutcome, StageSum) {
    let isMeasured = stage.name != Self.warmup && stage.name != Self.calibrating
    var schedule = ArrivalSchedule.times(
      for: stage, seed: settings.seed &+ UInt64(stages.count), dataset: prompts.arrivals)
    if isMeasured, let shard = settings.shard { schedule = schedule.map { shard.part(of: $0) } }
    let plan = StagePlan(
      stage: stage, schedule: schedule, prompts: prompts, nonce: nonce,
      composer: RequestComposer(target: target, settings: settings), firstIndex: nextIndex,
      order: ConversationOrder(of: stage, settings, count: prompts.count, begun: begun),
      graceSeconds: settings.graceSeconds, failureLimit: settings.failureLimit)
    let accumulator = SummaryAccumulator(
      isOpenLoop: stage.load.isOpenLoop, concurrency: stage.load.concurrency, goals: settings.goals, origin: now())
    channel.yield(.begin(accumulator, keepsRecords: stage.name == Self.calibrating))
    channel.yield(.event(.stageStarted(stage, schedule: schedule)))
    let channel = channel
    let outcome = await thread.run(plan) { report in
      switch report {
      case .requests(let requests): channel.yield(.event(.requests(requests)))
      case .progress(let progress): channel.yield(.event(.progress(progress)))
      }
    }
    guard let outcome else { throw BenchmarkError.noResources }
    nextIndex = outcome.nextIndex
    if isMeasured { begun += outcome.conversations }
    let sum = await withCheckedContinuation { channel.yield(.end($0)) }
    return (outcome, sum)
  }

  /// Puts the result together once everything has been collected.
  func result(_ collected: CollectedEvents, startedAt: Double, seconds: Double, isInterrupted: Bool) -> BenchmarkResult
  {
    // Loads are never pooled: of several, the headline is that of the most throughput.
    let headline =
      best
      ?? stages.indices.max {
        (stages[$0].summary.outputTokensPerSecond ?? 0) < (stages[$1].summary.outputTokensPerSecond ?? 0)
      }
    var client =
      evidence.reduce(nil) { $1.client.worse(than: $0) }
      ?? ClientHealth(dispatchLateness: Distribution(count: 0), longestStall: 0, busyShare: 0, eventsPerRead: 0)
    client.floor = floor
    client.clock = clock
    var result = BenchmarkResult(
      settings: settings, target: target.name, startedAt: startedAt, durationSeconds: seconds, client: client)
    result.requests = collected.requests.sorted { $0.index < $1.index }
    result.schedules = collected.schedules
    result.stages = stages
    if let headline {
      result.summary = stages[headline].summary
      if stages.count > 1 { result.summaryStage = stages[headline].name }
    }
    result.samples = collected.samples
    result.bestStage = best.map { stages[$0].name }
    result.calibration = calibration
    result.outputLimit = target.outputLimit
    result.isInterrupted = isInterrupted
    var judged = RunEvidence(settings: settings, stages: evidence, client: client)
    judged.samples = collected.samples
    judged.isInterrupted = isInterrupted
    judged.templateTokens = calibration.overhead
    judged.unstatedGoal = unstatedGoal.map { "\($0)" }
    judged.environmentChanges = environmentChanges
    judged.skipped = skipped
    result.validity = Validity(judging: judged)
    return result
  }
}

/// What goes from a session to whoever collects its events.
enum SessionMessage: Sendable {
  case event(BenchmarkEvent)
  /// The requests from here on belong to a new stage.
  case begin(SummaryAccumulator, keepsRecords: Bool)
  /// Asks for the sum of the stage, once all of its requests have come.
  case end(CheckedContinuation<StageSum, Never>)
}

/// The sum of one stage's requests.
struct StageSum: Sendable {
  var summary: RunSummary
  var evidence: RequestEvidence
  /// The requests themselves, of a stage that keeps them.
  var records: [RequestRecord]
}

/// Conversations given one by one.
struct FixedPrompts: PromptSource {
  private let conversations: [Conversation]
  let arrivals: [Double]?

  init(_ conversations: [Conversation], arrivals: [Double]? = nil) {
    self.conversations = conversations
    self.arrivals = arrivals
  }

  var count: Int? { conversations.count }

  func conversation(_ index: Int) -> Conversation {
    conversations.isEmpty ? Conversation(turns: []) : conversations[index % conversations.count]
  }
}
