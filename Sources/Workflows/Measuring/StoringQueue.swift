import Benchmarking
import Dispatch
import Records
import Synchronization
import Units

/// Stores what a benchmark tells while it goes on, on a queue of its own: neither the measurement nor the sums over it wait for
/// a disk.
///
/// What waits is bounded. Where a slow disk or another process keeps the database for so long that more would wait, the rest of
/// the run's requests is not stored, and the failure says so.
final class StoringQueue: Sendable {
  private struct State {
    var waitingBytes = 0
    var isFull = false
  }

  let failure: StoringFailure
  private let store: RunStore
  private let run: String
  private let most: Int
  private let state = Mutex(State())
  let queue = DispatchQueue(label: "plimsoll.store")
  /// Some seconds of requests at the highest rate that a client makes, hours of a real server's.
  static let mostBytes = 32 << 20

  init(_ store: RunStore, run: String, failure: StoringFailure, most: Int = StoringQueue.mostBytes) {
    self.store = store
    self.run = run
    self.failure = failure
    self.most = most
  }

  /// Takes requests to be stored; returns at once.
  func add(_ requests: [RequestRecord]) {
    // About what a record takes with its words, and eight bytes for each stamp and count.
    let bytes = requests.reduce(0) { $0 + 512 + 8 * ($1.chunkTimes.count + $1.chunkTokens.count) }
    add(bytes) { [store, run] in try store.append(requests, to: run) }
  }

  /// Takes a sample of the machine to be stored; returns at once.
  func add(_ sample: TelemetrySample) { add(512) { [store, run] in try store.append([sample], to: run) } }

  private func add(_ bytes: Int, _ write: @escaping @Sendable () throws -> Void) {
    let isTaken = state.withLock { state in
      // One batch may be larger than all that may wait.
      guard !state.isFull, state.waitingBytes == 0 || state.waitingBytes + bytes <= most else {
        state.isFull = true
        return false
      }
      state.waitingBytes += bytes
      return true
    }
    guard isTaken else { return }
    queue.async { [self] in
      defer { state.withLock { $0.waitingBytes -= bytes } }
      // After the first failure nothing more is tried: each try may wait for a lock until its time is over.
      guard failure.error == nil else { return }
      do { try write() } catch { failure.keep(error) }
    }
  }

  /// Returns when everything that was taken is stored, or can be stored no more.
  func finish() async {
    await withCheckedContinuation { done in queue.async { done.resume() } }
    if state.withLock({ $0.isFull }) { failure.keep(RecordError.tooSlow(path: store.path)) }
  }
}

/// The first failure to store something, kept until the measurement has ended.
final class StoringFailure: Sendable {
  private let kept = Mutex<(any Error)?>(nil)

  var error: (any Error)? { kept.withLock { $0 } }

  func keep(_ error: any Error) {
    kept.withLock { kept in if kept == nil { kept = error } }
  }

  /// Does something with the store, unless that failed before.
  func storing(_ body: () throws -> Void) {
    guard error == nil else { return }
    do { try body() } catch { keep(error) }
  }

  /// Records that a run has ended. Where it could not be stored whole, the run is invalid and says so; what can be stored of
  /// it is, and where nothing can, it stays one that nobody finished.
  func finish(_ run: inout Run, in store: RunStore) {
    storing { [run] in try store.finish(run) }
    guard let error else { return }
    run.validity.invalidate(Reason(.requestsLost, "the run could not be stored whole: \(error)"))
    var stored = run
    stored.status = .incomplete
    try? store.finish(stored)
  }
}
