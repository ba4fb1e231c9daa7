import Engines
import Models
import Units

/// How far an option can be stretched before it no longer fits. Limits are those of each server.
struct MemoryLimits {
  private let memory: MemoryEstimator
  private let question: Question

  init(_ memory: MemoryEstimator, _ question: Question) {
    self.memory = memory
    self.question = question.ofOneServer
  }

  /// Returns the longest context in steps of 256 that fits with these settings, in the engine's own terms, at most what
  /// the model was trained for in each slot; nil where none does, or where that length is not known.
  func largestContext() -> Figure<Int>? {
    let trained = question.model.shape.contextLength
    guard trained > 0 else { return nil }
    let slots = memory.facts.context == .allSlots && !question.settings.kvUnified ? question.parallel : 1
    let (limit, overflow) = max(256, trained).multipliedReportingOverflow(by: slots)
    guard !overflow else { return nil }
    let steps = largest(upTo: limit / 256) { memory.judged(question.with(contextLength: $0 * 256)).fits }
    return steps.map {
      Figure($0 * 256, .computed, $0 == limit / 256 ? "the model's own limit" : "the most that fits")
    }
  }

  /// Returns how many slots of the planned length fit; nil where not even one does.
  func largestParallel() -> Figure<Int>? {
    if memory.facts.isPooled, let figure = memory.judged(question).details["concurrentRequests"] {
      // The cache is one pool: what counts is how many whole requests its blocks hold.
      return figure.value > 0 ? figure : nil
    }
    let perSlot = max(256, question.requestLength)
    let each = question.with(
      contextLength: memory.facts.context.length(
        ofEach: perSlot, slots: question.parallel, isShared: question.settings.kvUnified))
    let count = largest(upTo: 256) { memory.judged(each.with(slots: $0)).fits }
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
