/// What many requests at once make of the times of steps and prompts.
struct ServerLoad: Sendable {
  let speedCase: SpeedCase
  let inputTokens: Double
  let outputTokens: Double

  /// Latencies and throughput of one replica.
  struct Outcome: Hashable, Sendable {
    /// Requests that decode together; fewer than are in flight where memory or slots do not hold more.
    var streams: Double
    var timePerOutputToken: Double
    var timeToFirstToken: Double
    /// Parts of the two: one step, and of the first token its own prompt, those before it, a place, and the rest.
    var step = 0.0
    var prompt = 0.0
    var queued = 0.0
    var refused = 0.0
    var overhead = 0.0
    /// True for one request at a time on an engine for one user: its times are those of a single stream.
    var isAlone = false

    /// What was measured of devices of the kind, and tells how wide the bands are.
    var measures: (first: SpeedMeasure, each: SpeedMeasure) {
      isAlone ? (.prefill, .decode) : (.servingTimeToFirstToken, .servingTimePerOutputToken)
    }
  }

  /// A closed loop lets no queue grow without bound: what is more than this busy is taken as this.
  private static let mostBusy = 0.9

  /// Streams at once, at most as many as anybody starts a server for.
  private var room: Double { max(1, min(speedCase.slots ?? Self.mostStreams, Self.mostStreams)) }

  private static let mostStreams = 4096.0

  /// Solves the steady state with so many requests in flight on one replica.
  ///
  /// Every request brings one prompt to each `outputTokens` steps of all others, which wait for it: that is what makes a
  /// token slower than a step. The first requests of a run arrive together and queue for each other's prompts; those that
  /// do not fit in memory wait for a whole request to end.
  func steady(_ q: Quantities, inFlight: Double) -> Outcome {
    let length = inputTokens + outputTokens / 2
    let streams = min(inFlight, room)
    let step = speedCase.decodeStep(q, streams: streams, length: length).total
    let alone = speedCase.promptTime(q, tokens: inputTokens)
    let isAlone = inFlight <= 1 && speedCase.stack == .local
    // A single stream has its engine to itself: its prompt is as fast as prompts were measured alone.
    let inflation = isAlone ? 1 : q[.prefillInflation]
    let prompt = alone.total * inflation
    let beside = alone.besideSteps * inflation
    // A cycle is the prompts of all and the steps of one, however they interleave: what a request waits for the prompts
    // of others before its first token it does not wait for them after it.
    let others = max(streams - 1, 0) * beside
    let together = q[.burst] / (1 + q[.burst])
    let wave = together * others / 2
    let interrupting = speedCase.isDisaggregated ? 0 : others - wave
    let cycle = outputTokens * step + interrupting + prompt
    // After the first wave prompts come at random to one server, all of one length (Pollaczek and Khinchine).
    let busy = min(streams * beside / cycle, Self.mostBusy)
    let chance = min(beside * busy / (2 * (1 - busy)), interrupting / 2)
    let perToken = step + (interrupting - chance) / outputTokens
    let queued = wave + chance
    let requestRate = min(1 / beside, streams / cycle)
    let refused = max(inFlight - streams, 0) / max(requestRate, 1e-9)
    let overhead = q[.requestOverhead] * 1e-3 + step
    return Outcome(
      streams: streams, timePerOutputToken: perToken, timeToFirstToken: overhead + prompt + queued + refused,
      step: step, prompt: prompt, queued: queued, refused: refused, overhead: overhead, isAlone: isAlone)
  }

  /// Output tokens a second of all replicas with so many requests in flight over all of them.
  func throughput(_ outcome: Outcome, inFlight: Double) -> Double {
    inFlight * outputTokens
      / (outcome.timeToFirstToken + outcome.timePerOutputToken * max(outputTokens - 1, 1))
  }

  /// Output tokens a second where whole batches are read, then written, one after the other.
  func staticThroughput(_ q: Quantities, batch: Double) -> Double {
    let each = batch / speedCase.replicas
    let prompt = speedCase.promptTime(q, tokens: inputTokens).total
    let step = speedCase.decodeStep(q, streams: each, length: inputTokens + outputTokens / 2).total
    return batch * outputTokens / (each * prompt + outputTokens * step)
  }

  /// Limits on the slowest requests, in seconds.
  struct Limits: Hashable, Sendable {
    var timeToFirstToken: Double
    var timePerOutputToken: Double
  }

  /// Finds the load with the highest throughput, within limits where there are some.
  func best(_ q: Quantities, within limits: Limits?) -> (outcome: Outcome, outputTokensPerSecond: Double) {
    let most = room * 1.2
    let bound = limits.map { $0.timePerOutputToken * q[.limitMargin] } ?? .infinity
    var best: (outcome: Outcome, outputTokensPerSecond: Double)?
    func take(_ outcome: Outcome, streams: Double) {
      let rate = speedCase.replicas * streams / outcome.timePerOutputToken
      if rate > best?.outputTokensPerSecond ?? 0 { best = (outcome, rate) }
    }
    var before: (streams: Double, outcome: Outcome)?
    for exponent in 0...48 {
      let streams = power(2, Double(exponent) / 4)
      guard exponent == 0 || streams <= most else { break }
      let outcome = steady(q, inFlight: streams)
      if let before, outcome.timePerOutputToken > bound {
        // The limit is met between two of the loads that were tried.
        let first = before.outcome.timePerOutputToken
        let share = max(0, (bound - first) / (outcome.timePerOutputToken - first))
        let between = before.streams + share * (streams - before.streams)
        take(steady(q, inFlight: between), streams: between)
        break
      }
      take(outcome, streams: streams)
      before = (streams, outcome)
    }
    var (outcome, rate) = best ?? (steady(q, inFlight: 1), 0)
    let prompt = speedCase.promptTime(q, tokens: inputTokens).total
    if let limits { outcome.timePerOutputToken = min(outcome.timePerOutputToken, limits.timePerOutputToken) }
    outcome.timeToFirstToken =
      q[.randomWait] * (prompt * 3 + outcome.timePerOutputToken + (limits.map { $0.timeToFirstToken * 0.1 } ?? 0))
    return (outcome, rate * q[.offlineFactor])
  }
}
