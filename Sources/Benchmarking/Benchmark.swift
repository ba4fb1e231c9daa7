public import Platform

/// A benchmark of one server: warm-up, then its stages in order.
///
/// Cancelling the task ends it early: what was measured up to then is in the result, which says so.
public struct Benchmark: Sendable {
  private let settings: BenchmarkSettings
  private let target: BenchmarkTarget
  private let tree: any FileTree
  private let calibration: TokenCalibration?
  private let floor: ClientFloor?
  private let accelerators: [any AcceleratorMeter]
  private let keepsRequests: Bool
  private let onEvent: @Sendable (BenchmarkEvent) async -> Void

  /// Creates a benchmark; `onEvent` is called for one event after another, never on the thread that measures, and
  /// also after a cancellation, so that finished requests can be stored as they come.
  ///
  /// - Parameters:
  ///   - calibration: what an earlier benchmark of the same server learned of its tokenizer; learned anew where there
  ///     is none and a warm-up is asked for.
  ///   - floor: the client's own error as it was measured beside this run; it is judged with the rest.
  ///   - accelerators: meters of their energy besides the kernel's own files.
  ///   - keepsRequests: false leaves the requests out of the result, for a run that stores them as they come: its memory
  ///     does not grow with their number.
  public init(
    settings: BenchmarkSettings, target: BenchmarkTarget, tree: any FileTree = DiskTree(),
    calibration: TokenCalibration? = nil, floor: ClientFloor? = nil,
    accelerators: [any AcceleratorMeter] = [], keepsRequests: Bool = true,
    onEvent: @escaping @Sendable (BenchmarkEvent) async -> Void = { _ in }
  ) {
    self.settings = settings
    self.target = target
    self.tree = tree
    self.calibration = calibration
    self.floor = floor
    self.accelerators = accelerators
    self.keepsRequests = keepsRequests
    self.onEvent = onEvent
  }

  /// Runs it to its end and returns what it found.
  ///
  /// - Throws: `BenchmarkError` where nothing could be measured at all; failures of the server are in the result.
  public func run() async throws -> BenchmarkResult {
    let clock = MonotonicClock()
    let startedAt = clock.wallSeconds()
    let origin = clock.now()
    try Self.requireFiles(for: settings)
    guard let thread = LoadThread(target: target, settings: settings, origin: origin) else {
      throw BenchmarkError.noResources
    }
    defer { thread.shutDown() }
    let (messages, channel) = AsyncStream.makeStream(of: SessionMessage.self)
    let (onEvent, keepsRequests) = (onEvent, keepsRequests)
    // A task of its own, so that a cancellation does not reach whoever stores what was measured.
    let collector = Task {
      var collected = CollectedEvents(keepsRequests: keepsRequests)
      for await message in messages {
        collected.add(message)
        if case .event(let event) = message { await onEvent(event) }
      }
      return collected
    }
    var session = BenchmarkSession(
      settings: settings, target: target, thread: thread, channel: channel, calibration: calibration,
      now: { clock.now() - origin })
    session.floor = floor
    if settings.shard != nil { session.clock = ClientClock(of: tree) }
    let before = EnvironmentMark(tree: tree, processes: target.processes)
    let sampler = Task { [settings, target, tree, accelerators] in
      let sampler = ServerSampler(
        tree: tree, processes: target.processes, isServersMachine: target.isOnThisMachine, accelerators: accelerators)
      await Self.sample(sampler, settings, origin, channel)
    }
    let failure: (any Error)?
    do {
      try await withTaskCancellationHandler {
        try await session.run()
      } onCancel: {
        thread.control.ask(.abort)
      }
      failure = nil
    } catch {
      failure = error
    }
    sampler.cancel()
    await sampler.value
    channel.finish()
    let collected = await collector.value
    if let failure { throw failure }
    session.environmentChanges = before.changes(until: EnvironmentMark(tree: tree, processes: target.processes))
    return session.result(
      collected, startedAt: startedAt, seconds: Double(clock.now() - origin) / 1e9, isInterrupted: Task.isCancelled)
  }

  /// Files that the program has open beside its connections: libraries, the database, pipes.
  private static let filesOfItsOwn = 32

  /// Raises the limit of open files as far as the system lets it, and refuses what needs more: connections that cannot be
  /// opened would look like a server that refuses them.
  ///
  /// - Parameter streamsOfSelftest: streams of a built-in server that runs beside, each with both of its ends.
  /// - Throws: `BenchmarkError.tooFewFiles`.
  public static func requireFiles(for settings: BenchmarkSettings, streamsOfSelftest: Int = 0) throws {
    ResourceLimit.openFiles.raise()
    // How many an open loop will need, nobody knows beforehand.
    let closed = settings.stages.filter { !$0.load.isOpenLoop }
    let most = closed.map { min($0.load.mostInFlight ?? 1, $0.stop.requests ?? .max, 1 << 40) }.max() ?? 1
    let needed = max(most, 2 * streamsOfSelftest) + filesOfItsOwn
    guard let allowed = ResourceLimit.openFiles.most, allowed < needed else { return }
    throw BenchmarkError.tooFewFiles(needed: needed, allowed: allowed)
  }

  private static func sample(
    _ first: ServerSampler, _ settings: BenchmarkSettings, _ origin: Int64,
    _ channel: AsyncStream<SessionMessage>.Continuation
  ) async {
    guard settings.sampleSeconds > 0 else { return }
    var sampler = first
    let clock = MonotonicClock()
    repeat {
      channel.yield(.event(.sample(sampler.sample(at: clock.now() - origin))))
      do { try await Task.sleep(for: .seconds(settings.sampleSeconds)) } catch { break }
    } while !Task.isCancelled
    channel.yield(.event(.sample(sampler.sample(at: clock.now() - origin))))
  }
}

/// What came out of a benchmark while it ran.
struct CollectedEvents: Sendable {
  private let keepsRequests: Bool
  private(set) var requests: [RequestRecord] = []
  private(set) var samples: [TelemetrySample] = []
  /// Samples so far, and of how many one is kept.
  private var sampled = 0
  private var stride = 1
  private(set) var schedules: [String: [Int64]] = [:]
  private var stage: SummaryAccumulator?
  private var keepsRecords = false
  private var records: [RequestRecord] = []

  init(keepsRequests: Bool) { self.keepsRequests = keepsRequests }

  mutating func add(_ message: SessionMessage) {
    switch message {
    case .begin(let accumulator, let keepsRecords):
      stage = accumulator
      self.keepsRecords = keepsRecords
      records = []
    case .end(let continuation):
      let sum = StageSum(
        summary: stage?.summary ?? RunSummary(completed: 0, errors: 0, durationSeconds: 0),
        evidence: stage?.evidence ?? RequestEvidence(), records: records)
      stage = nil
      continuation.resume(returning: sum)
    case .event(let event): add(event)
    }
  }

  private mutating func add(_ event: BenchmarkEvent) {
    switch event {
    case .requests(let finished):
      for request in finished { stage?.add(request) }
      if keepsRequests { requests += finished }
      if keepsRecords { records += finished }
    case .sample(let sample): add(sample)
    case .stageStarted(let stage, let schedule): if keepsRequests { schedules[stage.name] = schedule }
    case .progress, .stageFinished, .waiting: break
    }
  }

  /// Samples kept of a run whose memory does not grow with its length: half an hour of them, then every other.
  static let mostSamples = 4096

  private mutating func add(_ sample: TelemetrySample) {
    defer { sampled += 1 }
    guard sampled.isMultiple(of: stride) else { return }
    samples.append(sample)
    guard !keepsRequests, samples.count == Self.mostSamples else { return }
    samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    stride *= 2
  }
}
