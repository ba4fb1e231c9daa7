#if os(Linux)
  import CLinux
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs one piece of work on several threads, each pinned to its CPU.
enum PinnedThreads {
  /// What one thread is handed; it lives until the thread is joined.
  private final class Job {
    let cpu: Int
    let index: Int
    let work: @Sendable (Int) -> Void

    init(cpu: Int, index: Int, work: @escaping @Sendable (Int) -> Void) {
      self.cpu = cpu
      self.index = index
      self.work = work
    }
  }

  /// Calls the work once for each CPU, with its place in the list, and waits for all.
  ///
  /// Where the system has no pinning (macOS) the threads run where the scheduler puts them.
  static func run(on cpus: [Int], _ work: @escaping @Sendable (Int) -> Void) {
    #if canImport(Glibc)
      var threads: [pthread_t] = []
    #else
      var threads: [pthread_t?] = []
    #endif
    for (index, cpu) in cpus.enumerated() {
      let job = Unmanaged.passRetained(Job(cpu: cpu, index: index, work: work))
      #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { entry($0) }, job.toOpaque())
      #else
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { entry($0) }, job.toOpaque())
      #endif
      if code == 0 { threads.append(thread) } else { job.takeRetainedValue().work(index) }
    }
    for thread in threads {
      #if canImport(Glibc)
        pthread_join(thread, nil)
      #else
        if let thread { pthread_join(thread, nil) }
      #endif
    }
  }

  private static func entry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
    #if os(Linux)
      _ = plimsoll_pin_thread(Int32(job.cpu))
    #endif
    job.work(job.index)
    return nil
  }
}
