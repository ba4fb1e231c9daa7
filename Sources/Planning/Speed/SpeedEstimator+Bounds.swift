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
          .prefillBoundByCompute, "prefill is limited by compute",
          remedy: "a GPU with more compute, or shorter prompts")
        : Reason(
          .prefillBoundByMemoryBandwidth, "prefill of so short a prompt is limited by memory bandwidth",
          remedy: "faster memory, or several prompts at once"))
    if one.ways > 1, one.stack == .local {
      reasons.append(
        Reason(
          .splitSpeedAssumed,
          "tensor parallelism over \(Int(one.ways)) devices: speed computed from bandwidth and link, not measured",
          remedy: "plimsoll calibrate on that machine"))
    }
    if one.devices > one.ways, one.stack == .local {
      reasons.append(
        Reason(
          .layerSplitHoldsMore,
          "layers on \(Int(one.devices)) devices run in turn: more devices add memory, but no speed for one stream"))
    }
    return reasons + one.assumptions
  }

  /// The longest part of a decoding step, and what would shorten it.
  private func decodeBound(_ step: DecodeStep, _ one: SpeedCase, streams: Double) -> Reason? {
    let isServer = one.stack == .server
    let who = streams > 1 ? "decode of \(streams.formatted(decimals: 0)) streams" : "decode"
    let parts: [(seconds: Double, codes: (one: ReasonCode, load: ReasonCode), limit: String, remedy: String)] = [
      (
        step.weights, (.boundByMemoryBandwidth, .loadBoundByMemoryBandwidth), "memory bandwidth",
        "a smaller quantization, or faster memory"
      ),
      (step.compute, (.boundByCompute, .loadBoundByCompute), "compute", "more compute, or fewer streams"),
      (
        step.host, (.boundByHostMemory, .loadBoundByHostMemory), "host memory bandwidth (weights on the host)",
        "a quantization that fits on the GPU"
      ),
      (
        step.cache + step.attention, (.boundByCache, .loadBoundByCache), "reading the KV cache",
        "a shorter context, or a KV cache of \(isServer ? "fp8" : "q8_0")"
      ),
      (step.links, (.boundByLink, .loadBoundByLink), "the link between GPUs", "fewer GPUs a layer, or a faster link"),
      (
        step.overhead, (.boundByOverhead, .loadBoundByOverhead), "kernel launches and scheduling",
        streams > 1 ? "fewer, larger steps" : "more streams at once, which share it"
      ),
    ]
    guard let most = parts.max(by: { $0.seconds < $1.seconds }) else { return nil }
    return Reason(
      streams > 1 ? most.codes.load : most.codes.one, "\(who) is limited by \(most.limit)", remedy: most.remedy)
  }

  /// What bounds the latencies under a load, and what would change it.
  func bounds(of outcome: ServerLoad.Outcome, _ one: SpeedCase, _ q: Quantities, length: Double) -> [Reason] {
    let step = one.decodeStep(q, streams: outcome.streams, length: length)
    let waiting = outcome.timePerOutputToken - outcome.step
    var reasons = [Reason?]()
    reasons.append(
      waiting > outcome.step
        ? Reason(
          .loadBoundByPrompts, "TPOT is limited by the prompts of other requests",
          remedy: "more compute, shorter prompts, a prefix cache, or separate devices for prompts")
        : decodeBound(step, one, streams: outcome.streams))
    let parts = [
      (
        outcome.prompt,
        Reason(
          .firstTokenBoundByPrompt, "TTFT is limited by the request's own prompt",
          remedy: "more compute, or shorter prompts")
      ),
      (
        outcome.queued,
        Reason(
          .firstTokenBoundByQueue, "TTFT is limited by the prompts of other requests",
          remedy: "more replicas, or fewer requests at once")
      ),
      (
        outcome.refused,
        Reason(
          .firstTokenBoundByMemory, "TTFT is limited by memory: requests wait for room in the KV cache",
          remedy: "more memory, a smaller KV cache, or fewer requests at once")
      ),
      (
        outcome.overhead,
        Reason(.firstTokenBoundByOverhead, "TTFT is limited by scheduling and transport")
      ),
    ]
    reasons.append(parts.max { $0.0 < $1.0 }?.1)
    return reasons.compactMap { $0 }
  }
}
