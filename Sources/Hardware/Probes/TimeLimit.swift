import Platform
import Synchronization

/// Runs a call into a maker's library on a thread of its own and gives up waiting after a while.
///
/// A driver that hangs does so inside the kernel, where nothing can end it: the thread is left behind, and the program goes
/// on without the answer.
final class TimeLimitedCall<Answer: Sendable>: Sendable {
  private enum State: Sendable {
    case running
    case done(Answer)
  }

  private let state = Mutex(State.running)

  /// Starts the call at once.
  init(_ call: @escaping @Sendable () -> Answer) {
    let isStarted = startThread { [self] in
      let answer = call()
      state.withLock { $0 = .done(answer) }
    }
    if !isStarted {
      let answer = call()
      state.withLock { $0 = .done(answer) }
    }
  }

  /// Returns the answer, or nil where it is not there by then.
  ///
  /// - Parameter nanoseconds: the moment to give up, by the monotonic clock.
  func answer(by nanoseconds: Int64, clock: MonotonicClock = MonotonicClock()) async -> Answer? {
    while true {
      if case .done(let answer) = state.withLock({ $0 }) { return answer }
      let left = nanoseconds - clock.now()
      guard left > 0 else { return nil }
      try? await Task.sleep(for: .nanoseconds(min(left, 2_000_000)))
    }
  }
}
