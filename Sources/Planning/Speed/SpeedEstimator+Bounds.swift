import Engines
import Units

extension SpeedEstimator {
  /// What is said of tokens that are generated.
  static let boundsOfWriting: Set<ReasonCode> = [
    .boundByMemoryBandwidth, .boundByCompute, .boundByHostMemory, .boundByCache, .boundByLink, .boundByOverhead,
    .loadBoundByMemoryBandwidth, .loadBoundByCompute, .loadBoundByHostMemory, .loadBoundByCache, .loadBoundByLink,
    .loadBoundByOverhead, .loadBoundByPrompts, .firstTokenBoundByPrompt, .firstTokenBoundByQueue,
    .firstTokenBoundByMemory, .firstTokenBoundByOverhead,
  ]

  /// What bounds decoding and prefill of one stream, and what would change it.
  func bounds(_ step: DecodeStep, _ prompt: PromptTime, _ one: SpeedCase) -> [Reason] {
    var reasons = [decodeBound(step, one, streams: 1)].compactMap { $0 }
    reasons.append(
      prompt.compute + prompt.attention >= prompt.weights
        ? Reason(
          .prefillBoundByCompute, "reading a prompt is bound by multiplications",
          remedy: "a device with a higher peak rate, or shorter prompts")
        : Reason(
          .prefillBoundByMemoryBandwidth, "a prompt this short is bound by reading the weights",
          remedy: "memory with more bandwidth, or several prompts at once"))
    if one.ways > 1, one.stack == .local {
      reasons.append(
        Reason(
          .splitSpeedAssumed,
          "the speed of \(Int(one.ways)) devices that share each layer is computed from their bandwidth and link, not measured",
          remedy: "plimsoll calibrate on that machine"))
    }
    if one.devices > one.ways, one.stack == .local {
      reasons.append(
        Reason(
          .layerSplitHoldsMore,
          "layers on \(Int(one.devices)) devices work one after the other: they add memory, not speed for one stream"))
    }
    return reasons + one.assumptions
  }

  /// The longest part of a decoding step, and what would shorten it.
  private func decodeBound(_ step: DecodeStep, _ one: SpeedCase, streams: Double) -> Reason? {
    let isServer = one.stack == .server
    let who = streams > 1 ? "with \(streams.formatted(decimals: 0)) streams decoding" : "decoding"
    let parts: [(seconds: Double, codes: (one: ReasonCode, load: ReasonCode), waits: String, remedy: String)] = [
      (
        step.weights, (.boundByMemoryBandwidth, .loadBoundByMemoryBandwidth), "the weights to be read from memory",
        "a smaller quantization, or memory with more bandwidth"
      ),
      (step.compute, (.boundByCompute, .loadBoundByCompute), "multiplications", "more compute, or fewer streams"),
      (
        step.host, (.boundByHostMemory, .loadBoundByHostMemory), "the weights that lie in the host's memory",
        "a quantization that fits on the accelerator"
      ),
      (
        step.cache + step.attention, (.boundByCache, .loadBoundByCache), "the cache of earlier tokens",
        "a shorter context, or a cache of \(isServer ? "fp8" : "q8_0")"
      ),
      (step.links, (.boundByLink, .loadBoundByLink), "the devices to exchange results", "fewer ways, or a faster link"),
      (
        step.overhead, (.boundByOverhead, .loadBoundByOverhead), "kernel launches and scheduling",
        streams > 1 ? "fewer, larger steps" : "more streams at once: they share it"
      ),
    ]
    guard let most = parts.max(by: { $0.seconds < $1.seconds }) else { return nil }
    return Reason(streams > 1 ? most.codes.load : most.codes.one, "\(who) waits for \(most.waits)", remedy: most.remedy)
  }

  /// What bounds the latencies under a load, and what would change it.
  func bounds(of outcome: ServerLoad.Outcome, _ one: SpeedCase, _ q: Quantities, length: Double) -> [Reason] {
    let step = one.decodeStep(q, streams: outcome.streams, length: length)
    let waiting = outcome.timePerOutputToken - outcome.step
    var reasons = [Reason?]()
    reasons.append(
      waiting > outcome.step
        ? Reason(
          .loadBoundByPrompts, "each further token waits mostly for the prompts of other requests",
          remedy: "more compute, shorter prompts, a prefix cache, or other devices for prompts")
        : decodeBound(step, one, streams: outcome.streams))
    let parts = [
      (
        outcome.prompt,
        Reason(
          .firstTokenBoundByPrompt, "the first token waits for its own prompt",
          remedy: "more compute, or shorter prompts")
      ),
      (
        outcome.queued,
        Reason(
          .firstTokenBoundByQueue, "the first token waits for the prompts of other requests",
          remedy: "more replicas, or fewer requests at once")
      ),
      (
        outcome.refused,
        Reason(
          .firstTokenBoundByMemory, "the first token waits until memory for its request is free",
          remedy: "more memory, a smaller cache, or fewer requests at once")
      ),
      (
        outcome.overhead,
        Reason(.firstTokenBoundByOverhead, "the first token waits for scheduling and transport")
      ),
    ]
    reasons.append(parts.max { $0.0 < $1.0 }?.1)
    return reasons.compactMap { $0 }
  }
}
