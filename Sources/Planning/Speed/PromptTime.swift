import Engines

/// The time to read one prompt, term by term, in seconds.
struct PromptTime: Hashable, Sendable {
  var compute = 0.0
  /// Reading the weights, once for each piece.
  var weights = 0.0
  /// Attention, whose work grows with the square of the length.
  var attention = 0.0
  var links = 0.0
  var overhead = 0.0
  /// Launching the pieces, which steps that run anyway do as well.
  var launches = 0.0
  var factor = 1.0
  /// How many times the multiplications of full tiles: short pieces and experts with few tokens do not fill them.
  var filling = 1.0

  var total: Double {
    ((compute * compute + weights * weights).squareRoot() + attention + links + overhead) * factor + launches
  }

  /// What the prompt adds to passes that read the weights anyway.
  var besideSteps: Double { (compute + attention + links + overhead) * factor }
}

extension SpeedCase {
  /// Returns the time to read `batch` prompts of so many tokens after a context of `depth` tokens.
  func promptTime(_ q: Quantities, tokens: Double, depth: Double = 0, batch: Double = 1) -> PromptTime {
    guard stack == .local else { return serverPrompt(q, tokens: tokens * batch, depth: depth) }
    var prompts = self
    prompts.threads = promptThreads ?? threads
    return prompts.localPrompt(q, tokens: tokens, depth: depth, batch: batch)
  }

  private func localPrompt(_ q: Quantities, tokens: Double, depth: Double, batch: Double) -> PromptTime {
    var time = PromptTime()
    let all = tokens * batch
    let piece = min(all, microBatch)
    let pieces = (all / piece).rounded(.up)
    let scaling = threadShare(q[.prefillThreadScaling])
    let rate = computeRate(threadPeak: q[.prefillThreadPeak]) / processes * scaling * ways
    time.filling = expertPadding(q, piece: piece) * (piece + 64 * q[.fillTokens]) / piece
    time.compute = 2 * model.promptParameters * all * time.filling / (rate * q[.prefillCompute])
    let bandwidth = device.bandwidth / processes * 0.7 * ways
    let read = bytesRead(tokens: piece)
    // What lies on the host is copied over or computed there, at the host's own speed.
    time.weights = pieces * (read.device / bandwidth + read.host / (device.hostBandwidth * 0.3))
    let seen = backend == .cpu && batch > 1 ? batch : 1
    let context = (depth + tokens / 2) * seen
    time.attention =
      4 * all * model.attentionWidth * model.attendedTokens(at: context) / (rate * q[.prefillAttention])
    if ways > 1 { time.links = pieces * exchange(tokens: piece, latency: Self.assumedExchangeMicroseconds) }
    time.overhead = pieces * (model.layers * q[.prefillLayerOverhead] + q[.prefillStepOverhead]) * 1e-6
    time.factor = q[.prefillFactor] * overlapOfStages(q, pieces: pieces)
    // A billionth more, so that rounding does not carry it over the peak.
    let least = 2 * model.promptParameters * all / (device.peak / processes * max(ways, devices)) * (1 + 1e-9)
    if q.endsAtPeak, time.total > 0, time.total < least { time.factor *= least / time.total }
    return time
  }

  /// Share of the time that is left where stages on several devices work on different pieces of one batch at once.
  ///
  /// llama.cpp sends the pieces of a logical batch (2048 tokens) through the devices as a pipeline, on backends with
  /// events: P pieces over D stages take P + D - 1 turns of a D-th each.
  private func overlapOfStages(_ q: Quantities, pieces: Double) -> Double {
    let stages = devices / ways
    guard stages > 1, !usesHost, backend == .cuda || backend == .rocm else { return 1 }
    let together = max(1, min(pieces, (2048 / microBatch).rounded(.down)))
    let ideal = (together + stages - 1) / (together * stages)
    return 1 - (1 - ideal) * q[.stageOverlap] / (1 + q[.stageOverlap])
  }

  /// Experts get few tokens each and their kernels are filled up to whole tiles.
  private func expertPadding(_ q: Quantities, piece: Double) -> Double {
    guard isSparse else { return 1 }
    let used = model.usedExperts / model.experts
    let share = min(max(model.expertShare * used * model.parameters / model.activeParameters, 0), 1)
    let tokens = max(piece * used, 0.5)
    return (1 - share) + share * (tokens + 32 * q[.expertTile]) / tokens
  }

  private func serverPrompt(_ q: Quantities, tokens: Double, depth: Double) -> PromptTime {
    var time = PromptTime()
    let ways = promptWays ?? ways
    time.compute = 2 * model.promptParameters * tokens / (ways * peak * q.share(.prefillCompute))
    time.attention =
      4 * tokens * model.attentionWidth * model.attendedTokens(at: depth + tokens / 2)
      / (ways * attentionPeak * q.share(.prefillAttention))
    // Servers read a prompt in few large pieces.
    let piece = min(tokens, 8192)
    time.weights =
      (tokens / piece).rounded(.up) * weightBytes * model.readShare(tokens: piece)
      / (ways * device.bandwidth * q[.weightBandwidth])
    if ways > 1 { time.links = 2 * model.layers * tokens * model.width * 4 / device.linkBandwidth }
    // Graphs are captured for steps, not for prompts, whose kernels are launched one by one.
    time.launches = (tokens / piece).rounded(.up) * model.layers * q[.prefillLayerOverhead] * 1e-6
    time.factor = q[.prefillFactor]
    return time
  }
}
