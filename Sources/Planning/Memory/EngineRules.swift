import Engines
import Hardware
import Models
import Units

/// One engine's memory rules for one request, and the search for a placement that fits.
struct EngineRules: Sendable {
  let kind: EngineKind
  private(set) var request: PlanRequest
  private let rules: any MemoryRules
  /// The rules for the draft model; nil where there is none.
  let draftRules: (any MemoryRules)?

  init(_ kind: EngineKind, _ request: PlanRequest) {
    self.kind = kind
    self.request = request
    switch kind {
    case .llamaCpp, .ampereLlamaCpp:
      rules = LlamaCppMemoryRules(for: request.model)
      draftRules = request.draft.map { LlamaCppMemoryRules(for: $0) }
    case .mlx:
      rules = MLXMemoryRules()
      draftRules = request.draft.map { _ in MLXMemoryRules() }
    case .vllm:
      rules = VLLMMemoryRules()
      // vLLM counts the draft's weights as part of the model's own; its cache comes out of the same pool.
      draftRules = nil
    }
  }

  /// Cells over all slots for llama.cpp; the length of one request for the others.
  var contextLength: Int {
    if let asked = request.contextLength { return asked }
    switch kind {
    case .llamaCpp, .ampereLlamaCpp: return request.plannedContext
    case .mlx, .vllm: return request.plannedContext / request.plannedParallel
    }
  }

  /// What one placement comes to.
  struct Fit {
    var placement: Placement
    /// As asked for, with what the placement adds.
    var settings: EngineSettings
    var verdict: Verdict
    var reason: Reason
    var estimate: MemoryEstimate?
    var details: [String: Figure<Int>] = [:]
    /// Why this placement, where the plan chose it.
    var why: Reason?
    /// Placements that cannot be, and why: ways into which the tensors cannot be cut.
    var ruledOut: [Reason] = []

    var fits: Bool { verdict == .fits || verdict == .tight }
  }

  /// One of a placement's servers, with the rules for it: it has its part of the machine and of the requests, the busiest
  /// of them what is left over. Where devices differ it is the one with the smallest: what that holds, all do.
  func single(of placement: Placement) -> (rules: EngineRules, placement: Placement) {
    let count = placement.replicas
    guard count > 1 else { return (self, placement) }
    func part(_ whole: Int) -> Int { max(1, (whole - 1) / count + 1) }
    var rules = self
    let slots = request.plannedParallel
    rules.request.machine = request.machine.seen(by: placement)
    rules.request.workload.concurrency = part(request.workload.concurrency)
    rules.request.parallel = part(slots)
    if kind.isLlamaCpp, let cells = request.contextLength { rules.request.contextLength = cells / slots * part(slots) }
    var one = placement
    one.replicas = 1
    one.devices = request.machine.weakestPart(of: placement.devices, parts: count)
    return (rules, one)
  }

  /// The same rules with other settings.
  func with(_ settings: EngineSettings) -> EngineRules {
    var changed = self
    changed.request.settings = settings
    return changed
  }

  /// Judges one server of the placement, with its share of what the servers share.
  func judged(_ candidate: QuantizationCandidate, _ placement: Placement, context: Int? = nil, parallel: Int? = nil)
    -> Fit
  {
    if let draftRefusal {
      return Fit(placement: placement, settings: request.settings, verdict: .unsupported, reason: draftRefusal)
    }
    guard placement.replicas <= 1 else {
      let one = single(of: placement)
      var fit = one.rules.judged(candidate, one.placement, context: context, parallel: parallel)
      fit.placement = placement
      return fit
    }
    var question = MemoryQuestion(
      model: candidate.model, tensors: candidate.tensors, machine: request.machine.seen(by: placement),
      contextLength: context ?? contextLength, parallel: parallel ?? request.plannedParallel, kvType: kvType,
      settings: request.settings, placement: placement)
    question.companions = companions
    switch rules.footprint(question).flatMap({ addingDraft(to: $0, question) }) {
    case .failure(let reason):
      let verdict: Verdict = reason.code == .insufficientMemory ? .doesNotFit : .unsupported
      return Fit(placement: placement, settings: request.settings, verdict: verdict, reason: reason)
    case .success(let footprint):
      let estimate = MemoryEstimate(footprint)
      let isWholeOnDevices =
        !placement.devices.isEmpty && placement.gpuLayers == nil && request.settings.cpuMoeLayers == 0
        && request.settings.overrideTensor.isEmpty
      var (verdict, reason) = estimate.verdict(passesUnknownHost: isWholeOnDevices)
      if verdict == .doesNotFit, kind == .mlx, pages(estimate) {
        (verdict, reason) = (
          .thrashes, Reason(.aboveWorkingSet, "loads, but pages: it is above what the accelerator may keep resident")
        )
      }
      if kind == .vllm, verdict == .fits || verdict == .tight, let room = footprint.details["concurrentRequests"] {
        (verdict, reason) = pooled(room.value, parallel: parallel ?? request.plannedParallel, reason)
      }
      return Fit(
        placement: placement, settings: request.settings, verdict: verdict, reason: reason, estimate: estimate,
        details: footprint.details)
    }
  }

  /// vLLM fills its share of a device whatever the model: what is tight is a pool with less room than requests at once.
  private func pooled(_ room: Int, parallel: Int, _ reason: Reason) -> (Verdict, Reason) {
    let sentence = "its cache holds \(room) requests of \(contextLength) tokens at once"
    guard room < parallel else { return (.fits, Reason(.fits, sentence)) }
    return (
      .tight,
      Reason(.tightFit, "\(sentence), fewer than the \(parallel) planned: the others wait", remedy: reason.remedy)
    )
  }

  /// vLLM's default type has another name than llama.cpp's.
  private var kvType: KVCacheType {
    kind == .vllm && request.kvType == KVCacheType() ? KVCacheType(key: "auto", value: "auto") : request.kvType
  }

  /// True where a unified memory holds it though the working set does not.
  private func pages(_ estimate: MemoryEstimate) -> Bool {
    guard let total = request.machine.memory.totalBytes?.value else { return false }
    return request.machine.unifiedMemory?.value == true && estimate.highBytes <= total
  }
}
