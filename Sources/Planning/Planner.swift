import Engines
import Models
import Units
import Hardware

extension Reason {
  /// Why a model whose weights are of no known size has neither place nor speed.
  static let unknownWeights = Reason(
    .unknownWeights,
    "the size of its weights is not known: no file was read, and the configuration does not tell it",
    remedy: "name the repository (hf:ORGANIZATION/NAME) or the folder with its weights")
}

/// Makes a plan: every quantization on every engine asked for, with memory, verdict, launch and speed.
public struct Planner: Sendable {
  /// Predicts the speed of each option; nil leaves speeds out.
  public var speed: SpeedEstimator?
  /// True works out the largest context and number of slots of each option that could run.
  public var findsLimits = true
  private let known = LastCandidates()

  public init(speed: SpeedEstimator? = nil) { self.speed = speed }

  public func plan(_ request: PlanRequest) -> Plan {
    let candidates = known.all(for: request)
    var options: [PlanOption] = []
    for kind in engines(for: request) {
      let rules = EngineRules(kind, request)
      for candidate in candidates {
        guard kind.loads(candidate) else { continue }
        // What this machine could not run anyway is left out of the usual table.
        if request.quantizations == .usual, candidate.maker != nil, refusal(candidate, kind, request) != nil {
          continue
        }
        options.append(option(candidate, rules, request))
      }
    }
    let model = ModelSummary(request.model)
    let (chosen, reasons) = OptionChoice(options, machine: request.machine, model: model).best()
    return Plan(
      machine: request.machine, model: model, workload: request.workload, options: options,
      chosen: chosen,
      reasons: request.model.warnings + request.doubts + enginesLeftOut(request) + devicesLeftOut(request.machine)
        + unknownHost(chosen.map { options[$0] }) + reasons)
  }

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
        .unknownHostMemory, "it takes up to \(host.highBytes) of the host's memory too, whose size is not known",
        remedy: host.unknownReason.remedy)
    ]
  }

  /// Why the engines that nobody asked for are not in the plan.
  private func enginesLeftOut(_ request: PlanRequest) -> [Reason] {
    guard request.engines.isEmpty else { return [] }
    let considered = engines(for: request)
    return EngineKind.allCases.filter { !considered.contains($0) }.map { kind in
      let reason =
        switch capability(of: kind, request) {
        case .no(let reason): reason
        case .yes: Reason(.notConsidered, "it is for who asks for it by --engine \(kind.rawValue)")
        }
      return Reason(reason.code, "not \(kind.rawValue): \(reason.message)")
    }
  }

  /// What an engine answers of the model as it is.
  private func capability(of kind: EngineKind, _ request: PlanRequest) -> Capability {
    EngineCatalogue.engine(kind).capability(
      of: request.model, quantization: request.model.quantization?.value ?? "unknown", on: request.machine)
  }

  /// The engines that are asked for, else the one that the model's format is made for.
  private func engines(for request: PlanRequest) -> [EngineKind] {
    guard request.engines.isEmpty else { return request.engines }
    switch request.model.format {
    case .gguf:
      if case .yes = capability(of: .ampereLlamaCpp, request), request.machine.accelerators.isEmpty {
        return [.ampereLlamaCpp, .llamaCpp]
      }
      return [.llamaCpp]
    case .mlx: return [.mlx]
    case .safetensors, .pytorch, .config:
      guard let vendor = request.machine.accelerators.first?.vendor.value else {
        return [.llamaCpp, .vllm]
      }
      return vendor == .apple ? [.mlx, .llamaCpp] : [.vllm, .llamaCpp]
    }
  }

  private func option(_ candidate: QuantizationCandidate, _ rules: EngineRules, _ request: PlanRequest) -> PlanOption {
    var option = PlanOption(
      quantization: candidate.name, origin: candidate.origin, engine: rules.kind, verdict: .unsupported,
      reason: Reason(.unsupported, "not judged"), contextLength: rules.contextLength, parallel: request.plannedParallel
    )
    describe(&option, candidate, hasImportanceMatrix: request.hasImportanceMatrix)
    if let refusal = candidate.refusal {
      option.reason = refusal
      return option
    }
    let search = PlacementSearch(rules: rules, candidate: candidate, speed: speed)
    let fit = search.fit()
    let one = rules.single(of: fit.placement).rules
    (option.contextLength, option.parallel) = (one.contextLength, one.request.plannedParallel)
    option.placement = fit.placement
    option.placementReason = fit.why
    option.verdict = fit.verdict
    option.reason = fit.reason
    option.memory = fit.estimate
    option.engineDetails = fit.details
    // What it would take is shown even where the engine cannot run it.
    if let refusal = refusal(candidate, rules.kind, request) {
      option.verdict = .unsupported
      option.reason = refusal
      return option
    }
    if findsLimits, option.verdict != .unsupported {
      let limits = MemoryLimits(rules.with(fit.settings), candidate, fit.placement)
      option.largestContext = limits.largestContext()
      option.largestParallel = limits.largestParallel()
      option.expertOffload = search.offload(fit)
    }
    var asked = request.speedRequest(candidate, rules.kind, fit.placement, fit.settings)
    // Decided before the speed is predicted, for the very threads that are launched.
    option.threads = ThreadLadder(estimator: speed, asked: request.threads).threads(for: asked)
    asked = asked.with(threads: option.threads?.decode, prompts: option.threads?.prompt)
    option.launch = launch(option, candidate, request, fit.settings)
    if let speed {
      option.speed = speed.prediction(asked)
      let slots = option.largestParallel.map { $0.value * max(1, fit.placement.replicas) }
      option.speed?.largestConcurrency = speed.concurrencyWithinTargets(asked, slots: slots)
    }
    return option
  }

  /// Returns why the engine cannot run this form of the model on this machine, whatever its size.
  private func refusal(_ candidate: QuantizationCandidate, _ kind: EngineKind, _ request: PlanRequest) -> Reason? {
    if candidate.tensors.isEmpty, candidate.origin == .file {
      return .unknownWeights
    }
    var loaded = candidate.model
    loaded.format = candidate.format
    let answer = EngineCatalogue.engine(kind).capability(of: loaded, quantization: candidate.name, on: request.machine)
    if case .no(let reason) = answer { return reason }
    return nil
  }

  private func describe(
    _ option: inout PlanOption, _ candidate: QuantizationCandidate, hasImportanceMatrix: Bool
  ) {
    let bytes = candidate.tensorBytes
    // What cannot be made comes out empty: 0 bytes, as llama-quantize's dry run says too.
    if !candidate.tensors.isEmpty || candidate.origin == .made {
      option.tensorBytes =
        candidate.maker.map { Figure(bytes, .computed, $0.detail) } ?? candidate.model.tensorBytes
        ?? Figure(bytes, .header, "sum of the file's tensors")
      if let parameters = candidate.model.parameters?.value, parameters > 0, bytes > .zero {
        option.bitsPerWeight = Figure(
          Double(bytes.bytes) * 8 / Double(parameters), .computed, "tensors over parameters")
      }
    }
    if candidate.origin == .file {
      let files = candidate.model.files.reduce(ByteCount.zero) { $0 + $1.bytes }
      if files > .zero { option.fileBytes = Figure(files, .header, "the files' sizes") }
    }
    option.quality = PublishedQuality.loss(
      of: candidate.name, importanceMatrix: candidate.maker == .llamaQuantize && hasImportanceMatrix)
  }

  /// The command of the option, or of the first of its servers.
  private func launch(
    _ option: PlanOption, _ candidate: QuantizationCandidate, _ request: PlanRequest, _ settings: EngineSettings
  ) -> LaunchConfiguration? {
    guard option.verdict != .unsupported, option.origin == .file, let path = candidate.model.files.first?.path else {
      return nil
    }
    let place = option.placement.server(0, on: request.machine)
    var asked = LaunchRequest(
      modelPath: path, contextLength: option.contextLength, parallel: option.parallel, placement: place,
      kvType: request.kvType, settings: settings, threads: option.threads?.decode)
    asked.promptThreads = option.threads?.prompt
    asked.task = candidate.model.task
    asked.seesImages = candidate.model.seesImages
    let accelerators = request.machine.accelerators
    let used = option.placement.devices.filter { accelerators.indices.contains($0) }.map { accelerators[$0] }
    asked.computeCapability = used.filter { $0.vendor.value == .nvidia }
      .compactMap { $0.architecture.flatMap { Double($0.value) } }.min()
    asked.deviceOrdinals = place.devices.map { request.machine.ordinal(of: $0) }
    asked.deviceVendor = place.devices.first.flatMap { device in
      accelerators.indices.contains(device) ? accelerators[device].vendor.value : nil
    }
    return EngineCatalogue.engine(option.engine).launch(asked)
  }
}
