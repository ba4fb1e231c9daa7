import Engines
import Hardware
import Units

extension SizingSearch {
  /// So many boxes of a layout as the load takes, each answering its share as `plan` says of one; nil where those are more
  /// than may be bought.
  func option(_ box: SizingBox, _ server: SizingServer) -> SizingOption? {
    let asked = request.demand.amount * request.growth
    let capacity = server.capacity * Double(server.replicas)
    let needed = (asked / capacity).rounded(.up)
    guard needed <= Double(request.mostBoxes) else { return nil }
    let boxes = max(1, Int(needed))
    return SizingOption(box, boxes, planned(box, server, share: asked / Double(boxes)), all, estimator)
  }

  /// What `plan` says of one box with its share of the load, where that holds it; else the layout that holds most.
  private func planned(_ box: SizingBox, _ server: SizingServer, share: Double) -> SizingServer {
    guard let memory = all.engines[server.engine] else { return server }
    let each = server.inFlight(for: share / Double(server.replicas), of: request.demand)
    let inFlight = max(1, Int((each * Double(server.replicas) - 1e-9).rounded(.up)))
    let asked = request.planRequest(on: box.machine, inFlight: inFlight).question(server.form, server.engine)
    let fit = LayoutSearch(asked, memory: memory, speed: estimator).fit()
    if fit.fits, let planned = filled(fit, memory), holds(planned, share) { return planned.told(of: fit) }
    let same = memory.judged(
      asked.with(server.fit.placement).with(server.fit.settings))
    if same.fits, let planned = filled(same, memory), holds(planned, share) { return planned.told(of: same) }
    return server
  }

  private func holds(_ server: SizingServer, _ share: Double) -> Bool {
    let each = server.inFlight(for: share / Double(server.replicas), of: request.demand)
    let most = server.capacity * Double(server.replicas)
    return server.holds(each, request.workload, isPessimistic: request.isPessimistic) && most >= share * (1 - 1e-9)
  }
}

extension SizingOption {
  /// Shares the load evenly over so many boxes.
  init(_ box: SizingBox, _ boxes: Int, _ server: SizingServer, _ all: SizingForms, _ estimator: SpeedEstimator) {
    let request = all.request
    let demand = request.demand
    let asked = demand.amount * request.growth
    let capacity = server.capacity * Double(server.replicas)
    self.boxes = boxes
    let servers = Double(boxes * server.replicas)
    let each = server.inFlight(for: asked / servers, of: demand)
    let outcome = server.state(inFlight: each).outcome
    let one = server.load.speedCase
    let rate = server.load.throughput(outcome, inFlight: each * servers)
    let placement = server.fit.placement

    machine = box.name
    self.box = box.words
    acceleratorsPerBox = box.accelerators
    engine = server.engine.speedName
    quantization = server.form.name
    bitsPerWeight = all.bitsPerWeight(of: server.form)
    keepsQuality = all.keepsQuality(server.form)
    devicesPerServer = max(1, placement.devices.count / max(1, placement.replicas))
    tensorParallel = max(1, placement.tensorParallel)
    expertParallel = placement.expertParallel > 1 ? placement.expertParallel : nil
    dataParallel = placement.dataParallel > 1 ? placement.dataParallel : nil
    expertLayersOnHost = server.fit.settings.cpuMoeLayers > 0 ? server.fit.settings.cpuMoeLayers : nil
    layersOnDevices = placement.gpuLayers
    replicasPerBox = server.replicas
    concurrencyPerBox = server.concurrency * server.replicas
    capacityPerBox = capacity
    utilization = asked / (capacity * Double(boxes))
    inFlight = each * servers
    requestsPerSecond = rate / server.load.outputTokens
    timeToFirstToken = estimator.band(outcome.timeToFirstToken, outcome.measures.first, one)
    timePerOutputToken = estimator.band(outcome.timePerOutputToken, outcome.measures.each, one)
    outputTokensPerSecond = estimator.band(rate, .servingThroughput, one)
    isSure = server.lateness(of: outcome, request.workload, isPessimistic: true) <= 1
    let kind = one.device.deviceClass
    isMeasured = [outcome.measures.first, outcome.measures.each].allSatisfy {
      estimator.efficiencies.band(of: $0, for: kind).isFitted
    }
    let copies = boxes * max(1, placement.replicas)
    memoryUsedBytes = server.memory(inFlight: each).scaled(by: Double(copies))
    memoryBytes = box.machine.memory(of: placement.devices).scaled(by: Double(boxes))
    hostMemoryUsedBytes = server.hostBytes?.scaled(by: Double(copies))
    watts = box.watts.map { $0 * Double(boxes) }
    addCosts(of: box, request.costs, rate: rate)
  }

  /// Adds price, cost for a million tokens and break-even, as far as prices are known.
  ///
  /// The power is drawn all year, at the busiest load or not: what an idle box saves is not known. Where the power is not
  /// known either, the cost is that of the purchase alone, and its source says so.
  private mutating func addCosts(of box: SizingBox, _ costs: CostBasis, rate: Double) {
    guard let each = box.price else { return }
    let total = each * Double(boxes)
    price = total
    priceSource = box.priceSource
    let millionsPerYear = rate * costs.utilization * CostBasis.hoursPerYear * 3600 / 1e6
    var energyPerYear = 0.0
    if let electricity = costs.electricity {
      if let watts {
        energyPerYear = watts / 1000 * CostBasis.hoursPerYear * electricity
        energyCostPerMillionTokens = energyPerYear / millionsPerYear
      } else {
        priceSource = box.priceSource.map { "\($0), without electricity: its power is not known" }
      }
    }
    costPerMillionTokens = (total / costs.years + energyPerYear) / millionsPerYear
    guard let market = costs.pricePerMillionTokens else { return }
    let savedPerYear = millionsPerYear * market - energyPerYear
    breakEvenMonths = savedPerYear > 0 ? total / savedPerYear * 12 : nil
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
