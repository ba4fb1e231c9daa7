import CLinux

/// Reads of the clock that never steps, in nanoseconds.
///
/// CLOCK_MONOTONIC on every system, so that stamps can be compared with those of other processes.
public struct MonotonicClock: Sendable {
  public init() {}

  /// Returns nanoseconds since an arbitrary moment of this boot.
  public func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Returns nanoseconds of this boot in which the system was suspended, which `now` leaves out on Linux; 0 on macOS, whose
  /// clock goes on.
  public func suspendedTime() -> Int64 {
    #if os(Linux)
      var time = timespec()
      clock_gettime(CLOCK_BOOTTIME, &time)
      return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) - now()
    #else
      return 0
    #endif
  }

  /// Returns the CPU time that this process has used, in nanoseconds.
  public func processTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Returns seconds since 1970, for the record of when something happened, never for spans.
  public func wallSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Returns the kernel's bound on the error of `wallSeconds`, in seconds: it grows to 16 where nothing synchronizes the
  /// clock. Nil where the kernel does not tell.
  public func wallErrorSeconds() -> Double? {
    let microseconds = plimsoll_clock_error()
    return microseconds < 0 ? nil : Double(microseconds) / 1e6
  }
}

/// Writes a moment as `2026-11-22T21:03:59Z`.
public func isoTimestamp(_ wallSeconds: Double) -> String {
  guard wallSeconds.isFinite, wallSeconds.magnitude < 1e12 else { return "unknown" }
  var seconds = time_t(wallSeconds)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
    + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}
