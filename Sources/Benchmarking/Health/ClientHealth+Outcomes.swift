import Platform

extension ClientHealth {
  /// Sums up how the loop did over one stage.
  init(_ outcome: StageOutcome) {
    self.init(
      dispatchLateness: outcome.lateness.distribution, longestStall: Double(outcome.longestStall) / 1e9,
      busyShare: outcome.busyShare,
      eventsPerRead: outcome.reads > 0 ? Double(outcome.events) / Double(outcome.reads) : 0)
    cpuSeconds = outcome.busyShare * Double(outcome.ended - outcome.started) / 1e9
    promptWait = outcome.promptWaits.maximum
    oddities = outcome.oddities
  }
}

extension ClientHealth {
  /// Creates the health of a client that has measured only itself so far.
  public init(floor: ClientFloor) {
    self.init(dispatchLateness: Distribution(count: 0), longestStall: 0, busyShare: 0, eventsPerRead: 0)
    self.floor = floor
  }

  /// Returns the worse of two parts of one measurement, figure by figure.
  public func worse(than other: ClientHealth?) -> ClientHealth {
    guard let other else { return self }
    func late(_ health: ClientHealth) -> Double { health.dispatchLateness.maximum ?? -1 }
    var worst = late(self) >= late(other) ? self : other
    worst.longestStall = max(longestStall, other.longestStall)
    worst.busyShare = max(busyShare, other.busyShare)
    worst.eventsPerRead = max(eventsPerRead, other.eventsPerRead)
    worst.promptWait = [promptWait, other.promptWait].compactMap { $0 }.max()
    worst.oddities = (oddities ?? StreamOddities()) + (other.oddities ?? StreamOddities())
    worst.cpuSeconds = (cpuSeconds ?? 0) + (other.cpuSeconds ?? 0)
    worst.floor = floor ?? other.floor
    worst.clock = (clock?.errorSeconds ?? -1) >= (other.clock?.errorSeconds ?? -1) ? clock : other.clock
    return worst
  }
}

extension ClientClock {
  /// This machine's; nil where the system does not tell.
  init?(of tree: any FileTree) {
    guard let error = MonotonicClock().wallErrorSeconds() else { return nil }
    let boot = tree.text("/proc/sys/kernel/random/boot_id")?.trimmingPrefix { $0.isWhitespace }
    self.init(boot: boot.map { String($0.prefix { !$0.isWhitespace }) } ?? hostName(), errorSeconds: error)
  }
}
