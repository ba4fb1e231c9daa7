import CLinux

/// What a new thread is to run.
private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The body's owner is the new thread, which takes it from here.
private func runBody(_ context: UnsafeMutableRawPointer?) {
  if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
}

// The same function under the type that each system's `pthread_create` takes.
#if canImport(Darwin)
  private typealias Thread = pthread_t?
  private var noThread: Thread { nil }
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
    runBody($0)
    return nil
  }
#else
  private typealias Thread = pthread_t
  private var noThread: Thread { Thread() }
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    runBody($0)
    return nil
  }
#endif

/// Starts a detached thread; false where the system has none left.
public func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let context = Unmanaged.passRetained(ThreadBody(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = noThread
  let code = pthread_create(&thread, &attributes, threadEntry, context.toOpaque())
  if code != 0 { context.release() }
  return code == 0
}

/// Asks the kernel to wake this thread when it says, not up to 50 microseconds later; macOS has no such call.
public func sharpenTimers() {
  #if os(Linux)
    _ = plimsoll_sharpen_timers()
  #endif
}

/// Puts the calling thread before others where the system allows it: a stamp must not wait for a busy machine.
public func raisePriority() {
  #if canImport(Glibc)
    // Zero is the calling thread; refused without the right to, which costs nothing.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
  #endif
}

/// CPU time of the calling thread, in nanoseconds.
public func threadTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
