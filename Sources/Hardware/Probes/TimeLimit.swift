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
    let isStarted = DetachedThread.start { [self] in
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

/// A thread of its own, which nobody waits for.
private enum DetachedThread {
  /// What the thread is handed; it lives until the thread has done it.
  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts the work; false where the system has no thread left.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let argument = Unmanaged.passRetained(Work(body)).toOpaque()
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    guard pthread_create(&thread, nil, threadEntry, argument) == 0 else {
      Unmanaged<Work>.fromOpaque(argument).release()
      return false
    }
    #if canImport(Glibc)
      pthread_detach(thread)
    #else
      if let thread { pthread_detach(thread) }
    #endif
    return true
  }

  fileprivate static func entry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
  }
}

#if canImport(Glibc)
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    DetachedThread.entry($0)
  }
#else
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
    DetachedThread.entry($0)
  }
#endif
