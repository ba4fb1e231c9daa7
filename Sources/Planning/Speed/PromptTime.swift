/// The time to read one prompt, term by term, in seconds.
struct PromptTime: Hashable, Sendable {
  var compute = 0.0
  /// Reading the weights, once for each piece.
  var weights = 0.0
  /// Attention, whose work grows with the square of the length.
  var attention = 0.0
  var links = 0.0
  var overhead = 0.0
  var factor = 1.0

  var total: Double {
    ((compute * compute + weights * weights).squareRoot() + attention + links + overhead) * factor
  }
}

extension SpeedCase {
  /// Returns the time to read `batch` prompts of so many tokens after a context of `depth` tokens.
  func promptTime(_ q: Quantities, tokens: Double, depth: Double = 0, batch: Double = 1) -> PromptTime {
    guard stack == .local else { return serverPrompt(q, tokens: tokens * batch) }
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
    // The head is computed for the last token only.
    let parameters = max(model.activeParameters - model.vocabulary * model.width, model.activeParameters * 0.3)
    time.compute =
      2 * parameters * all * expertPadding(q, piece: piece) * (piece + 64 * q[.fillTokens]) / piece
      / (rate * q[.prefillCompute])
    let bandwidth = device.bandwidth / processes * 0.7 * ways
    let read = pieces * decodedBytes * model.readShare(tokens: piece)
    let held = heldShare
    // What lies on the host is copied over or computed there, at the host's own speed.
    time.weights = read * held / bandwidth + read * (1 - held) / (device.hostBandwidth * 0.3)
    let seen = backend == "cpu" && batch > 1 ? batch : 1
    let context = (depth + tokens / 2) * seen
    time.attention =
      4 * all * model.queryWidth * model.attendedTokens(at: context) / (rate * q[.prefillAttention])
    if ways > 1 { time.links = pieces * exchange(tokens: piece, latency: Self.assumedExchangeMicroseconds) }
    time.overhead = pieces * (model.layers * q[.prefillLayerOverhead] + q[.prefillStepOverhead]) * 1e-6
    time.factor = q[.prefillFactor]
    return time
  }

  /// Experts get few tokens each and their kernels are filled up to whole tiles.
  private func expertPadding(_ q: Quantities, piece: Double) -> Double {
    guard isSparse else { return 1 }
    let used = model.usedExperts / model.experts
    let share = min(max(model.expertShare * used * model.parameters / model.activeParameters, 0), 1)
    let tokens = max(piece * used, 0.5)
    return (1 - share) + share * (tokens + 32 * q[.expertTile]) / tokens
  }

  private func serverPrompt(_ q: Quantities, tokens: Double) -> PromptTime {
    var time = PromptTime()
    let width = model.queryWidth * (model.isLatent ? 4 : 1)
    time.compute = 2 * model.activeParameters * tokens / (ways * peak * q[.prefillCompute])
    time.attention =
      4 * tokens * width * model.fullLayers * tokens / 2 / (ways * peak * q[.prefillAttention])
    if ways > 1 { time.links = 2 * model.layers * tokens * model.width * 4 / device.linkBandwidth }
    time.factor = q[.prefillFactor]
    return time
  }

  /// The least time of any pass over a prompt: each device reads its weights once.
  func promptFloor(_ q: Quantities, tokens: Double) -> Double {
    weightBytes * model.readShare(tokens: tokens) / (ways * device.bandwidth * q[.weightBandwidth])
  }
}
