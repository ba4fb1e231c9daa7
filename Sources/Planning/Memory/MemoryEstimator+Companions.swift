import Engines
import Models
import Units

extension MemoryEstimator {
  /// The question with the files beside the model of which this engine counts the bytes alone.
  func withCompanions(_ question: Question) -> Question {
    guard let draft = question.draft?.model, facts.mergesDraft, !question.settings.usesPredictionLayers else {
      return question
    }
    let bytes = draft.tensors.reduce(ByteCount.zero) { $0 + $1.bytes }
    let file = ModelFile(path: draft.files.first?.path ?? draft.name, bytes: bytes)
    return question.with(companions: question.companions + [Companion(role: .draft, file: file)])
  }

  /// Adds a draft model: its weights, and a cache and buffers of its own for the same context and slots.
  ///
  /// The process, its driver context and its libraries are shared, so its overhead is not counted again.
  func addingDraft(to footprint: MemoryFootprint, _ question: Question) -> Result<MemoryFootprint, Reason> {
    // The engine's own rules count the model's own layers.
    guard let draft = question.draft?.model, let draftRules, !question.settings.usesPredictionLayers else {
      return .success(footprint)
    }
    var settings = question.settings
    settings.overrideTensor = []
    settings.cpuMoeLayers = 0
    settings.draftPath = nil
    settings.speculation = nil
    var placement = question.placement
    placement.gpuLayers = nil
    let asked = Question(
      machine: question.machine, form: ModelForm(draft), engine: question.engine, placement: placement,
      settings: settings, contextLength: question.contextLength, parallel: question.parallel)
    return draftRules.footprint(asked).map { footprint.adding($0) }
  }

  /// Returns why the draft cannot guess for the model: its tokens are others.
  func draftRefusal(_ question: Question) -> Reason? {
    guard let draft = question.draft?.model, question.settings.speculationMethod?.isMadeForOneModel != true else {
      return nil
    }
    let (own, others) = (question.model.shape.vocabularySize, draft.shape.vocabularySize)
    guard own > 0, others > 0 else { return nil }
    let kinds = [question.model.tokenizer?.value, draft.tokenizer?.value].compactMap { $0 }
    let isOtherKind = question.model.format == draft.format && kinds.count == 2 && kinds[0] != kinds[1]
    guard isOtherKind || abs(own - others) > facts.draftVocabularyTolerance else { return nil }
    return Reason(
      .draftVocabulary,
      "the draft \(draft.name) has another vocabulary than the model: \(others.grouped) tokens, not \(own.grouped)",
      remedy: "use a smaller model of the same family as the draft")
  }

  /// Returns why the engine cannot be spread over devices as asked; nil where it can.
  func refusal(of placement: Placement, _ question: Question) -> Reason? {
    let ranks = [placement.tensorParallel, placement.pipelineParallel, placement.dataParallel].reduce(1) {
      product, degree in
      product.multipliedReportingOverflow(by: max(1, degree)).partialValue
    }
    guard facts.layouts.hasDegrees else {
      guard max(ranks, placement.expertParallel) > 1 else { return nil }
      return Reason(
        .unsupportedParallelism, "\(kind.rawValue) has no degrees of tensor, pipeline, expert or data parallelism",
        remedy: facts.layouts.movesToHost
          ? "use --split-mode and --tensor-split, or deploy --replicas" : "leave them out")
    }
    let cut = max(1, placement.tensorParallel).multipliedReportingOverflow(by: max(1, placement.dataParallel))
      .partialValue
    if placement.expertParallel > 1, placement.expertParallel != cut {
      return Reason(
        .expertDegree,
        "\(kind.rawValue) spreads experts over tensor times data parallel ranks: \(cut), not \(placement.expertParallel)",
        remedy: "give --expert-parallel \(cut), or leave it out")
    }
    let layers = question.model.layers.count
    guard layers == 0 || placement.pipelineParallel <= layers else {
      return Reason(
        .moreStagesThanLayers, "\(placement.pipelineParallel) stages cannot share \(counted(layers, "layer"))",
        remedy: "use --pipeline-parallel \(layers) or less")
    }
    guard ranks > 1, ranks > placement.devices.count else { return nil }
    return Reason(
      .gpuCount, "\(ranks) ranks need as many devices, and there are \(placement.devices.count)",
      remedy: "lower --tensor-parallel, --pipeline-parallel or --data-parallel")
  }
}

extension MemoryFootprint {
  /// Adds what another model takes in the same process, device by device.
  fileprivate func adding(_ other: MemoryFootprint) -> MemoryFootprint {
    var sum = self
    for device in other.devices {
      guard let index = sum.devices.firstIndex(where: { $0.name == device.name }) else { continue }
      sum.devices[index].components.add(device.components)
    }
    return sum
  }
}

extension MemoryComponents {
  fileprivate mutating func add(_ draft: MemoryComponents) {
    weights = weights.adding(draft.weights, "the draft model's")
    kvCache = kvCache.adding(draft.kvCache, "the draft model's")
    recurrentState = recurrentState.adding(draft.recurrentState, "the draft model's")
    compute = compute.adding(draft.compute, "the draft model's")
    output = output.adding(draft.output, "the draft model's")
  }
}

extension Figure<ByteCount> {
  /// Returns the sum with the sum of the bands.
  fileprivate func adding(_ other: Figure<ByteCount>, _ detail: String) -> Figure<ByteCount> {
    guard other.value > .zero else { return self }
    var source = source
    source.detail += "; with \(detail)"
    let isBand = low != nil || high != nil || other.low != nil || other.high != nil
    return Figure(
      value + other.value, source, low: isBand ? (low ?? value) + (other.low ?? other.value) : nil,
      high: isBand ? (high ?? value) + (other.high ?? other.value) : nil)
  }
}
