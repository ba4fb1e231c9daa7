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
  private let failure = RecordFailure()

  /// What kept requests or the run from being stored; nil where everything was. The figures hold all the same.
  public var storingFailure: (any Error)? {
    get async { await failure.error }
  }

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
    let benchmark = Benchmark(
      settings: settings, target: target, floor: floor, accelerators: NvidiaMeter.all, keepsRequests: false
    ) { [store, onProgress, failure, id = run.id] event in
      // After the first failure nothing more is tried: a full disk or a held lock must not hold up the measurement.
      if await failure.error == nil {
        do {
          switch event {
          case .requests(let finished): try store.append(finished, to: id)
          case .sample(let sample): try store.append([sample], to: id)
          default: break
          }
        } catch {
          await failure.keep(error)
        }
      }
      onProgress(event)
    }
    do {
      run.take(try await benchmark.run())
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
    do {
      if let error = await failure.error { throw error }
      try store.finish(run)
    } catch {
      await failure.keep(error)
      run.validity.invalidate(Reason(.requestsLost, "the run could not be stored whole: \(error)"))
      // What can be stored is; where nothing can, the run stays one that nobody finished.
      var stored = run
      stored.status = .incomplete
      try? store.finish(stored)
    }
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

/// The first failure to store something, kept until the measurement has ended.
private actor RecordFailure {
  private(set) var error: (any Error)?

  func keep(_ error: any Error) {
    if self.error == nil { self.error = error }
  }
}
