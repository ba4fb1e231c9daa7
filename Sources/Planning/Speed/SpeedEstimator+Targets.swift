import Engines
import Units

extension SpeedEstimator {
  /// Returns the most requests in flight whose expected latencies keep within the workload's targets; 0 where one does not.
  ///
  /// - Parameter room: requests that the memory of one server has room for at once; nil where nothing limits them.
  func largestConcurrency(_ request: Question, room: Int?) -> Int? {
    guard let server = loaded(request, room: room ?? .max) else { return nil }
    func holds(_ inFlight: Int) -> Bool {
      server.holds(Double(inFlight) / server.replicas, request.workload)
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

  /// True where the expected latencies at the workload's concurrency keep within its targets; nil where they are not known.
  func keepsTargets(_ request: Question, room: Int?) -> Bool? {
    guard let server = loaded(request, room: room) else { return nil }
    return server.holds(Double(max(1, request.workload.concurrency)) / server.replicas, request.workload)
  }

  /// A server under the workload's requests.
  private func loaded(_ request: Question, room: Int?) -> LoadedServer? {
    guard let one = request.speedCase(room: room).speedCase else { return nil }
    return LoadedServer(load: load(request, one), quantities: quantities(for: one))
  }

  /// The largest concurrency as a plan states it; nil where the workload has no latency target.
  ///
  /// - Parameter room: the most that the memory of one server holds, where that was worked out.
  func concurrencyWithinTargets(_ request: Question, room: Int?) -> Figure<Int>? {
    let first = request.workload.timeToFirstTokenTarget
    let each = request.workload.timePerOutputTokenTarget
    guard first != nil || each != nil else { return nil }
    let targets = [
      first.map { "first token within \(formattedSeconds($0))" },
      each.map { "each further within \(formattedSeconds($0))" },
    ]
    let words = targets.compactMap { $0 }.joined(separator: ", ")
    return largestConcurrency(request, room: room).map { Figure($0, .computed, "speed model: \(words)") }
  }
}

/// One server with what it is asked.
struct LoadedServer {
  let load: ServerLoad
  let quantities: Quantities

  var replicas: Double { load.speedCase.replicas }

  /// True where so many requests in flight on it have room and keep within the targets as expected.
  func holds(_ inFlight: Double, _ workload: Workload) -> Bool {
    let outcome = load.steady(quantities, inFlight: max(1, inFlight))
    return outcome.timeToFirstToken <= workload.timeToFirstTokenTarget ?? .infinity
      && outcome.timePerOutputToken <= workload.timePerOutputTokenTarget ?? .infinity
      && inFlight <= outcome.streams + 0.5 / replicas
  }
}
