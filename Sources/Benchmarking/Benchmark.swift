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
  private let onEvent: @Sendable (BenchmarkEvent) async -> Void

  /// Creates a benchmark; `onEvent` is called for one event after another, never on the thread that measures, and
  /// also after a cancellation, so that finished requests can be stored as they come.
  ///
  /// - Parameters:
  ///   - calibration: what an earlier benchmark of the same server learned of its tokenizer; learned anew where there
  ///     is none and a warm-up is asked for.
  ///   - floor: the client's own error as it was measured beside this run; it is judged with the rest.
  ///   - accelerators: meters of their energy besides the kernel's own files.
  public init(
    settings: BenchmarkSettings, target: BenchmarkTarget, tree: any FileTree = DiskTree(),
    calibration: TokenCalibration? = nil, floor: ClientFloor? = nil,
    accelerators: [any AcceleratorMeter] = [],
    onEvent: @escaping @Sendable (BenchmarkEvent) async -> Void = { _ in }
  ) {
    self.settings = settings
    self.target = target
    self.tree = tree
    self.calibration = calibration
    self.floor = floor
    self.accelerators = accelerators
    self.onEvent = onEvent
  }

  /// Runs it to its end and returns what it found.
  ///
  /// - Throws: `BenchmarkError` where nothing could be measured at all; failures of the server are in the result.
  public func run() async throws -> BenchmarkResult {
    let clock = MonotonicClock()
    let startedAt = clock.wallSeconds()
    let origin = clock.now()
    ResourceLimit.openFiles.raise()
    guard let thread = LoadThread(target: target, settings: settings, origin: origin) else {
      throw BenchmarkError.noResources
    }
    defer { thread.shutDown() }
    let (events, channel) = AsyncStream.makeStream(of: BenchmarkEvent.self)
    let onEvent = onEvent
    // A task of its own, so that a cancellation does not reach whoever stores what was measured.
    let collector = Task {
      var collected = CollectedEvents()
      for await event in events {
        collected.add(event)
        await onEvent(event)
      }
      return collected
    }
    var session = BenchmarkSession(
      settings: settings, target: target, thread: thread, channel: channel, calibration: calibration)
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

  private static func sample(
    _ first: ServerSampler, _ settings: BenchmarkSettings, _ origin: Int64,
    _ channel: AsyncStream<BenchmarkEvent>.Continuation
  ) async {
    guard settings.sampleSeconds > 0 else { return }
    var sampler = first
    let clock = MonotonicClock()
    repeat {
      channel.yield(.sample(sampler.sample(at: clock.now() - origin)))
      do { try await Task.sleep(for: .seconds(settings.sampleSeconds)) } catch { break }
    } while !Task.isCancelled
    channel.yield(.sample(sampler.sample(at: clock.now() - origin)))
  }
}

/// What came out of a benchmark while it ran.
struct CollectedEvents: Sendable {
  var requests: [RequestRecord] = []
  var samples: [TelemetrySample] = []
  var schedules: [String: [Int64]] = [:]

  mutating func add(_ event: BenchmarkEvent) {
    switch event {
    case .requests(let finished): requests += finished
    case .sample(let sample): samples.append(sample)
    case .stageStarted(let stage, let schedule): schedules[stage.name] = schedule
    case .progress, .stageFinished: break
    }
  }
}
