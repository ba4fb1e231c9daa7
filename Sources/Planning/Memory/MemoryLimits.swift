import Engines
import Models
import Units

/// How far an option can be stretched before it no longer fits.
struct MemoryLimits {
  private let rules: EngineRules
  private let candidate: QuantizationCandidate
  private let placement: Placement

  init(_ rules: EngineRules, _ candidate: QuantizationCandidate, _ placement: Placement) {
    // Limits are those of each server.
    (self.rules, self.placement) = rules.single(of: placement)
    self.candidate = candidate
  }

  /// Returns the longest context in steps of 256 that fits with these settings, at most what the model was trained for
  /// in each slot; nil where none does.
  func largestContext() -> Figure<Int>? {
    let trained = max(256, candidate.model.shape.contextLength)
    let slots = rules.kind.isLlamaCpp && !rules.request.settings.kvUnified ? rules.request.plannedParallel : 1
    let (limit, overflow) = trained.multipliedReportingOverflow(by: slots)
    guard !overflow else { return nil }
    let steps = largest(upTo: limit / 256) { rules.judged(candidate, placement, context: $0 * 256).fits }
    return steps.map {
      Figure($0 * 256, .computed, $0 == limit / 256 ? "what the model was trained for" : "largest that fits")
    }
  }

  /// Returns how many slots of the planned length fit; nil where not even one does.
  func largestParallel() -> Figure<Int>? {
    if rules.kind == .vllm, let figure = rules.judged(candidate, placement).details["concurrentRequests"] {
      // vLLM's cache is one pool: what counts is how many whole requests its blocks hold.
      return figure.value > 0 ? figure : nil
    }
    let perSlot = max(256, rules.contextLength / rules.request.plannedParallel)
    let count = largest(upTo: 256) { slots in
      rules.judged(
        candidate, placement, context: rules.kind.isLlamaCpp ? perSlot * slots : rules.contextLength, parallel: slots
      )
      .fits
    }
    return count.map { Figure($0, .computed, "slots of \(perSlot) tokens that fit, at most 256") }
  }

  /// Returns the largest number in 1...limit that holds, assuming that more never needs less.
  private func largest(upTo limit: Int, _ holds: (Int) -> Bool) -> Int? {
    guard limit >= 1, holds(1) else { return nil }
    if holds(limit) { return limit }
    var (low, high) = (1, limit)
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
