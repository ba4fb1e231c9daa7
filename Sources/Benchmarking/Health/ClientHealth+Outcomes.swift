#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ClientHealth {
  /// Sums up how the loop did over the measured stages.
  init(_ outcomes: [StageOutcome]) {
    let lateness = outcomes.flatMap { $0.lateness.map { Double($0) / 1e9 } }
    let reads = outcomes.reduce(0) { $0 + $1.reads }
    self.init(
      dispatchLateness: Distribution(samples: lateness),
      longestStall: Double(outcomes.map { $0.longestStall }.max() ?? 0) / 1e9,
      busyShare: outcomes.map { $0.busyShare }.max() ?? 0,
      eventsPerRead: reads > 0 ? Double(outcomes.reduce(0) { $0 + $1.events }) / Double(reads) : 0)
    cpuSeconds = outcomes.reduce(0) { $0 + $1.busyShare * Double($1.ended - $1.started) / 1e9 }
  }
}

/// Lets this process have as many descriptors open as the system allows it.
func raiseDescriptorLimit() {
  var limit = rlimit()
  #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    let resource = RLIMIT_NOFILE
  #endif
  guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(resource, &limit)
}
