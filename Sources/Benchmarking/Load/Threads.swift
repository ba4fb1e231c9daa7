import Platform
import CLinux

/// Empties the pipe that woke a loop.
func drainPipe(_ descriptor: Int32) {
  withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { bytes in
    while read(descriptor, bytes.baseAddress, bytes.count) == bytes.count {}
  }
}

/// Asks the kernel to wake this thread when it says, not up to 50 microseconds later.
func sharpenTimers() {
  #if os(Linux)
    _ = plimsoll_sharpen_timers()
  #endif
}

/// Puts the calling thread before others where the system allows it: a stamp must not wait for a busy machine.
func raisePriority() {
  #if os(Linux)
    // Zero is the calling thread; refused without the right to, which costs nothing.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
  #endif
}

/// CPU time of the calling thread, in nanoseconds.
func threadTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// What a new thread is to run.
private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a detached thread; false where the system has none left.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let context = Unmanaged.passRetained(ThreadBody(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
    return nil
  }
  #if canImport(Darwin)
    let code = pthread_create(&thread, &attributes, { entry($0) }, context.toOpaque())
  #else
    let code = pthread_create(&thread, &attributes, entry, context.toOpaque())
  #endif
  if code != 0 { context.release() }
  return code == 0
}
