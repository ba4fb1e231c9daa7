import CLinux
public import Units

/// A process by number and start, so that a number used again is never mistaken for it.
public struct ProcessIdentity: Hashable, Sendable, Codable {
  public var pid: Int32
  /// Clock ticks since boot at which it started (field 22 of `/proc/PID/stat`); 0 where the system has no such file.
  public var startTicks: UInt64

  public init(pid: Int32, startTicks: UInt64) {
    self.pid = pid
    self.startTicks = startTicks
  }

  /// Looks up a running process; nil where there is none, or only its zombie.
  public init?(running pid: Int32) {
    guard let status = ProcessStatus(pid: pid), status.isAlive else { return nil }
    self.init(pid: pid, startTicks: status.startTicks)
  }

  /// True while this very process runs.
  public var isRunning: Bool { ProcessIdentity(running: pid) == self }

  /// Sends a signal to its process group, after checking that it is still the same process.
  @discardableResult
  public func signalGroup(_ signal: Int32) -> Bool {
    isRunning && kill(-pid, signal) == 0
  }
}

/// What the kernel says of a process now.
public struct ProcessStatus: Hashable, Sendable {
  public var isAlive: Bool
  public var startTicks: UInt64
  /// User and system time used, in clock ticks.
  public var cpuTicks: UInt64
  public var residentBytes: Int

  /// Reads `/proc/PID/stat`; elsewhere asks whether a signal could be sent.
  public init?(pid: Int32) {
    guard pid > 0 else { return nil }
    #if os(Linux)
      guard let text = DiskTree().text("/proc/\(pid)/stat", limit: 4096), let close = text.lastIndex(of: ")")
      else { return nil }
      let fields = text[text.index(after: close)...].split(separator: " ")
      guard fields.count > 21, let start = UInt64(fields[19]), let user = UInt64(fields[11]),
        let system = UInt64(fields[12])
      else { return nil }
      isAlive = fields[0] != "Z" && fields[0] != "X"
      startTicks = start
      cpuTicks = user + system
      residentBytes = (Int(fields[21]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    #else
      guard kill(pid, 0) == 0 else { return nil }
      isAlive = true
      startTicks = 0
      cpuTicks = 0
      residentBytes = 0
    #endif
  }
}

/// Why a program could not be started.
public struct LaunchError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  public var program: String
  public var cause: String

  public var description: String { "cannot start \(program): \(cause)" }
  public var reason: Reason { Reason(.programNotStarted, description) }
  public var outcome: FailureOutcome { .engineFailed }
}

/// Starts a program that outlives this one: its own session, input from nowhere, output appended to a log.
///
/// Signal masks and dispositions are reset, and no descriptor but the three is passed on.
///
/// - Parameters:
///   - arguments: the words after the program's name.
///   - environment: the whole environment of the new process.
/// - Throws: `LaunchError`.
public func startDetached(
  _ program: String, _ arguments: [String], environment: [String: String], log: String
) throws(LaunchError) -> ProcessIdentity {
  #if os(Linux)
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    let newSession = plimsoll_spawn_setsid()
  #else
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    let newSession = Int16(POSIX_SPAWN_SETSID)
  #endif
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  posix_spawn_file_actions_adddup2(&actions, 1, 2)
  #if os(Linux)
    plimsoll_spawn_close_from(&actions, 3)
    let closing: Int16 = 0
  #else
    let closing = Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
  #endif
  var none = sigset_t()
  var all = sigset_t()
  sigemptyset(&none)
  sigfillset(&all)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setsigdefault(&attributes, &all)
  posix_spawnattr_setflags(
    &attributes,
    newSession | closing | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

  var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
  var variables: [UnsafeMutablePointer<CChar>?] =
    environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for pointer in words + variables { free(pointer) } }
  var pid: pid_t = 0
  let code = posix_spawnp(&pid, program, &actions, &attributes, &words, &variables)
  guard code == 0 else { throw LaunchError(program: program, cause: String(cString: strerror(code))) }
  return ProcessIdentity(running: pid) ?? ProcessIdentity(pid: pid, startTicks: 0)
}

/// Collects a finished child so that it does not stay a zombie; returns its exit code (128 plus signal), nil while it runs.
public func reap(_ pid: Int32) -> Int? {
  var status: Int32 = 0
  guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
  let signal = status & 0x7f
  return signal == 0 ? Int((status >> 8) & 0xff) : 128 + Int(signal)
}
