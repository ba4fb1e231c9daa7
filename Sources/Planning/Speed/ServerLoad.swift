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
  }

  /// Solves the steady state with so many requests in flight on one replica.
  ///
  /// Every request brings one prompt to each `outputTokens` steps of all others, which wait for it: that is what makes a
  /// token slower than a step. The first requests of a run arrive together and queue for each other's prompts; those that
  /// do not fit in memory wait for a whole request to end.
  func steady(_ q: Quantities, inFlight: Double) -> Outcome {
    let length = inputTokens + outputTokens / 2
    let streams = min(inFlight, speedCase.largestBatch(at: length))
    let step = speedCase.decodeStep(q, streams: streams, length: length).total
    let prompt = speedCase.promptTime(q, tokens: inputTokens).total * q[.prefillInflation]
    // A cycle is the prompts of all and the steps of one, however they interleave: what a request waits for the prompts
    // of others before its first token it does not wait for them after it.
    let together = q[.burst] / (1 + q[.burst])
    let waits = speedCase.isDisaggregated ? 0 : 1 - together / 2
    let perToken = step + waits * max(streams - 1, 0) * prompt / outputTokens
    let requestRate = min(1 / prompt, streams / (outputTokens * perToken + prompt))
    let queued = together * (streams - 1) * prompt / 2
    let refused = max(inFlight - streams, 0) / max(requestRate, 1e-9)
    let floor = speedCase.promptFloor(q, tokens: inputTokens)
    let first =
      q[.requestOverhead] * 1e-3 + max(prompt, floor) + step + queued + refused
    return Outcome(streams: streams, timePerOutputToken: perToken, timeToFirstToken: first)
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
    let most = speedCase.largestBatch(at: inputTokens + outputTokens / 2) * 1.2
    let margin = q[.limitMargin]
    var best: (outcome: Outcome, outputTokensPerSecond: Double)?
    for exponent in 0...48 {
      let streams = power(2, Double(exponent) / 4)
      guard exponent == 0 || streams <= most else { break }
      let outcome = steady(q, inFlight: streams)
      if exponent > 0, let limits, outcome.timePerOutputToken > limits.timePerOutputToken * margin { break }
      let rate = speedCase.replicas * streams / outcome.timePerOutputToken
      if rate > best?.outputTokensPerSecond ?? 0 { best = (outcome, rate) }
    }
    var (outcome, rate) = best ?? (steady(q, inFlight: 1), 0)
    let prompt = speedCase.promptTime(q, tokens: inputTokens).total
    if let limits { outcome.timePerOutputToken = min(outcome.timePerOutputToken, limits.timePerOutputToken) }
    outcome.timeToFirstToken =
      q[.randomWait] * (prompt * 3 + outcome.timePerOutputToken + (limits.map { $0.timeToFirstToken * 0.1 } ?? 0))
    return (outcome, rate * q[.offlineFactor])
  }
}
