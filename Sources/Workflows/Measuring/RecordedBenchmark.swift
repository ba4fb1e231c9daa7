public import Benchmarking
import Platform
public import Records
import Reporting
import Units

/// A benchmark whose every request is stored as it ends, so that an interruption loses nothing.
///
/// `bench` and `run` both measure through it.
public struct RecordedBenchmark: Sendable {
  var settings: BenchmarkSettings
  var target: BenchmarkTarget
  var run: Run
  var store: RunStore
  var onProgress: @Sendable (BenchmarkEvent) -> Void
  private let failure = StoringFailure()

  /// What kept requests or the run from being stored; nil where everything was. The figures hold all the same.
  public var storingFailure: (any Error)? { failure.error }

  /// - Parameter run: what is known of machine, plan, engine and model before the measurement; its requests come to it.
  public init(
    settings: BenchmarkSettings, target: BenchmarkTarget, run: Run, store: RunStore,
    onProgress: @escaping @Sendable (BenchmarkEvent) -> Void = { _ in }
  ) {
    self.settings = settings
    self.target = target
    self.run = run
    self.store = store
    self.onProgress = onProgress
  }

  /// Measures, stores, and returns the finished run; an interrupted one is returned as incomplete.
  ///
  /// Where storing fails on the way the figures are returned all the same, and `storingFailure` says why.
  ///
  /// - Throws: `RecordError` where the run cannot even be begun, `BenchmarkError` where nothing could be measured.
  public func measured() async throws -> Run {
    var run = run
    run.plimsoll = .current
    run.describe(target)
    run.settings.merge(settings.facts) { _, new in new }
    run.settings["benchmark"] = JSONOutput.line(settings)
    let floor = try await ClientCheck.floor(settings)
    // Requests count from here: a run that is killed has no other start.
    run.startedAt = MonotonicClock().wallSeconds()
    try store.begin(run)
    // The client takes no more of a measured machine than it has to.
    releaseCodeOfStart()
    let storing = StoringQueue(store, run: run.id, failure: failure)
    let benchmark = Benchmark(
      settings: settings, target: target, floor: floor, accelerators: NvidiaMeter.all, keepsRequests: false
    ) { [onProgress] event in
      switch event {
      case .requests(let finished): storing.add(finished)
      case .sample(let sample): storing.add(sample)
      default: break
      }
      onProgress(event)
    }
    let outcome: Result<BenchmarkResult, any Error>
    do { outcome = .success(try await benchmark.run()) } catch { outcome = .failure(error) }
    await storing.finish()
    do {
      run.take(try outcome.get())
    } catch BenchmarkError.dataset(let path, let cause) {
      // Prompts are read before any is measured: nothing is lost with the run.
      try store.delete(run.id, force: true)
      throw BenchmarkError.dataset(path: path, cause: cause)
    } catch {
      run.status = .failed
      run.note = "\(error)"
      try store.finish(run)
      throw error
    }
    failure.finish(&run, in: store)
    return run
  }
}

extension Run {
  /// Takes over what a benchmark found.
  mutating func take(_ result: BenchmarkResult) {
    startedAt = result.startedAt
    stages = result.stages
    summary = result.summary
    summaryStage = result.summaryStage
    validity = result.validity
    client = result.client
    serverPeakBytes = result.serverPeakBytes.map {
      Figure(ByteCount($0), .measured, "largest resident memory of the server's processes while it was measured")
    }
    status = result.isInterrupted ? .incomplete : .complete
  }
}
