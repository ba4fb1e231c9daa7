import Engines
import Hardware
import Units

extension SpeedEstimator {
  /// The terms of a prediction with the figures that each was computed from.
  func terms(
    _ step: DecodeStep, _ prompt: PromptTime, _ one: SpeedCase, streams: Double, length: Double
  ) -> [SpeedTerm] {
    let q = quantities(for: one)
    let gib = { (bytes: Double) in "\((bytes / 1_073_741_824).formatted(significant: 3)) GiB" }
    let rate = "\((one.device.bandwidth / 1e9).formatted(significant: 4)) GB/s"
    let read = one.bytesRead(tokens: streams)
    let share = one.stack == .server ? q[.weightBandwidth] : q.capped(.weightBandwidth)
    let split =
      one.ways > 1
      ? " on \(Int(one.ways)) devices"
      : one.processes > 1 ? ", of which each of \(Int(one.processes)) servers has a part" : ""
    let efficiency = { (quantity: Quantity) in "x \(q[quantity].formatted(significant: 2))" }
    let peak = "\((one.peak / 1e12).formatted(significant: 3)) TFLOPS"
    var terms = [
      SpeedTerm(
        "decode: read weights", seconds: step.weights,
        formula: "\(gib(read.device)) / (\(rate) x \(share.formatted(significant: 2)))\(split)"),
      SpeedTerm(
        "decode: multiply", seconds: step.compute,
        formula: "2 x \((one.model.activeParameters / 1e9).formatted(significant: 3))e9 / (\(peak) "
          + "\(efficiency(.smallBatchCompute))), beside the reading"),
      SpeedTerm(
        "decode: read cache", seconds: step.cache,
        formula: "\(gib(one.cacheBytes(at: length) * streams)) at \(Int(length)) tokens / (\(rate) "
          + "\(efficiency(.cacheBandwidth)))"),
      SpeedTerm("decode: attention", seconds: step.attention, formula: "4 x heads x length / \(peak)"),
      SpeedTerm(
        "decode: overhead", seconds: step.overhead,
        formula: "\(Int(one.model.layers)) layers x \(q[.layerOverhead].formatted(significant: 3)) us + "
          + "\(q[.stepOverhead].formatted(significant: 3)) us"),
    ]
    if step.host > 0 {
      terms.append(
        SpeedTerm(
          "decode: weights on the host", seconds: step.host,
          formula: "\(gib(read.host)) from the host's memory at "
            + "\((one.device.hostBandwidth / 1e9).formatted(significant: 3)) GB/s"
            + (one.device.assumed.contains(.hostBandwidth) ? ", assumed" : "")))
    }
    if step.links > 0 {
      let latency = one.stack == .local ? SpeedCase.assumedExchangeMicroseconds : q[.allReduceLatency]
      terms.append(
        SpeedTerm(
          "decode: all-reduce", seconds: step.links,
          formula:
            "2 x \(Int(one.model.layers)) x \(latency.formatted(significant: 2)) us over \(Int(one.ways))"
            + (one.stack == .local ? ", assumed" : ""))
      )
    }
    let multiplied = one.stack == .server ? q.share(.prefillCompute) : q[.prefillCompute]
    terms += [
      SpeedTerm(
        "prefill: multiply", seconds: prompt.compute,
        formula: "2 x \((one.model.promptParameters / 1e9).formatted(significant: 3))e9 x tokens / (\(peak) "
          + "x \(multiplied.formatted(significant: 2)))"
          + (prompt.filling > 1.005 ? " x \(prompt.filling.formatted(significant: 3)) for tiles that are not full" : "")
      ),
      SpeedTerm("prefill: attention", seconds: prompt.attention, formula: "grows with the square of the prompt"),
      SpeedTerm("prefill: read weights", seconds: prompt.weights, formula: "once for each piece, beside the work"),
      SpeedTerm(
        "prefill: overhead", seconds: prompt.overhead + prompt.launches, formula: "launches and scheduling"),
    ]
    for (name, factor, total) in [("decode", step.factor, step.total), ("prefill", prompt.factor, prompt.total)]
    where abs(factor - 1) > 0.001 {
      let total = name == "prefill" ? total - prompt.launches : total
      terms.append(
        SpeedTerm(
          "\(name): engine and host", seconds: total - total / factor,
          formula: "x \(factor.formatted(significant: 3)) on all of it"))
    }
    return terms
  }

  /// The terms of the latencies under a load.
  func terms(of outcome: ServerLoad.Outcome, inFlight: Double) -> [SpeedTerm] {
    let streams = outcome.streams.formatted(decimals: 0)
    return [
      SpeedTerm("token under load: step", seconds: outcome.step, formula: "one step of \(streams) streams"),
      SpeedTerm(
        "token under load: prompts", seconds: outcome.timePerOutputToken - outcome.step,
        formula: "its share of the prompts that the other streams bring"),
      SpeedTerm("first token: prompt", seconds: outcome.prompt, formula: "its own prompt in a running server"),
      SpeedTerm(
        "first token: queue", seconds: outcome.queued, formula: "prompts before it, by chance"),
      SpeedTerm(
        "first token: a place", seconds: outcome.refused,
        formula: "\(max(inFlight - outcome.streams, 0).formatted(decimals: 0)) requests wait until another has ended"),
      SpeedTerm("first token: request", seconds: outcome.overhead, formula: "scheduling and transport"),
    ]
  }

  func addLoading(_ out: inout SpeedPrediction, _ request: Question) {
    guard let rate = request.machine.storage.compactMap({ $0.readGigabytesPerSecond }).first, rate.value > 0 else {
      return
    }
    let seconds = Double(request.form.weightBytes.bytes) / (rate.value * 1e9) + 1
    out.loadSeconds = Band(
      seconds, spread: 0.5, source: Source(.computed, "weights / disk's reads (\(rate.source)) + 1 s"))
  }

  /// Energy for each token: the rated power of what works at one time, at the aggregate rate.
  ///
  /// - Parameter hostShare: Share of a step in which the devices wait for the host's part of the weights.
  func addEnergy(_ out: inout SpeedPrediction, _ request: Question, hostShare: Double, _ one: SpeedCase) {
    guard let rate = out.decodeAggregate, let power = request.activeWatts(hostShare: hostShare, one) else { return }
    let watts = power.watts
    out.joulesPerToken = Band(
      low: watts / rate.high, expected: watts / rate.expected, high: watts / rate.low,
      source: Source(.computed, "\(watts.formatted(decimals: 0)) W (\(power.words)) / output tokens a second"))
  }
}

extension Question {
  /// Watts of what works at one time, where datasheets say them, and in words what was counted.
  fileprivate func activeWatts(hostShare: Double, _ one: SpeedCase) -> (watts: Double, words: String)? {
    let host = machine.cpu.watts?.value
    if placement.devices.isEmpty { return (machine.watts?.value ?? host).map { ($0, "at full load") } }
    let each = placement.devices.compactMap { index in
      machine.accelerators.indices.contains(index) ? machine.accelerators[index].watts?.value : nil
    }
    guard each.count == placement.devices.count, !each.isEmpty else {
      return machine.watts.map { ($0.value, "the whole machine at full load") }
    }
    let all = each.reduce(0, +)
    // Layers on several devices are computed in turn: one device of each server works, the others wait.
    let takesTurns = one.stack == .local && one.devices > one.ways
    let working = takesTurns ? all / one.devices * one.ways : all
    let turns = takesTurns ? "one device at a time, what the others draw idle not counted" : "at full load"
    guard hostShare > 0 else { return (working, turns) }
    guard let host else { return (working, "\(turns); the host's is not known") }
    return (
      working * (1 - hostShare) + host * hostShare,
      "\(turns), and the processors for \((hostShare * 100).formatted(decimals: 0))% of the time"
    )
  }
}
