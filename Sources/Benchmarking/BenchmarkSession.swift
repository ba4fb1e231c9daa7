import Platform
import Synchronization

/// The stages of one benchmark, from calibration to the last, on one load thread.
struct BenchmarkSession {
  static let warmup = "warm-up"
  static let calibrating = "calibration"

  private let settings: BenchmarkSettings
  private let target: BenchmarkTarget
  private let thread: LoadThread
  private let channel: AsyncStream<BenchmarkEvent>.Continuation
  private let composer: RequestComposer
  private var calibration: TokenCalibration
  private var nextIndex = 0
  /// Conversations that this client's measured stages have begun.
  private var begun = 0
  private(set) var stages: [StageResult] = []
  private var outcomes: [StageOutcome] = []
  var environmentChanges: [String] = []
  var floor: ClientFloor?
  var clock: ClientClock?
  /// The stage with the highest load that held, of a search.
  private var best: Int?
  /// The goal on which a search could not decide.
  private var unstatedGoal: LatencyGoal?

  init(
    settings: BenchmarkSettings, target: BenchmarkTarget, thread: LoadThread,
    channel: AsyncStream<BenchmarkEvent>.Continuation, calibration: TokenCalibration?
  ) {
    self.calibration = calibration ?? TokenCalibration()
    self.settings = settings
    self.target = target
    self.thread = thread
    self.channel = channel
    composer = RequestComposer(target: target, settings: settings)
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
    let (_, requests) = try await carryOut(stage, prompts, nonce: nil)
    let counts = requests.sorted { $0.index < $1.index }.map { $0.inputTokens }
    guard counts.count == 2, let first = counts[0], let second = counts[1] else { return }
    calibration = TokenCalibration((words[0], first), (words[1], second)) ?? TokenCalibration()
  }

  private func makePrompts() throws -> any PromptSource {
    // Only what the warm-up sent is in the cache.
    let pool = settings.cache == .warm ? max(1, settings.warmupRequests) : nil
    switch settings.dataset.kind {
    case .synthetic:
      return SyntheticPrompts(settings.dataset, seed: settings.seed, calibration: calibration, pool: pool)
    case .jsonl, .shareGPT, .mooncake, .azure:
      return try DatasetReader.read(settings.dataset, seed: settings.seed, calibration: calibration, pool: pool)
    }
  }

  private mutating func warmUp(_ prompts: any PromptSource) async throws {
    guard settings.warmupRequests > 0, thread.control.state == .run else { return }
    let most = settings.stages.map { $0.load.mostInFlight ?? 4 }.max() ?? 1
    let stage = Stage(
      name: Self.warmup, load: .concurrency(min(settings.warmupRequests, most)),
      stop: StopRule(requests: settings.warmupRequests))
    _ = try await carryOut(stage, prompts, nonce: nonce)
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
    let (outcome, requests) = try await carryOut(stage, prompts, nonce: nonce)
    outcomes.append(outcome)
    var result = StageResult(
      name: stage.name, concurrency: stage.load.concurrency, requestsPerSecond: stage.load.requestsPerSecond,
      summary: RunSummary(
        of: requests, isOpenLoop: stage.load.isOpenLoop, concurrency: stage.load.concurrency, goals: settings.goals))
    result.start = outcome.started
    stages.append(result)
    channel.yield(.stageFinished(result))
    return outcome
  }

  private mutating func carryOut(
    _ stage: Stage, _ prompts: any PromptSource, nonce: Nonce?
  ) async throws -> (StageOutcome, [RequestRecord]) {
    let isMeasured = stage.name != Self.warmup && stage.name != Self.calibrating
    var schedule = ArrivalSchedule.times(
      for: stage, seed: settings.seed &+ UInt64(stages.count), dataset: prompts.arrivals)
    if isMeasured, let shard = settings.shard { schedule = schedule.map { shard.part(of: $0) } }
    let plan = StagePlan(
      stage: stage, schedule: schedule, prompts: prompts, nonce: nonce, composer: composer, firstIndex: nextIndex,
      order: ConversationOrder(of: stage, settings, count: prompts.count, begun: begun),
      graceSeconds: settings.graceSeconds, failureLimit: settings.failureLimit)
    channel.yield(.stageStarted(stage, schedule: schedule))
    let kept = RequestBasket()
    let channel = channel
    let outcome = await thread.run(plan) { report in
      switch report {
      case .requests(let requests):
        kept.add(requests)
        channel.yield(.requests(requests))
      case .progress(let progress): channel.yield(.progress(progress))
      }
    }
    guard let outcome else { throw BenchmarkError.noResources }
    nextIndex = outcome.nextIndex
    if isMeasured { begun += outcome.conversations }
    return (outcome, kept.all)
  }

  /// Puts the result together once everything has been collected.
  func result(_ collected: CollectedEvents, startedAt: Double, seconds: Double, isInterrupted: Bool) -> BenchmarkResult
  {
    let requests = collected.requests.sorted { $0.index < $1.index }
    let measured = requests.filter { $0.stage != Self.warmup && $0.stage != Self.calibrating }
    let isOpenLoop = settings.stages.contains { $0.load.isOpenLoop }
    let only = settings.stages.count == 1 ? settings.stages.first?.load.concurrency : nil
    let summary =
      stages.count == 1 || best != nil
      ? stages[best ?? 0].summary
      : RunSummary(of: measured, isOpenLoop: isOpenLoop, concurrency: only, goals: settings.goals)
    var client = ClientHealth(outcomes)
    client.floor = floor
    client.clock = clock
    var result = BenchmarkResult(
      settings: settings, target: target.name, startedAt: startedAt, durationSeconds: seconds, client: client)
    result.requests = requests
    result.schedules = collected.schedules
    result.stages = stages
    result.summary = summary
    result.samples = collected.samples
    result.bestStage = best.map { stages[$0].name }
    result.calibration = calibration
    result.isInterrupted = isInterrupted
    var evidence = ValidityEvidence(
      settings: settings, requests: measured, summary: summary, client: client, samples: collected.samples,
      isInterrupted: isInterrupted, gaveUp: gaveUp)
    evidence.templateTokens = calibration.overhead
    evidence.unstatedGoal = unstatedGoal.map { "\($0)" }
    evidence.environmentChanges = environmentChanges
    result.validity = Validity(judging: evidence)
    return result
  }

  private var gaveUp: String? {
    for case .tooManyFailures(let error) in outcomes.map({ $0.ending }) { return error }
    return nil
  }
}

/// Requests of one stage, put in by the loop's thread and taken out when it has ended.
private final class RequestBasket: Sendable {
  private let requests = Mutex<[RequestRecord]>([])

  func add(_ more: [RequestRecord]) { requests.withLock { $0 += more } }

  var all: [RequestRecord] { requests.withLock { $0 } }
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
