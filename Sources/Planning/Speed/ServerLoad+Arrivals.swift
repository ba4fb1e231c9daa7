/// Loads that are no closed loop: everything at once, or requests at a rate of their own.
extension ServerLoad {
  /// Latencies of one replica and the output tokens a second of all.
  struct Run: Hashable, Sendable {
    var outcome: Outcome
    var outputTokensPerSecond: Double
  }

  /// Solves a run in which so many requests come to one replica at once, and none after them.
  ///
  /// They pass the server's front end one by one. As many as there is room for start, and read their prompts one after
  /// the other; the rest wait, on average for half of the run, and are let in at the rate at which the others end.
  func atOnce(_ q: Quantities, requests: Double) -> Run {
    let streams = min(requests, room)
    let waiting = requests - streams
    let parts = parts(q, streams: streams)
    let cycle = cycle(parts, streams: streams)
    let rate = streams / cycle * q[.offlineFactor]
    let wall = speedCase.isDisaggregated ? 0 : max(streams - 1, 0) * parts.beside
    let delaying = min(wall / 2, mostDelay(parts))
    let queued = streams / requests * (wall - delaying)
    let refused = waiting / requests * waiting / 2 / rate
    let entering = q[.frontEnd] * 1e-3 * requests * speedCase.replicas / 2
    let overhead = overhead(q, parts, streams: streams) + entering
    let perToken = parts.step + delaying / max(outputTokens, 1) * (1 + waiting / requests)
    let outcome = Outcome(
      streams: streams, timePerOutputToken: perToken / q[.offlineFactor],
      timeToFirstToken: overhead + parts.prompt + queued / q[.offlineFactor] + refused, step: parts.step,
      prompt: parts.prompt, queued: queued, refused: refused, overhead: overhead)
    let seconds = waiting / rate + cycle / q[.offlineFactor] + entering
    return Run(outcome: outcome, outputTokensPerSecond: speedCase.replicas * requests * outputTokens / seconds)
  }

  /// Solves a run of so many requests that come to one replica by chance, so many a second.
  ///
  /// In the steady state as many are in flight as arrive while one is answered (Little's law). A short run never gets
  /// there; one that is faster than the replica builds a queue until its last request has come.
  ///
  /// - Parameter mostInFlight: What the client holds the requests in flight to. One that is too fast keeps as many there,
  ///   and its run is a closed loop.
  func arriving(_ q: Quantities, rate: Double, requests: Double, mostInFlight: Double? = nil) -> Run {
    let room = min(room, max(1, mostInFlight ?? .infinity))
    func answered(_ streams: Double) -> Double {
      streams / cycle(parts(q, streams: max(streams, 1)), streams: streams)
    }
    let most = answered(room)
    if let mostInFlight, rate > most { return closed(q, inFlight: max(1, mostInFlight), requests: requests) }
    let inFlight = rate < most ? streams(answering: rate, upTo: room, answered) : room
    let seconds = requests / rate
    let whole = cycle(parts(q, streams: max(inFlight, 1)), streams: inFlight)
    // A run that is too fast fills the room at once; a slower one takes as long as an answer until it is steady.
    let ramped = inFlight * seconds / (seconds + whole / 2)
    let streams = rate < most ? max(ramped, min(inFlight, 1)) : min(room, requests)
    let now = parts(q, streams: max(streams, 1))
    let done = min(rate, most)
    let busy = min(done * now.beside, Self.mostBusy)
    let others = max(streams - 1, 0) * now.beside
    let chance = min(now.beside * busy / (2 * (1 - busy)) * q[.randomWait], others + now.beside)
    let isApart = speedCase.isDisaggregated
    let delaying = isApart ? 0 : min(max(others - chance, 0), mostDelay(now))
    let queued = isApart ? chance : max(others - delaying, chance)
    let refused = rate > most ? requests / 2 * (1 / most - 1 / rate) : 0
    let overhead = overhead(q, now, streams: streams)
    let outcome = Outcome(
      streams: streams, timePerOutputToken: now.step + delaying / max(outputTokens, 1),
      timeToFirstToken: overhead + now.prompt + queued + refused, step: now.step, prompt: now.prompt,
      queued: queued, refused: refused, overhead: overhead)
    let end = requests / done + cycle(now, streams: streams)
    return Run(outcome: outcome, outputTokensPerSecond: speedCase.replicas * requests * outputTokens / end)
  }

  /// A closed loop of so many requests in flight on one replica, and of so many in all.
  private func closed(_ q: Quantities, inFlight: Double, requests: Double) -> Run {
    var loop = self
    loop.firstWave = min(1, inFlight / max(requests, 1))
    let outcome = loop.steady(q, inFlight: inFlight)
    return Run(
      outcome: outcome, outputTokensPerSecond: throughput(outcome, inFlight: inFlight * speedCase.replicas))
  }

  /// The streams, up to the room, at which one replica answers so many requests a second: by halving.
  private func streams(answering rate: Double, upTo room: Double, _ answered: (Double) -> Double) -> Double {
    var (low, high) = (-4.0, naturalLog(room))
    for _ in 0..<24 {
      let middle = (low + high) / 2
      if answered(exponential(middle)) < rate { low = middle } else { high = middle }
    }
    return exponential((low + high) / 2)
  }
}
