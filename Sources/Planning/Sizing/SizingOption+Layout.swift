import Engines
import Hardware
import Units

extension SizingSearch {
  /// So many boxes of a layout as the load takes, each answering its share as `plan` says of one; nil where those are more
  /// than may be bought.
  func option(_ box: SizingBox, _ server: SizingServer) -> SizingOption? {
    guard let boxes = boxes(server) else { return nil }
    let share = request.demand.amount * request.growth / Double(boxes)
    return SizingOption(box, boxes, planned(box, server, share: share), all, estimator)
  }

  /// Boxes that hold the load, those that may fail not counted.
  func boxes(_ server: SizingServer) -> Int? {
    let needed = (request.demand.amount * request.growth / (server.capacity * Double(server.replicas))).rounded(.up)
    return needed <= Double(request.mostBoxes) ? max(1, Int(needed)) : nil
  }

  /// What `plan` says of one box with its share of the load, where that holds it; else the layout that holds most.
  private func planned(_ box: SizingBox, _ server: SizingServer, share: Double) -> SizingServer {
    guard !request.readsPromptsApart, let memory = all.engines[server.engine] else { return server }
    let each = server.inFlight(for: share / Double(server.replicas), of: request.demand)
    let inFlight = max(1, Int((each * Double(server.replicas) - 1e-9).rounded(.up)))
    guard case .success((let asked, _)) = question(server.form, server.engine, on: box, inFlight: inFlight) else {
      return server
    }
    func filled(_ fit: Fit) -> SizingServer? {
      guard fit.fits, let made = self.filled(fit, memory) else { return nil }
      let planned = server.level == .expected ? made.atExpected : made
      return planned.concurrency > 0 && holds(planned, share) ? planned : nil
    }
    if box.nodes == 1 {
      let fit = LayoutSearch(asked, memory: memory, speed: estimator).fit()
      if let planned = filled(fit) { return planned.told(of: fit) }
    }
    let same = memory.judged(asked.with(server.fit.placement).with(server.fit.settings))
    if let planned = filled(same) { return planned.told(of: same) }
    return server
  }

  private func holds(_ server: SizingServer, _ share: Double) -> Bool {
    let each = server.inFlight(for: share / Double(server.replicas), of: request.demand)
    let most = server.capacity * Double(server.replicas)
    return server.holds(each, request) && most >= share * (1 - 1e-9)
  }
}

extension SizingOption {
  /// Shares the load evenly over so many boxes; those that may fail stand beside them.
  init(_ box: SizingBox, _ needed: Int, _ server: SizingServer, _ all: SizingForms, _ estimator: SpeedEstimator) {
    let request = all.request
    let demand = request.demand
    let asked = demand.amount * request.growth
    let capacity = server.capacity * Double(server.replicas)
    let reading = server.promptBoxes(beside: needed)
    boxes = needed + reading + request.spareBoxes
    promptBoxes = reading > 0 ? reading : nil
    spareBoxes = request.spareBoxes
    let servers = Double(needed * server.replicas)
    let each = server.inFlight(for: asked / servers, of: demand)
    let outcome = server.state(inFlight: each).outcome
    let one = server.load.speedCase
    let rate = server.load.throughput(outcome, inFlight: each * servers)
    let placement = server.fit.placement

    machine = box.name
    self.box = box.words
    host = box.host
    acceleratorsPerBox = box.accelerators
    engine = server.engine.speedName
    quantization = server.form.name
    hasToBeMade = request.hasToBeMade(server.form) ? true : nil
    bitsPerWeight = all.bitsPerWeight(of: server.form)
    keepsQuality = all.keepsQuality(server.form)
    devicesPerServer = max(1, placement.devices.count / max(1, placement.replicas))
    tensorParallel = max(1, placement.tensorParallel)
    expertParallel = placement.expertParallel > 1 ? placement.expertParallel : nil
    dataParallel = placement.dataParallel > 1 ? placement.dataParallel : nil
    expertLayersOnHost = server.fit.settings.cpuMoeLayers > 0 ? server.fit.settings.cpuMoeLayers : nil
    layersOnDevices = placement.gpuLayers
    // A plan is of servers that read their own prompts.
    plan = reading > 0 ? [] : Self.planArguments(box, server, inFlight: each, request)
    replicasPerBox = server.replicas
    concurrencyPerBox = server.concurrency * server.replicas
    capacityPerBox = capacity
    utilization = asked / (capacity * Double(needed))
    inFlight = each * servers
    requestsPerSecond = rate / server.load.outputTokens
    timeToFirstToken = estimator.band(server.firstToken(outcome), outcome.measures.first, of: server.load)
    timePerOutputToken = estimator.band(server.eachToken(outcome), outcome.measures.each, of: server.load)
    outputTokensPerSecond = estimator.band(rate, .servingThroughput, of: server.load)
    if let alone = estimator.decode(server.load, server.quantities)?.high {
      outputTokensPerSecond = outputTokensPerSecond?.below(alone * each * servers)
    }
    isSure = server.lateness(of: outcome, request.workload, isPessimistic: true) <= 1
    probability = server.chance(of: outcome, share: asked / servers, request)
    isConfident = server.level != .expected || request.level == .expected
    let kind = one.device.deviceClass
    isMeasured = [outcome.measures.first, outcome.measures.each].allSatisfy {
      estimator.efficiencies.band(of: $0, for: kind).isFitted
    }
    let copies = needed * max(1, placement.replicas)
    memoryUsedBytes = server.memory(inFlight: each).scaled(by: Double(copies))
    memoryBytes = server.fit.question.machine.memory(of: placement.devices).scaled(by: Double(needed))
    hostMemoryUsedBytes = server.hostBytes?.scaled(by: Double(copies))
    watts = box.watts.map { $0 * Double(boxes) }
    let parts = server.load.parts(server.quantities, streams: max(1, each))
    let writing = server.load.outputTokens * parts.step / max(1, each)
    addCosts(
      SizingCosts(
        SizingCosts.Question(
          box: box, boxes: boxes, watts: watts, outputTokensPerSecond: rate,
          inputTokensPerSecond: requestsPerSecond * server.load.inputTokens,
          promptShare: parts.beside / (parts.beside + writing), isClustered: box.nodes > 1 || reading > 0,
          batchSeconds: demand.kind == .batch ? demand.withinSeconds : nil), request.costs),
      rate: rate * request.costs.utilization)
  }

  /// One server as `plan` is asked for it: on its own devices, with its share of the requests.
  private static func planArguments(
    _ box: SizingBox, _ server: SizingServer, inFlight: Double, _ request: SizingRequest
  ) -> [String] {
    let placement = server.fit.placement
    let cards = max(1, placement.devices.count / max(1, placement.replicas))
    let workload = request.workload
    let perNode = box.nodes > 1 ? box.accelerators / box.nodes : cards
    var words = ["--on", box.isCounted && perNode > 1 ? "\(perNode)x \(box.name)" : box.name]
    if box.nodes > 1 { words += ["--nodes", "\(box.nodes)"] }
    words += ["--engine", server.engine.rawValue, "--quantizations", server.form.name]
    words += ["--concurrency", "\(max(1, Int(inFlight.rounded(.up))))"]
    words += ["--input-tokens", "\(workload.inputTokens)", "--output-tokens", "\(workload.outputTokens)"]
    if let context = request.contextLength { words += ["--context", "\(context)"] }
    if let type = request.kvType {
      words += ["--kv-type", type.key == type.value ? type.key : "\(type.key),\(type.value)"]
    }
    if request.prefixHit > 0 { words += ["--prefix-hit", "\(request.prefixHit)"] }
    words += request.guessingWords
    if EngineCatalogue.engine(server.engine).planning.layouts.hasDegrees, !placement.devices.isEmpty {
      words += ["--tensor-parallel", "\(max(1, placement.tensorParallel))"]
      if placement.pipelineParallel > 1, box.nodes == 1 {
        words += ["--pipeline-parallel", "\(placement.pipelineParallel)"]
      }
      if placement.dataParallel > 1 { words += ["--data-parallel", "\(placement.dataParallel)"] }
      if placement.expertParallel > 1 { words += ["--expert-parallel", "\(placement.expertParallel)"] }
    }
    if let layers = placement.gpuLayers { words += ["--gpu-layers", "\(layers)"] }
    if server.fit.settings.cpuMoeLayers > 0 { words += ["--cpu-moe", "\(server.fit.settings.cpuMoeLayers)"] }
    return words
  }

  /// Adds what it costs by the way that is cheapest over the years, as far as prices are known.
  private mutating func addCosts(_ costs: SizingCosts, rate: Double) {
    self.costs = costs
    guard let best = costs.lines.first else { return }
    price = costs.lines.first { $0.way == .purchase }?.upFront
    priceSource = best.source
    costPerMillionTokens = best.perMillionOutputTokens
    let millionsPerYear = rate * CostBasis.hoursPerYear * 3600 / 1e6
    energyCostPerMillionTokens = best.way == .purchase ? costs.energyPerYear.map { $0 / millionsPerYear } : nil
    breakEvenMonths = best.breakEvenMonths
  }
}

extension Machine {
  /// Memory of so many devices; the host's where there are none.
  fileprivate func memory(of devices: [Int]) -> ByteCount {
    guard !devices.isEmpty else { return memory.totalBytes?.value ?? memory.limitBytes?.value ?? .zero }
    return devices.reduce(.zero) { sum, index in
      guard accelerators.indices.contains(index) else { return sum }
      let shared = accelerators[index].sharesMemory == true ? memory.acceleratorBytes ?? memory.totalBytes : nil
      return sum + ((shared ?? accelerators[index].memoryBytes)?.value ?? .zero)
    }
  }
}
