import Engines
import Models
import Units

/// What a person gives up before weights of fewer than four bits: the cache's precision, then length that nobody asked
/// for, then requests at once.
private struct Concession {
  var cache: KVCacheType
  /// Tokens of one request; nil leaves them.
  var context: Int?
  /// Requests at once; nil leaves them.
  var slots: Int?

  func applied(to request: PlanRequest) -> PlanRequest {
    var changed = request
    changed.kvType = cache
    if let context { changed.contextLength = context }
    if let slots { changed.parallel = slots }
    return changed
  }

  /// What was given up, the first thing first.
  func reasons(from usual: KVCacheType, _ request: PlanRequest) -> [Reason] {
    var reasons = [
      Reason(
        .smallerCacheType, "KV cache in \(cache.words) instead of \(usual.words), about half the size",
        remedy: "--kv-type \(usual.key) keeps it as it is")
    ]
    if let context {
      reasons.append(
        Reason(
          .shorterContext, "context of \(context.grouped) tokens instead of \(request.plannedLength.grouped)",
          remedy: "--context states the tokens of one request"))
    }
    if let slots {
      reasons.append(
        Reason(
          .fewerSlots, "\(counted(slots, "request")) at once instead of \(request.plannedParallel): the others wait",
          remedy: "--parallel states how many"))
    }
    return reasons
  }
}

extension Planner {
  /// Forms of good quality that fit, or are fast enough, only with something given up; empty where one of the options is
  /// good, fits and is fast enough as it is.
  ///
  /// - Parameter asked: every form that the engine loads with its option as asked.
  func conceded(
    _ asked: [(form: ModelForm, planned: Planned)], _ memory: MemoryEstimator, _ request: PlanRequest
  ) -> [Planned] {
    guard let cache = memory.facts.smallerCache, !request.isCacheTypeStated, request.placement == nil,
      request.model.task == .generation
    else { return [] }
    let ranking = Ranking(asked.map(\.planned.option), for: request)
    guard !ranking.hasSatisfying else { return [] }
    let wanting = asked.filter { ranking.isWorthConceding($0.planned.option) && mayHelp($0.planned.option) }
    for concession in concessions(cache, request) {
      let changed = concession.applied(to: request)
      let usual = request.kvType == KVCacheType() ? memory.facts.usualCache : request.kvType
      let made = wanting.compactMap { form, before -> Planned? in
        var planned = planned(form, memory, changed)
        guard planned.option.verdict == .fits || planned.option.verdict == .tight else { return nil }
        // What fits as it is gains nothing unless it comes off the host.
        let wasUsable = before.option.verdict == .fits || before.option.verdict == .tight
        guard !wasUsable || planned.option.isWhole(on: request.machine) else { return nil }
        planned.option.concessions = concession.reasons(from: usual, request)
        return planned
      }
      if !made.isEmpty { return made }
    }
    return []
  }

  /// What is given up, the least first.
  private func concessions(_ cache: KVCacheType, _ request: PlanRequest) -> [Concession] {
    var all = [Concession(cache: cache)]
    let least = max(1024, request.workload.inputTokens + request.workload.outputTokens)
    if request.contextLength == nil, request.totalContext == nil {
      var length = request.plannedLength / 2
      while length >= least {
        all.append(Concession(cache: cache, context: length))
        length /= 2
      }
    }
    if request.parallel == nil, !request.workload.hasTargets {
      var slots = request.plannedParallel / 2
      while slots >= 1 {
        all.append(Concession(cache: cache, slots: slots))
        slots /= 2
      }
    }
    return all
  }

  /// False where the weights alone are too much for any cache to make a difference: for all memory together, or for the
  /// accelerators where it fits beside them already.
  private func mayHelp(_ option: PlanOption) -> Bool {
    guard let memory = option.memory else { return false }
    let isPartly = option.verdict == .fits || option.verdict == .tight
    let devices = memory.devices.filter { !(isPartly && $0.isHost) }
    let usable = devices.compactMap { $0.usableBytes?.value }
    guard usable.count == devices.count else { return false }
    let cache = memory.devices.reduce(ByteCount.zero) { $0 + $1.components.kvCache.value }
    return cache > .zero && memory.highBytes <= usable.reduce(cache, +)
  }
}
