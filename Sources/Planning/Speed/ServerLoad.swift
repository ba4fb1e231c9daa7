/// What many requests at once make of the times of steps and prompts.
struct ServerLoad: Sendable {
  let speedCase: SpeedCase
  let inputTokens: Double
  let outputTokens: Double
  /// Share of a run's requests that are sent together at its start; none of a server that runs on.
  var firstWave = 0.0
  /// Share of a prompt's tokens that an earlier request left in the cache, and that are not read again.
  var cachedShare = 0.0
  /// What guesses tokens for it; nil where nothing does.
  var guesser: Guesser?

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
    /// What one prompt of another request adds to a request's tokens, in seconds.
    var interruption = 0.0
    /// True for one request at a time on an engine for one user: its times are those of a single stream.
    var isAlone = false

    /// What was measured of devices of the kind, and tells how wide the bands are.
    var measures: (first: SpeedMeasure, each: SpeedMeasure) {
      isAlone ? (.prefill, .decode) : (.servingTimeToFirstToken, .servingTimePerOutputToken)
    }
  }

  /// The parts of a request's time on one replica with so many streams, in seconds.
  struct Parts {
    /// One token of every stream.
    var step: Double
    /// A prompt alone.
    var prompt: Double
    /// What a prompt adds to steps that run anyway.
    var beside: Double
  }

  /// A closed loop lets no queue grow without bound: what is more than this busy is taken as this.
  static let mostBusy = 0.9

  /// Streams at once, at most as many as anybody starts a server for.
  var room: Double { max(1, min(speedCase.slots ?? Self.mostStreams, Self.mostStreams)) }

  private static let mostStreams = 4096.0

  /// Prompt tokens that one step takes in at most: what vLLM and SGLang are started with on servers.
  private static let tokensPerPass = 8192.0

  /// Returns the times of the parts with so many streams, each at half of its output.
  ///
  /// - Parameter isAlone: True for a single stream that has its engine to itself: its prompt is as fast as prompts were
  ///   measured alone.
  func parts(_ q: Quantities, streams: Double, isAlone: Bool = false) -> Parts {
    let length = inputTokens + outputTokens / 2
    let step =
      guesser?.step(speedCase, q, streams: streams, length: length).secondsPerToken
      ?? speedCase.decodeStep(q, streams: streams, length: length).total
    let cached = inputTokens * cachedShare
    let prompt = speedCase.promptTime(q, tokens: max(1, inputTokens - cached), depth: cached)
    let inflation = isAlone ? 1 : q[.prefillInflation]
    return Parts(
      step: step / speedCase.tokensPerStep, prompt: prompt.total * inflation,
      beside: max(prompt.besideSteps * inflation, 1e-9))
  }

  /// The most that prompts of others delay the tokens of one request: what each of its steps takes in.
  func mostDelay(_ parts: Parts) -> Double {
    max(outputTokens - 1, 0) * max(parts.beside, parts.beside * Self.tokensPerPass / max(inputTokens, 1))
  }

  /// Seconds of one request from its start to its end where all streams are busy.
  func cycle(_ parts: Parts, streams: Double) -> Double {
    outputTokens * parts.step + (speedCase.isDisaggregated ? 0 : max(streams - 1, 0) * parts.beside) + parts.prompt
  }

  /// Solves the steady state with so many requests in flight on one replica.
  ///
  /// Every request brings one prompt to each `outputTokens` steps of all others, which wait for it: that is what makes a
  /// token slower than a step. Where a run has a first wave, its requests arrive together and queue for each other's
  /// prompts; those that do not fit in memory wait for a whole request to end.
  func steady(_ q: Quantities, inFlight: Double) -> Outcome {
    let streams = min(inFlight, room)
    let isAlone = inFlight <= 1 && speedCase.stack == .local
    let parts = parts(q, streams: streams, isAlone: isAlone)
    // A cycle is the prompts of all and the steps of one, however they interleave: what a request waits for the prompts
    // of others before its first token it does not wait for them after it.
    let others = max(streams - 1, 0) * parts.beside
    let odds = q[.burst] * firstWave / max(1 - firstWave, 1e-3)
    let wave = odds / (1 + odds) * others / 2
    let interrupting = speedCase.isDisaggregated ? 0 : others - wave
    let cycle = outputTokens * parts.step + interrupting + parts.prompt
    // After the first wave prompts come at random to one server, all of one length (Pollaczek and Khinchine).
    let busy = min(streams * parts.beside / cycle, Self.mostBusy)
    let chance = min(parts.beside * busy / (2 * (1 - busy)), interrupting / 2)
    let delaying = min(max(interrupting - chance, 0), mostDelay(parts))
    var queued = wave + interrupting - delaying
    if let servers = speedCase.promptServers { queued = queue(at: servers, parts, streams: streams, cycle: cycle) }
    let perToken = parts.step + delaying / outputTokens
    let requestRate = min(1 / parts.beside, streams / cycle)
    let refused = max(inFlight - streams, 0) / max(requestRate, 1e-9)
    let overhead = overhead(q, parts, streams: streams)
    return Outcome(
      streams: streams, timePerOutputToken: perToken, timeToFirstToken: overhead + parts.prompt + queued + refused,
      step: parts.step, prompt: parts.prompt, queued: queued, refused: refused, overhead: overhead,
      interruption: parts.beside, isAlone: isAlone)
  }

  /// Seconds of a request on its way, and until the step that takes it in has ended: at once where no other runs.
  func overhead(_ q: Quantities, _ parts: Parts, streams: Double) -> Double {
    let steps = 1 + (q[.admissionSteps] - 1) * (1 - 1 / max(streams, 1))
    return q[.requestOverhead] * 1e-3 + parts.step * steps
  }

  /// The wait at servers of their own for prompts: by chance, or until all others' prompts are read where they are too few.
  private func queue(at servers: Double, _ parts: Parts, streams: Double, cycle: Double) -> Double {
    let each = streams * speedCase.replicas / servers
    let busy = min(each * parts.beside / cycle, Self.mostBusy)
    let chance = parts.beside * busy / (2 * (1 - busy))
    return max(min(chance, max(each - 1, 0) * parts.beside), each * parts.beside - cycle)
  }

  /// Output tokens a second of all replicas with so many requests in flight over all of them.
  func throughput(_ outcome: Outcome, inFlight: Double) -> Double {
    inFlight * outputTokens
      / (outcome.timeToFirstToken + outcome.timePerOutputToken * max(outputTokens - 1, 1))
  }

  /// Output tokens a second where whole batches are read, then written, one after the other.
  func staticThroughput(_ q: Quantities, batch: Double) -> Double {
    let each = batch / speedCase.replicas
    let together = min(each, room)
    let prompt =
      speedCase.stack == .local
      ? together * speedCase.promptTime(q, tokens: inputTokens).total
      : speedCase.promptTime(q, tokens: inputTokens, batch: together).total
    let step = speedCase.decodeStep(q, streams: together, length: inputTokens + outputTokens / 2).total
    let passes = max(1, each / room)
    return batch * outputTokens / (passes * (prompt + outputTokens * step))
  }

  /// Finds the load with the highest throughput, where there is a limit in seconds on the slowest requests' time of a
  /// token, within that.
  func best(_ q: Quantities, within limit: Double?) -> (outcome: Outcome, outputTokensPerSecond: Double) {
    let most = room * 1.2
    let bound = limit.map { $0 * q[.limitMargin] } ?? .infinity
    var best: (outcome: Outcome, outputTokensPerSecond: Double)?
    func take(_ outcome: Outcome, streams: Double) {
      let rate = speedCase.replicas * streams / outcome.timePerOutputToken
      if rate > best?.outputTokensPerSecond ?? 0 { best = (outcome, rate) }
    }
    var before: (streams: Double, outcome: Outcome)?
    for exponent in 0...24 {
      let streams = power(2, Double(exponent) / 2)
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
    if let limit { outcome.timePerOutputToken = min(outcome.timePerOutputToken, limit) }
    outcome.timeToFirstToken *= q[.randomWait]
    return (outcome, rate * q[.offlineFactor])
  }
}
