import Engines
import Hardware
import Units

extension SizingOption {
  /// Shares the load evenly over as many boxes of a layout as it takes; nil where those are more than may be bought.
  init?(_ layout: SizingLayout, _ request: SizingRequest, _ estimator: SpeedEstimator) {
    let (box, server) = (layout.box, layout.server)
    let demand = request.demand
    let asked = demand.amount * request.growth
    let capacity = server.capacity * Double(layout.replicas)
    let needed = (asked / capacity).rounded(.up)
    guard needed <= Double(request.mostBoxes) else { return nil }
    boxes = max(1, Int(needed))
    let servers = Double(boxes * layout.replicas)
    let each = server.inFlight(for: asked / servers, of: demand)
    let outcome = server.state(inFlight: each).outcome
    let one = server.load.speedCase
    let rate = server.load.throughput(outcome, inFlight: each * servers)
    let targets = request.workload

    machine = box.machine.name
    self.box = box.words
    acceleratorsPerBox = box.accelerators
    engine = server.engine.speedName
    quantization = server.quantization.name
    bitsPerWeight = server.quantization.bitsPerWeight
    keepsQuality = server.quantization.keepsQuality
    devicesPerServer = server.devices
    tensorParallel = max(1, server.placement.tensorParallel)
    expertParallel = server.placement.expertParallel > 1 ? server.placement.expertParallel : nil
    expertLayersOnHost = server.settings.cpuMoeLayers > 0 ? server.settings.cpuMoeLayers : nil
    layersOnDevices = server.placement.gpuLayers
    replicasPerBox = layout.replicas
    concurrencyPerBox = server.concurrency * layout.replicas
    capacityPerBox = capacity
    utilization = asked / (capacity * Double(boxes))
    inFlight = each * servers
    requestsPerSecond = rate / server.load.outputTokens
    timeToFirstToken = estimator.band(outcome.timeToFirstToken, .servingTimeToFirstToken, one)
    timePerOutputToken = estimator.band(outcome.timePerOutputToken, .servingTimePerOutputToken, one)
    outputTokensPerSecond = estimator.band(rate, .servingThroughput, one)
    isSure = server.lateness(of: outcome, targets, isPessimistic: true) <= 1
    let kind = one.device.deviceClass
    isMeasured = [.servingTimeToFirstToken, .servingTimePerOutputToken].allSatisfy {
      estimator.efficiencies.band(of: $0, for: kind).isFitted
    }
    memoryUsedBytes = ByteCount(Int(min(server.memory(inFlight: each) * servers, 1e18)))
    memoryBytes = ByteCount(Int(min(layout.memory * Double(boxes), 1e18)))
    hostMemoryUsedBytes = server.hostBytes > 0 ? ByteCount(Int(server.hostBytes * servers)) : nil
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
