import Engines
import Hardware
import Models
import Units

/// One engine's memory rules for one model: the one way in which anything is judged by its size.
struct MemoryEstimator: Sendable {
  let kind: EngineKind
  let facts: PlanningFacts
  private let rules: any MemoryRules
  /// The rules for the draft model; nil where there is none, or it is counted with the model's own weights.
  let draftRules: (any MemoryRules)?

  init(_ kind: EngineKind, for model: Model, draft: Model? = nil) {
    let engine = EngineCatalogue.engine(kind)
    self.kind = kind
    facts = engine.planning
    rules = engine.memoryRules(for: model)
    draftRules = facts.mergesDraft ? nil : draft.map { engine.memoryRules(for: $0) }
  }

  /// Judges one server of the question's layout, with its share of what the servers share.
  func judged(_ question: Question) -> Fit {
    if let draftRefusal = draftRefusal(question) {
      return Fit(question, .unsupported, draftRefusal)
    }
    let asked = withCompanions(question.ofOneServer)
    switch rules.footprint(seen(asked)).flatMap({ addingDraft(to: $0, asked) }) {
    case .failure(let reason):
      return Fit(question, reason.code == .insufficientMemory ? .doesNotFit : .unsupported, reason)
    case .success(let footprint):
      var fit = judged(footprint, asked)
      fit.question = question
      return fit
    }
  }

  /// The machine as a server that is bound to a node finds it.
  private func seen(_ question: Question) -> Question {
    question.placement.numaNode == nil
      ? question : question.with(machine: question.machine.seen(by: question.placement))
  }

  private func judged(_ footprint: MemoryFootprint, _ question: Question) -> Fit {
    let estimate = MemoryEstimate(footprint)
    let (placement, settings) = (question.placement, question.settings)
    let isWholeOnDevices =
      !placement.devices.isEmpty && placement.gpuLayers == nil && settings.cpuMoeLayers == 0
      && settings.overrideTensor.isEmpty
    var (verdict, reason) = estimate.verdict(
      passesUnknownHost: isWholeOnDevices, pool: SharedPool(question.machine, devices: placement.devices))
    if verdict == .doesNotFit, facts.pagesWorkingSet, pages(estimate, question.machine) {
      (verdict, reason) = (
        .thrashes, Reason(.aboveWorkingSet, "loads, but swaps: it exceeds what the GPU may keep resident")
      )
    }
    if let pool = footprint.pool {
      (verdict, reason) = pooled(pool, verdict, question, reason)
    }
    var fit = Fit(question, verdict, reason)
    fit.estimate = estimate
    fit.details = footprint.details
    fit.pool = footprint.pool
    return fit
  }

  /// A pool fills its share of a device whatever the model: what is tight is one with less room than requests at once, or
  /// with none for a single one where its buffers come to their upper ends.
  private func pooled(_ pool: CachePool, _ verdict: Verdict, _ question: Question, _ reason: Reason) -> (
    Verdict, Reason
  ) {
    let each = question.contextLength.grouped
    let sentence = "its cache holds \(counted(pool.whole, "request")) of \(each) tokens at once"
    if verdict == .doesNotFit {
      // The share itself is within what the device has: what may come on top of it alone is not.
      guard reason.code == .insufficientMemory, !question.placement.devices.isEmpty else { return (verdict, reason) }
      return (
        .tight,
        Reason(
          .tightFit, "\(sentence), and memory taken after the cache may not fit beside its share",
          remedy: "a lower --gpu-memory-utilization, or --enforce-eager")
      )
    }
    guard pool.least >= 1 else {
      return (
        .tight,
        Reason(
          .tightFit, "\(sentence) as expected, but may hold none",
          remedy: "a shorter context, a smaller quantization or more devices")
      )
    }
    guard pool.whole < question.parallel else { return (.fits, Reason(.fits, sentence)) }
    return (
      .tight,
      Reason(
        .tightFit, "\(sentence), fewer than the \(question.parallel) planned: the others wait", remedy: reason.remedy)
    )
  }

  /// True where a unified memory holds it though the working set does not.
  private func pages(_ estimate: MemoryEstimate, _ machine: Machine) -> Bool {
    guard let total = machine.memory.totalBytes?.value else { return false }
    return machine.unifiedMemory?.value == true && estimate.highBytes <= total
  }
}

/// What one layout of a question comes to.
struct Fit: Sendable {
  /// The question with the layout, and the settings that it adds.
  var question: Question
  var verdict: Verdict
  var reason: Reason
  var estimate: MemoryEstimate?
  var details: [String: Figure<Int>] = [:]
  /// Room in the pool of one server, where its cache is one.
  var pool: CachePool?
  /// Why this layout, where it was chosen.
  var why: Reason?
  /// Layouts that cannot be, and why: ways into which the tensors cannot be cut.
  var ruledOut: [Reason] = []

  init(_ question: Question, _ verdict: Verdict, _ reason: Reason) {
    self.question = question
    self.verdict = verdict
    self.reason = reason
  }

  var placement: Placement { question.placement }
  var settings: EngineSettings { question.settings }
  var fits: Bool { verdict == .fits || verdict == .tight }

  /// Requests in flight that one server's memory has room for at once.
  var room: Int {
    let slots = question.ofOneServer.parallel
    return pool.map { max(1, min(slots, $0.usual)) } ?? slots
  }
}
