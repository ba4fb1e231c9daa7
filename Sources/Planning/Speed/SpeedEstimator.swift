public import Engines
import Models
import Units

/// Predicts speeds: the one estimator that every command asks.
public struct SpeedEstimator: Sendable {
  public let efficiencies: Efficiencies
  /// What measurements on this very machine say about its kinds of prediction.
  public let calibration: SpeedCalibration?

  public init(_ efficiencies: Efficiencies, calibration: SpeedCalibration? = nil) {
    self.efficiencies = efficiencies
    self.calibration = calibration?.made(with: efficiencies)
  }

  /// Returns every speed of a plan's option, each with its band, what bounds it, and its terms.
  ///
  /// A prediction that lacks a fact is empty but for the reason, which names the fact and how to find it.
  ///
  /// - Parameter room: requests that the memory of one server has room for at once; nil is as many as its slots.
  public func prediction(_ request: Question, room: Int? = nil) -> SpeedPrediction {
    let found = request.speedCase(room: room)
    guard let one = found.speedCase else { return SpeedPrediction(bounds: found.missing.map { [$0] } ?? []) }
    let q = quantities(for: one)
    let workload = request.workload
    let input = Double(max(1, workload.inputTokens))
    let output = Double(max(1, workload.outputTokens))
    var out = SpeedPrediction()
    let step = one.decodeStep(q, streams: 1, length: input + output / 2)
    let prompt = one.promptTime(q, tokens: input)
    let alone = one.replicas > 1 && one.backend == .cpu ? one.replicas : 1
    out.prefill = band(input / prompt.total, .prefill, one)?.below(one.prefillRoof)
    let load = load(request, one)
    let inFlight = Double(max(1, workload.concurrency))
    out.decode = decode(load, q)
    addSpeculation(&out, load, q, inFlight: inFlight)
    let outcome = load.steady(q, inFlight: max(1, inFlight / one.replicas))
    if inFlight > 1 {
      addLoad(&out, load, outcome, one, q, inFlight: inFlight)
    } else {
      out.timePerOutputToken = band(outcome.timePerOutputToken, outcome.measures.each, of: load)
      out.timeToFirstToken = band(outcome.timeToFirstToken, outcome.measures.first, of: load)
      out.decodeAggregate = band(alone / load.parts(q, streams: 1, isAlone: true).step, .decode, of: load)
    }
    out.terms.insert(contentsOf: terms(step, prompt, one, streams: 1, length: input + output / 2), at: 0)
    out.bounds.insert(contentsOf: bounds(step, prompt, one), at: 0)
    addLoading(&out, request)
    addEnergy(&out, request, hostShare: step.host / max(step.total, 1e-12), one)
    // An embedder or a reranker reads and answers at once, whatever it was made of: it generates no tokens.
    if request.model.task != .generation {
      (out.decode, out.decodeAggregate, out.timePerOutputToken, out.joulesPerToken) = (nil, nil, nil, nil)
      out.bounds.removeAll { Self.boundsOfWriting.contains($0.code) }
    }
    return out
  }

  /// Adds the latencies and the throughput of many requests at once, corrected by loads that were measured here.
  private func addLoad(
    _ out: inout SpeedPrediction, _ load: ServerLoad, _ outcome: ServerLoad.Outcome, _ one: SpeedCase, _ q: Quantities,
    inFlight: Double
  ) {
    let each = max(1, inFlight / one.replicas)
    var outcome = outcome
    out.terms += terms(of: outcome, inFlight: each)
    out.bounds += bounds(of: outcome, one, q, length: load.inputTokens + load.outputTokens / 2)
    let plainFirst = outcome.timeToFirstToken
    let token = calibration?.loaded(.servingTimePerOutputToken, for: one, streams: each)
    let first = calibration?.loaded(.servingTimeToFirstToken, for: one, streams: each)
    if token != nil || first != nil {
      let plain = load.steady(efficiencies.quantities(for: one), inFlight: each)
      if let token { outcome.timePerOutputToken = plain.timePerOutputToken * exponential(token.logarithm) }
      if let first { outcome.timeToFirstToken = plain.timeToFirstToken * exponential(first.logarithm) }
    }
    out.timePerOutputToken = band(
      outcome.timePerOutputToken, outcome.measures.each, of: load, measuredWidth: token?.band)
    out.timeToFirstToken = band(outcome.timeToFirstToken, outcome.measures.first, of: load, measuredWidth: first?.band)
    var wave = load
    wave.firstWave = 1
    out.timeToFirstTokenAtOnce = band(
      wave.steady(q, inFlight: each).timeToFirstToken * outcome.timeToFirstToken / plainFirst, outcome.measures.first,
      one, measuredWidth: first?.band)
    let widths = [token?.band, first?.band].compactMap { $0 }
    out.decodeAggregate = band(
      load.throughput(outcome, inFlight: inFlight), .servingThroughput, of: load,
      measuredWidth: widths.count == 2 ? widths.max() : nil)
    // No request is faster among others than alone.
    if let alone = out.decode?.high { out.decodeAggregate = out.decodeAggregate?.below(alone * inFlight) }
  }

  /// What a band grows by, as a logarithm, where a usual value stands in for a fact of the device.
  private static let widerForAssumptions = 1.5

  func quantities(for one: SpeedCase) -> Quantities {
    var q = efficiencies.quantities(for: one)
    calibration?.apply(to: &q, for: one)
    q.endsAtPeak = calibration?.band(of: .prefill, for: one) == nil
    return q
  }

  /// Puts the 80% band of its class around a value: measured on devices that the fit had not seen, or on this machine.
  ///
  /// - Parameter doubt: what else may be wrong, as the logarithm of a factor within which 80% lies.
  func band(
    _ value: Double, _ measure: SpeedMeasure, _ one: SpeedCase, measuredWidth: Double? = nil, doubt: Double = 0
  ) -> Band? {
    guard value.isFinite, value > 0 else { return nil }
    let kind = one.device.deviceClass
    let fitted = efficiencies.band(of: measure, for: one)
    var width = fitted.band
    let isKnown = efficiencies.knowledge(of: one).device
    let who =
      isKnown ? "published measurements of this \(kind.rawValue) device" : "held-out \(kind.rawValue) devices"
    var note = "speed model; 80% of \(who) within x\(exponential(width).formatted(decimals: 2))"
    if !fitted.isFitted { note = "speed model; no measured device of class \(kind.rawValue), so a wide band" }
    if !one.assumedFacts.isEmpty {
      width *= Self.widerForAssumptions
      note += ", half wider for what is assumed"
    }
    if let own = measuredWidth ?? calibration?.band(of: measure, for: one) {
      width = min(width, own)
      note = "speed model, calibrated on this machine"
    }
    if doubt > 0 {
      width = (width * width + doubt * doubt).squareRoot()
      note += ", wider for the unknown share of guesses that are kept"
    }
    let factor = exponential(width)
    return Band(low: value / factor, expected: value, high: value * factor, source: Source(.computed, note))
  }

  /// The same of a server under load: how many guesses are kept is a doubt of whatever has to do with further tokens.
  func band(
    _ value: Double, _ measure: SpeedMeasure, of load: ServerLoad, measuredWidth: Double? = nil
  ) -> Band? {
    let isOfTokens = [.decode, .servingTimePerOutputToken, .servingThroughput].contains(measure)
    let doubt = isOfTokens ? load.guesser?.draft.doubt ?? 0 : 0
    return band(value, measure, load.speedCase, measuredWidth: measuredWidth, doubt: doubt)
  }
}
