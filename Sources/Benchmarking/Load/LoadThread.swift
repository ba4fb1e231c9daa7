import Platform
import Synchronization

/// What the other threads ask of the loop while it runs a stage.
final class LoadControl: Sendable {
  enum State: Int, Sendable {
    case run
    /// Send no more, let what is in flight end.
    case drain
    /// Stop at once; what is in flight is censored.
    case abort
  }

  private let value = Atomic<Int>(0)
  /// The pipe that wakes the loop. It is closed with the last that may write to it: its number may then be another's.
  let readEnd: Int32
  private let writeEnd: Int32

  /// Opens the pipe; nil where no descriptors are left.
  init?() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { makeNonBlocking(end) }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  var state: State { State(rawValue: value.load(ordering: .relaxed)) ?? .abort }

  func ask(_ state: State) {
    value.store(state.rawValue, ordering: .relaxed)
    wakeLoop()
  }

  /// Lets the loop look around.
  func wakeLoop() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }
}

/// The thread that carries the load loop: stages go in one after another, requests come out as they end.
final class LoadThread: Sendable {
  private struct Job: Sendable {
    var plan: StagePlan
    var deliver: @Sendable (LoadReport) -> Void
    var done: CheckedContinuation<StageOutcome?, Never>
  }

  private struct State {
    var jobs: [Job] = []
    var isClosed = false
  }

  let control: LoadControl
  private let state = Mutex(State())

  /// Starts the thread; nil where the system has no descriptors or threads left.
  init?(target: BenchmarkTarget, settings: BenchmarkSettings, origin: Int64) {
    guard let control = LoadControl() else { return nil }
    self.control = control
    let started = startThread { [self] in
      serve(LoadLoop(target: target, settings: settings, origin: origin, wake: control.readEnd))
    }
    guard started else { return nil }
  }

  /// Runs a stage; nil where the loop could not be made.
  func run(_ plan: StagePlan, deliver: @escaping @Sendable (LoadReport) -> Void) async -> StageOutcome? {
    await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.jobs.append(Job(plan: plan, deliver: deliver, done: continuation)) }
        return state.isClosed
      }
      if isClosed { continuation.resume(returning: nil) } else { control.wakeLoop() }
    }
  }

  /// Ends the thread after the stage that runs.
  func shutDown() {
    state.withLock { $0.isClosed = true }
    control.wakeLoop()
  }

  private func carryOut(_ job: Job, on loop: LoadLoop) -> StageOutcome? {
    let runner = StageRunner(loop: loop, plan: job.plan, control: control, deliver: job.deliver)
    guard let runner else { return nil }
    loop.openConnections(for: job.plan) { control.state == .run }
    return runner.run()
  }

  /// The thread's body.
  private func serve(_ loop: LoadLoop?) {
    sharpenTimers()
    raisePriority()
    while true {
      let (job, isClosed) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
      }
      if let job {
        job.done.resume(returning: loop.flatMap { carryOut(job, on: $0) })
      } else if isClosed {
        return
      } else if let loop {
        loop.turn(until: .max) { _, _ in }
      } else {
        var ready = pollfd(fd: control.readEnd, events: Int16(POLLIN), revents: 0)
        poll(&ready, 1, -1)
        drainPipe(control.readEnd)
      }
    }
  }
}
