import Units

extension SpeedEstimator {
  /// Returns the most requests in flight whose expected latencies keep within the workload's targets; 0 where one does not.
  public func largestConcurrency(_ request: SpeedRequest) -> Int? {
    guard let one = request.speedCase().speedCase else { return nil }
    let q = quantities(for: one)
    let load = ServerLoad(
      speedCase: one, inputTokens: Double(max(1, request.workload.inputTokens)),
      outputTokens: Double(max(1, request.workload.outputTokens)))
    func holds(_ inFlight: Int) -> Bool {
      let outcome = load.steady(q, inFlight: max(1, Double(inFlight) / one.replicas))
      let first = request.workload.timeToFirstTokenTarget ?? .infinity
      let each = request.workload.timePerOutputTokenTarget ?? .infinity
      return outcome.timeToFirstToken <= first && outcome.timePerOutputToken <= each
        && Double(inFlight) <= outcome.streams * one.replicas + 0.5
    }
    guard holds(1) else { return 0 }
    var low = 1
    var high = 2
    while high < 65_536, holds(high) {
      low = high
      high *= 2
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// The largest concurrency as a plan states it; nil where the workload has no latency target.
  ///
  /// - Parameter slots: the most that the memory holds, where that was worked out.
  func concurrencyWithinTargets(_ request: SpeedRequest, slots: Int?) -> Figure<Int>? {
    let first = request.workload.timeToFirstTokenTarget
    let each = request.workload.timePerOutputTokenTarget
    guard first != nil || each != nil else { return nil }
    var asked = request
    asked.slots = slots
    let targets = [
      first.map { "first token within \(formattedSeconds($0))" },
      each.map { "each further within \(formattedSeconds($0))" },
    ]
    let words = targets.compactMap { $0 }.joined(separator: ", ")
    return largestConcurrency(asked).map { Figure($0, .computed, "speed model: \(words)") }
  }
}
