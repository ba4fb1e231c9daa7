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
    let thread = Self.start { [self] in
      let answer = call()
      state.withLock { $0 = .done(answer) }
    }
    if !thread { state.withLock { $0 = .done(call()) } }
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

  /// What the thread is handed.
  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let argument = Unmanaged.passRetained(Work(body)).toOpaque()
    #if canImport(Glibc)
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { pointer in
          if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
          return nil
        }, argument)
      if code == 0 { pthread_detach(thread) }
    #else
      var thread: pthread_t?
      let code = pthread_create(
        &thread, nil,
        { pointer in
          Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
          return nil
        }, argument)
      if code == 0, let thread { pthread_detach(thread) }
    #endif
    if code != 0 { Unmanaged<Work>.fromOpaque(argument).release() }
    return code == 0
  }
}
