import Deployment
import Hub
import Records
import Synchronization
import Units
import Workflows

/// The work that the server does for somebody: each job has a name, is followed while it runs and found in the database
/// after that, by this server or the next.
final class JobBoard: Sendable {
  /// What a job may say while it runs.
  struct Reporter: Sendable {
    fileprivate let change: @Sendable (_ isKept: Bool, (inout Job) -> Void) -> Void

    func note(_ words: String) {
      change(true) { job in
        job.notes.append(printable(words))
        if job.notes.count > JobBoard.noteLimit { job.notes.removeFirst() }
      }
    }

    /// - Parameters:
    ///   - share: what is done of the present step; nil where nobody knows.
    ///   - step: a step whose figures are kept while the job runs, for whoever comes later.
    func progress(_ share: Double?, step: String? = nil, figures: [String: Double]? = nil) {
      change(false) { ($0.progress, $0.step, $0.figures) = (share, step, figures) }
    }

    /// Somebody who hears all that a workflow says, and has answered its questions beforehand.
    func audience(agrees: Bool) -> Audience {
      Audience(
        note: note, confirm: { _ in agrees },
        pulling: { pulled in
          let total = pulled?.bytesTotal.bytes ?? 0
          progress(
            pulled.flatMap { total > 0 ? Double($0.bytesDone.bytes) / Double(total) : nil }, figures: pulled?.figures)
        },
        loading: { event in
          switch event {
          case .started(let name, _): note("starting \(name)")
          case .loading: break
          case .ready(let seconds): note("first token after \(formattedSeconds(seconds))")
          case .stopped(let name): note("stopped \(name)")
          }
        })
    }
  }

  private struct Work {
    var job: Job
    var task: Task<Void, Never>?
    var history = JobHistory()
    var followers: [Int: AsyncStream<Job>.Continuation] = [:]
  }

  private struct State {
    var works: [String: Work] = [:]
    var serial = 0
    var isEnding = false
  }

  private static let noteLimit = 200
  /// More at once are refused: each is a server's start or a measurement.
  static let atOnce = 4

  private let store: RunStore
  private let state = Mutex(State())
  private let clock: @Sendable () -> Double

  init(_ store: RunStore, clock: @escaping @Sendable () -> Double) {
    self.store = store
    self.clock = clock
  }

  /// Begins a job and returns it as it is now.
  ///
  /// - Parameter work: returns where the result is found, as a path of the API.
  /// - Throws: `WebFault` where too many run, `RecordError` where it cannot be kept.
  func start(
    _ kind: String, _ subject: String, _ work: @escaping @Sendable (Reporter) async throws -> String?
  ) throws -> Job {
    let job = Job(id: Run.newID(at: clock()), kind: kind, subject: printable(subject), startedAt: clock())
    try state.withLock { state in
      guard !state.isEnding else { throw WebFault(503, "the server is ending") }
      guard state.works.count < Self.atOnce else {
        throw WebFault(429, "\(Self.atOnce) jobs run already; wait for one to end, or cancel it")
      }
      state.works[job.id] = Work(job: job)
    }
    do { try store.keep(job) } catch {
      state.withLock { $0.works[job.id] = nil }
      throw error
    }
    let reporter = Reporter { [weak self] isKept, change in self?.change(job.id, isKept: isKept, change) }
    let task = Task {
      do {
        let result = try await work(reporter)
        end(job.id) { ($0.state, $0.result) = (.done, result) }
      } catch {
        end(job.id) { job in
          let isStopped = error is CancellationError || (error as? any ExplainedError)?.outcome == .interrupted
          job.state = isStopped ? .cancelled : .failed
          if !isStopped { job.failure = Problem(error).reason }
        }
      }
    }
    state.withLock { $0.works[job.id]?.task = task }
    return job
  }

  private func change(_ id: String, isKept: Bool, _ change: (inout Job) -> Void) {
    let (job, followers) = state.withLock { state -> (Job?, [AsyncStream<Job>.Continuation]) in
      guard var work = state.works[id] else { return (nil, []) }
      change(&work.job)
      if work.job.step != nil {
        work.job.figures?["seconds"] = clock() - work.job.startedAt
        work.history.add(work.job)
      }
      state.works[id] = work
      return (work.job, Array(work.followers.values))
    }
    guard let job else { return }
    // A job goes on where the disk is full: what it does is not in the database.
    if isKept { try? store.keep(job) }
    for follower in followers { follower.yield(job) }
  }

  private func end(_ id: String, _ change: (inout Job) -> Void) {
    guard var work = state.withLock({ $0.works.removeValue(forKey: id) }) else { return }
    change(&work.job)
    (work.job.progress, work.job.step, work.job.figures) = (nil, nil, nil)
    work.job.finishedAt = clock()
    try? store.keep(work.job)
    for follower in work.followers.values {
      follower.yield(work.job)
      follower.finish()
    }
  }

  /// True while no job runs.
  var isIdle: Bool { state.withLock(\.works.isEmpty) }

  /// The job as it is now; nil where there is none of the name.
  func job(_ id: String) throws -> Job? {
    if let running = state.withLock({ $0.works[id]?.job }) { return running }
    return try store.job(id)
  }

  /// The figures of a job that runs, from its start; none of one that measures nothing or has ended.
  func history(of id: String) -> JobHistory { state.withLock { $0.works[id]?.history } ?? JobHistory() }

  /// The latest jobs, the last first.
  func list(limit: Int) throws -> [Job] {
    let running = state.withLock { $0.works.mapValues(\.job) }
    return try store.jobs(limit: limit).map { running[$0.id] ?? $0 }
  }

  /// Asks a job to end; it may take a moment to leave nothing behind.
  func cancel(_ id: String) { state.withLock { $0.works[id]?.task }?.cancel() }

  /// The job as it is now and after each change, until it has ended; nil where there is none of the name.
  func changes(of id: String) throws -> AsyncStream<Job>? {
    let (stream, continuation) = AsyncStream<Job>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state -> Int? in
      guard state.works[id] != nil else { return nil }
      state.serial += 1
      state.works[id]?.followers[state.serial] = continuation
      if let job = state.works[id]?.job { continuation.yield(job) }
      return state.serial
    }
    guard let number else {
      guard let job = try store.job(id) else { return nil }
      continuation.yield(job)
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in self?.forget(number, of: id) }
    return stream
  }

  private func forget(_ follower: Int, of id: String) {
    state.withLock { $0.works[id]?.followers[follower] = nil }
  }

  /// Ends every job in order, and takes no more.
  func endAll() async {
    let tasks = state.withLock { state in
      state.isEnding = true
      return state.works.values.compactMap(\.task)
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}

extension PullProgress {
  /// The download in a job's figures.
  fileprivate var figures: [String: Double] {
    var figures = ["bytesDone": Double(bytesDone.bytes), "bytesTotal": Double(bytesTotal.bytes)]
    figures["bytesPerSecond"] = bytesPerSecond
    figures["secondsLeft"] = secondsLeft
    return figures
  }
}
