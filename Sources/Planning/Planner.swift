import Engines
import Hardware
import Models
import Units

extension Reason {
  /// Why a model whose weights are of no known size has neither place nor speed.
  static let unknownWeights = Reason(
    .unknownWeights,
    "the size of its weights is not known: no file was read, and the configuration does not say",
    remedy: "name the repository (hf:ORGANIZATION/NAME) or the folder with its weights")
}

/// Makes a plan: every form on every engine asked for, with memory, verdict, launch and speed.
public struct Planner: Sendable {
  /// Predicts the speed of each option; nil leaves speeds out.
  public var speed: SpeedEstimator?
  /// True works out the largest context and number of slots of each option that could run.
  public var findsLimits = true
  private let known = LastForms()

  public init(speed: SpeedEstimator? = nil) { self.speed = speed }

  public func plan(_ request: PlanRequest) -> Plan {
    var options = engines(for: request).flatMap { planned(on: $0, request).map(\.option) }
    let model = ModelSummary(request.model)
    let ranking = Ranking(options, for: request)
    let order = ranking.order()
    for index in options.indices {
      options[index].missingTokensPerSecond = ranking.missingPace(options[index])
      options[index].scoreLost = ranking.scoreLost(options[index])
    }
    var plan = Plan(
      machine: request.machine, model: model, workload: request.workload, options: options, chosen: order.first,
      reasons: request.model.warnings + request.doubts + enginesLeftOut(request) + devicesLeftOut(request.machine)
        + unknownHost(order.first.map { options[$0] }) + [verdict(ranking, order, request)])
    plan.ranking = order
    plan.objective = ranking.objective
    plan.enginesHere = request.enginesHere.map { here in EngineKind.allCases.filter(here.contains) }
    return plan
  }

  /// An option with the layout that it stands for.
  struct Planned {
    var option: PlanOption
    var fit: Fit?
  }

  /// Every form that an engine loads, with what it comes to there.
  func planned(on kind: EngineKind, _ request: PlanRequest) -> [Planned] {
    let memory = MemoryEstimator(kind, for: request.model, draft: request.draft)
    let engine = EngineCatalogue.engine(kind)
    let all = forms(of: request).filter(engine.loads)
    // What this machine could not run anyway is left out of the usual table; where nothing is left, one says why.
    let usual = all.filter {
      !(request.quantizations == .usual && $0.tool != nil && refusal($0, kind, request) != nil)
    }
    let loaded = usual.isEmpty ? Array(all.prefix(1)) : usual
    let asked = loaded.map { planned($0, memory, request) }
    return asked + conceded(zip(loaded, asked).map { ($0, $1) }, memory, request)
  }

  private func forms(of request: PlanRequest) -> [ModelForm] { known.all(for: request) }

  /// The accelerators that nothing can be planned on.
  private func devicesLeftOut(_ machine: Machine) -> [Reason] {
    let unknown = machine.accelerators.indices.filter { machine.usableBytes(ofAccelerator: $0) == nil }
    guard let first = unknown.first else { return [] }
    let names = unknown.map { "gpu\($0)" }.joined(separator: ", ")
    let fact = machine.unknowns.first { $0.fact.hasPrefix("accelerators[") && $0.fact.hasSuffix(".memoryBytes") }
    return [
      Reason(
        .unknownMemory,
        "nothing is placed on \(names) (\(machine.accelerators[first].fullName)): how much memory it has is not known",
        remedy: fact?.command ?? "state memoryBytes in the machine's profile")
    ]
  }

  /// Says what the chosen option needs of a host whose memory nobody stated.
  private func unknownHost(_ chosen: PlanOption?) -> [Reason] {
    guard let host = chosen?.memory?.devices.first(where: { $0.isHost }), host.usableBytes == nil else { return [] }
    return [
      Reason(
        .unknownHostMemory,
        "it also needs up to \(host.highBytes) of host memory; how much the host has is not known",
        remedy: host.unknownReason.remedy)
    ]
  }
}

// MARK: - Nothing can be used

extension Planner {
  /// What the ranking says, with what would help where nothing can be used.
  private func verdict(_ ranking: Ranking, _ order: [Int], _ request: PlanRequest) -> Reason {
    var reason = ranking.reason(of: order)
    guard order.isEmpty else { return reason }
    if reason.code == .nothingToPlan, ModelForms.missing(for: request) == nil,
      let refusal = engines(for: request).lazy.compactMap({ whyNot($0, request) }).first
    {
      return refusal
    }
    if let beyond = PlanRequest.beyondTrained(request.contextLength, request.model) {
      reason.remedy = beyond.remedy
      return reason
    }
    // A list of many models needs no advice on each.
    guard findsLimits, let smallest = ranking.smallestMiss,
      [.insufficientMemory, .unknownMemory].contains(smallest.reason.code),
      !request.machine.accelerators.isEmpty, request.machine.usableHostBytes == nil
    else { return reason }
    let preference = EngineCatalogue.engine(smallest.engine).preference(for: request.model, on: request.machine)
    if preference.isOnlyByName { reason = Reason(preference.reason.code, preference.reason.message) }
    let other = preference.isOnlyByName ? "leave out --engine, or " : ""
    reason.remedy =
      hostMemory(for: smallest.quantization, request).map { size in
        "\(other)add the host's memory: --on \"\(request.machine.name), \(size.bytes >> 30) GiB\""
      } ?? (preference.isOnlyByName ? "leave out --engine" : "plimsoll recommend lists models that fit")
    return reason
  }

  /// Sizes of hosts, GiB.
  private static let hostSizes = [16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048]

  /// The least memory of a host with which a form can be used here; nil where none helps.
  private func hostMemory(for form: String, _ request: PlanRequest) -> ByteCount? {
    var planner = self
    planner.findsLimits = false
    planner.speed = nil
    var asked = request
    if ![.files, .asIs].contains(asked.quantizations) { asked.quantizations = .named([form]) }
    func holds(_ size: Int) -> Bool {
      asked.machine.memory.totalBytes = Figure(.gibibytes(size), .user, "tried")
      return planner.plan(asked).chosen != nil
    }
    guard let most = Self.hostSizes.last, holds(most) else { return nil }
    return Self.hostSizes.first(where: holds).map { .gibibytes($0) }
  }
}

// MARK: - Engines

extension Planner {
  /// Why the engines that nobody asked for are not in the plan.
  private func enginesLeftOut(_ request: PlanRequest) -> [Reason] {
    guard request.engines.isEmpty else { return [] }
    let considered = engines(for: request)
    return EngineKind.allCases.filter { !considered.contains($0) }.map { kind in
      let reason =
        whyNot(kind, request) ?? Reason(.notConsidered, "add --engine \(kind.rawValue) to include it")
      return Reason(reason.code, "not \(kind.rawValue): \(reason.message)")
    }
  }

  /// What an engine says against the model as it is; nil where nothing.
  func whyNot(_ kind: EngineKind, _ request: PlanRequest) -> Reason? {
    let engine = EngineCatalogue.engine(kind)
    if let form = forms(of: request).first(where: engine.loads) { return capabilityRefusal(form, kind, request) }
    let answer = engine.ability(
      toRun: request.model, quantization: request.model.quantization?.value ?? "unknown", on: request.machine)
    if case .no(let reason) = answer { return reason }
    return request.optionRefusal(kind)
  }

  /// The engines that are asked for, else those that can run some form of the model here, the one that suits best first.
  func engines(for request: PlanRequest) -> [EngineKind] {
    guard request.engines.isEmpty else { return request.engines }
    let all = EngineKind.allCases.map { kind in
      (kind: kind, preference: EngineCatalogue.engine(kind).preference(for: request.model, on: request.machine))
    }.sorted { $0.preference.rank > $1.preference.rank }
    let loading = all.filter { canLoad($0.kind, request) }
    let able = loading.filter { !$0.preference.isOnlyByName && canRun($0.kind, request) }
    // Where none can, the one that the format is made for says why.
    let spoken = able.isEmpty ? loading.filter { $0.preference.isMadeForFormat || loading.count == 1 } : able
    return (spoken.isEmpty ? loading : spoken).map(\.kind)
  }

  private func canLoad(_ kind: EngineKind, _ request: PlanRequest) -> Bool {
    let engine = EngineCatalogue.engine(kind)
    return forms(of: request).contains { engine.loads($0) }
  }

  private func canRun(_ kind: EngineKind, _ request: PlanRequest) -> Bool {
    let engine = EngineCatalogue.engine(kind)
    return forms(of: request).contains { engine.loads($0) && capabilityRefusal($0, kind, request) == nil }
  }

  private func capabilityRefusal(_ form: ModelForm, _ kind: EngineKind, _ request: PlanRequest) -> Reason? {
    let answer = EngineCatalogue.engine(kind).ability(
      toRun: form.loaded, quantization: form.name, on: request.machine)
    if case .no(let reason) = answer { return reason }
    return request.optionRefusal(kind)
  }

  /// Returns why the engine cannot run this form of the model on this machine, whatever its size.
  private func refusal(_ form: ModelForm, _ kind: EngineKind, _ request: PlanRequest) -> Reason? {
    if form.tensors.isEmpty, form.tool == nil { return .unknownWeights }
    // Fewer bits than any form has: tensors are missing, of a model whose layers are not all known.
    if form.tool != nil, let parameters = form.model.parameters?.value, form.weightBytes > .zero,
      Double(form.weightBytes.bytes) * 8 < Double(parameters)
    {
      return .unknownWeights
    }
    return capabilityRefusal(form, kind, request)
  }
}

// MARK: - One option

extension Planner {
  func planned(_ form: ModelForm, _ memory: MemoryEstimator, _ request: PlanRequest) -> Planned {
    let asked = request.question(form, memory.kind)
    var option = PlanOption(
      quantization: form.name, origin: form.tool == nil ? .file : .made, engine: memory.kind, verdict: .unsupported,
      reason: Reason(.unsupported, "not judged"), contextLength: asked.contextLength, parallel: asked.parallel)
    option.repository = form.isThere ? nil : request.published.repository(of: form.name, in: form.format)
    describe(&option, form, hasImportanceMatrix: request.hasImportanceMatrix)
    if let refusal = form.refusal {
      option.reason = refusal
      return Planned(option: option)
    }
    let search = LayoutSearch(
      asked, memory: memory, speed: speed, asked: request.placement, replicas: request.replicas)
    var fit = search.fit()
    let one = fit.question.ofOneServer
    (option.contextLength, option.parallel) = (one.contextLength, one.parallel)
    option.placement = fit.placement
    option.placementReason = fit.why
    option.verdict = fit.verdict
    option.reason = fit.reason
    option.memory = fit.estimate
    option.engineDetails = fit.details
    // What it would take is shown even where the engine cannot run it.
    if let refusal = refusal(form, memory.kind, request) {
      option.verdict = .unsupported
      option.reason = refusal
      return Planned(option: option, fit: fit)
    }
    if findsLimits, option.verdict != .unsupported {
      let limits = MemoryLimits(memory, fit.question)
      option.largestContext = limits.largestContext()
      option.largestParallel = limits.largestParallel()
      option.expertOffload = search.offload(fit)
    }
    // Decided before the speed is predicted, for the very threads that are launched.
    option.threads = ThreadLadder(estimator: speed).threads(for: fit.question)
    fit.question = fit.question.with(threads: option.threads?.decode, prompts: option.threads?.prompt)
    option.launch = launch(option, fit.question)
    if let speed {
      option.speed = speed.prediction(fit.question, room: fit.room)
      let most = fit.pool?.usual ?? option.largestParallel?.value
      option.speed?.largestConcurrency = speed.concurrencyWithinTargets(fit.question, room: most)
    }
    return Planned(option: option, fit: fit)
  }

  private func describe(_ option: inout PlanOption, _ form: ModelForm, hasImportanceMatrix: Bool) {
    let bytes = form.weightBytes
    // What cannot be made comes out empty: 0 bytes, as llama-quantize's dry run says too.
    if !form.tensors.isEmpty || form.tool != nil {
      option.tensorBytes =
        form.tool.map { Figure(bytes, .computed, $0.detail) } ?? form.model.tensorBytes
        ?? Figure(bytes, .header, "sum of the file's tensors")
      if let parameters = form.model.parameters?.value, parameters > 0, bytes > .zero {
        option.bitsPerWeight = Figure(
          Double(bytes.bytes) * 8 / Double(parameters), .computed, "tensors over parameters")
      }
    }
    if form.tool == nil {
      let files = form.model.files.reduce(ByteCount.zero) { $0 + $1.bytes }
      if files > .zero { option.fileBytes = Figure(files, .header, "the files' sizes") }
    }
    option.quality = PublishedQuality.loss(
      of: form.name, importanceMatrix: form.tool == .llamaQuantize && hasImportanceMatrix)
  }

  /// The command of the option, or of the first of its servers.
  private func launch(_ option: PlanOption, _ question: Question) -> LaunchConfiguration? {
    guard option.verdict != .unsupported, option.origin == .file, let path = question.model.files.first?.path else {
      return nil
    }
    // A draft that is not here can be planned with, and not started with.
    if question.settings.draftPath != nil, question.draft?.model.files.isEmpty == true { return nil }
    let asked = LaunchRequest(
      question, modelPath: path, contextLength: option.contextLength, parallel: option.parallel)
    return EngineCatalogue.engine(option.engine).launch(asked)
  }
}
