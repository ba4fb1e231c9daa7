/// What the system limits for the processes of a user.
public enum ResourceLimit: Hashable, Sendable {
  case openFiles, processes
  /// Bytes that may be kept from being swapped out.
  case lockedMemory

  #if canImport(Glibc)
    private var resource: __rlimit_resource_t {
      switch self {
      case .openFiles: __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      case .processes: __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
      case .lockedMemory: __rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue)
      }
    }
  #else
    private var resource: Int32 {
      switch self {
      case .openFiles: RLIMIT_NOFILE
      case .processes: RLIMIT_NPROC
      case .lockedMemory: RLIMIT_MEMLOCK
      }
    }
  #endif

  /// The most that a process may ask for; nil where there is no limit, or the system does not tell.
  public var most: Int? {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 && limit.rlim_max < 1 << 50 ? Int(limit.rlim_max) : nil
  }

  /// True where this process cannot open one more file now.
  public static var isOutOfFiles: Bool {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard descriptor < 0 else {
      close(descriptor)
      return false
    }
    return errno == EMFILE || errno == ENFILE
  }

  /// Raises this process's limit to the most that it may ask for.
  public func raise() {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    // macOS refuses more open files than this constant of its own, even where it calls the limit infinite.
    #if canImport(Darwin)
      if self == .openFiles { limit.rlim_cur = min(limit.rlim_cur, rlim_t(OPEN_MAX)) }
    #endif
    setrlimit(resource, &limit)
  }
}
