import Platform

/// Runs one piece of work on several threads, each pinned to its CPU.
enum PinnedThreads {
  /// What one thread is handed; it lives until the thread is joined.
  private final class Job: Sendable {
    let cpu: Int
    let index: Int
    let pin: @Sendable (Int) -> Void
    let work: @Sendable (Int) -> Void

    init(
      cpu: Int, index: Int, pin: @escaping @Sendable (Int) -> Void, work: @escaping @Sendable (Int) -> Void
    ) {
      self.pin = pin
      self.cpu = cpu
      self.index = index
      self.work = work
    }
  }

  /// Calls the work once for each CPU, with its place in the list, and waits for all.
  ///
  /// Where the system has no pinning (macOS) the threads run where the scheduler puts them.
  ///
  /// - Parameter pin: keeps the thread that calls it on a CPU.
  static func run(
    on cpus: [Int], pin: @escaping @Sendable (Int) -> Void, _ work: @escaping @Sendable (Int) -> Void
  ) {
    let threads = cpus.indices.map { start(Job(cpu: cpus[$0], index: $0, pin: pin, work: work)) }
    for thread in threads {
      if let thread { pthread_join(thread, nil) }
    }
  }

  /// Starts a thread; where the system has none left the work is done at once, in its place.
  private static func start(_ job: Job) -> pthread_t? {
    let argument = Unmanaged.passRetained(job).toOpaque()
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    guard pthread_create(&thread, nil, threadEntry, argument) == 0 else {
      _ = entry(argument)
      return nil
    }
    return thread
  }

  fileprivate static func entry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
    job.pin(job.cpu)
    job.work(job.index)
    return nil
  }
}

#if canImport(Glibc)
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    PinnedThreads.entry($0)
  }
#else
  private let threadEntry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
    PinnedThreads.entry($0)
  }
#endif
