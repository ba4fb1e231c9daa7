extension RunSummary {
  /// Summarizes requests of one load.
  ///
  /// Latencies are of completed requests only; of an open loop the headline ones count from the schedule. Throughput
  /// is completed tokens from the first send to the last content.
  public init(
    of requests: [RequestRecord], isOpenLoop: Bool = false, concurrency: Int? = nil, goals: [LatencyGoal] = []
  ) {
    let origin = requests.lazy.compactMap { $0.sent ?? $0.firstToken }.min() ?? 0
    var all = SummaryAccumulator(isOpenLoop: isOpenLoop, concurrency: concurrency, goals: goals, origin: origin)
    for request in requests { all.add(request) }
    self = all.summary
  }
}
