import Hardware
import Units

extension Sizing {
  /// Sizes every candidate and ranks what holds the load: by cost where prices are known, else by accelerators and watts.
  public init(_ request: SizingRequest, estimator: SpeedEstimator) {
    model = request.modelName
    workload = request.workload
    growth = request.growth
    costs = request.costs
    options = []
    failures = []
    let search = SizingSearch(request: request, estimator: estimator)
    for machine in request.candidates {
      var refusal: Reason?
      var found = false
      for box in SizingBox.boxes(of: machine, counts: request.counts) {
        switch search.best(of: box) {
        case .success(let layout):
          if let option = Self.option(layout, request, estimator) {
            options.append(option)
            found = true
          } else {
            refusal = Reason(
              "too-many-boxes", "more than \(request.mostBoxes) boxes of \(max(1, box.accelerators)) would be needed")
          }
        case .failure(let failure): refusal = failure.reason
        }
      }
      if !found {
        let unknown = Reason("unknown-bandwidth", "its memory's bandwidth is not known")
        failures.append(SizingFailure(machine: machine.name, reason: refusal ?? unknown))
      }
    }
    rank()
  }

  /// Options by cost for each token, then by price, then by what they take.
  private mutating func rank() {
    func key(_ option: SizingOption) -> (Double, Double, Double, Double) {
      (
        option.costPerMillionTokens ?? .infinity, option.price ?? .infinity,
        option.watts ?? Double(option.accelerators) * 1000, Double(option.accelerators)
      )
    }
    options.sort { key($0) < key($1) }
    mark("cheapest") { $0.costPerMillionTokens ?? .infinity }
    mark("smallest") { Double(max(1, $0.accelerators)) * 1e6 + ($0.watts ?? 1e5) }
    mark("headroom") { $0.utilization > 0.6 ? .infinity : $0.costPerMillionTokens ?? $0.watts ?? .infinity }
  }

  private mutating func mark(_ name: String, by value: (SizingOption) -> Double) {
    let best = options.indices.min { value(options[$0]) < value(options[$1]) }
    guard let best, value(options[best]).isFinite else { return }
    options[best].marks.append(name)
  }

  private static func option(
    _ layout: SizingSearch.Layout, _ request: SizingRequest, _ estimator: SpeedEstimator
  ) -> SizingOption? {
    let load = Double(request.workload.concurrency) * request.growth
    let boxes = max(1, Int((load / Double(layout.concurrency)).rounded(.up)))
    guard boxes <= request.mostBoxes else { return nil }
    let one = layout.load.speedCase
    let servers = Double(boxes * layout.replicas)
    let inFlight = max(1, load / servers)
    let outcome = layout.load.steady(layout.quantities, inFlight: inFlight)
    let rate = layout.load.throughput(outcome, inFlight: load)
    let length = layout.load.inputTokens + layout.load.outputTokens
    let used = one.weightBytes + one.cacheBytes(at: length) * inFlight * (one.ways / max(one.cacheWays, 1))
    let memory = one.device.memory * Double(max(1, layout.box.accelerators) * boxes)
    var option = SizingOption(
      machine: layout.box.name, boxes: boxes, acceleratorsPerBox: layout.box.accelerators, engine: layout.engine,
      quantization: layout.quantization.name, tensorParallel: layout.tensorParallel, replicasPerBox: layout.replicas,
      concurrencyPerBox: layout.concurrency, utilization: load / Double(layout.concurrency * boxes),
      memoryUsedBytes: ByteCount(Int(used * servers)), memoryBytes: ByteCount(Int(memory)))
    option.timeToFirstToken = estimator.band(outcome.timeToFirstToken, .servingTimeToFirstToken, one)
    option.timePerOutputToken = estimator.band(outcome.timePerOutputToken, .servingTimePerOutputToken, one)
    option.outputTokensPerSecond = estimator.band(rate, .servingThroughput, one)
    option.watts = layout.box.watts.map { $0 * Double(boxes) }
    option.addCosts(of: layout.box, request.costs, rate: rate)
    return option
  }
}

extension SizingOption {
  /// Adds price, cost for a million tokens and break-even, as far as prices are known.
  mutating func addCosts(of box: SizingBox, _ costs: CostBasis, rate: Double) {
    let stated = costs.price(of: box)
    guard let each = stated?.price ?? box.price else { return }
    let total = each * Double(boxes)
    price = total
    priceSource = stated == nil ? box.priceSource : "given for \"\(stated?.name ?? "")\""
    let tokensPerYear = rate * costs.utilization * 365.25 * 86400
    let energyPerYear = (watts ?? 0) / 1000 * 365.25 * 24 * (costs.electricity ?? 0)
    let yearly = total / costs.years + energyPerYear
    costPerMillionTokens = yearly / tokensPerYear * 1e6
    guard let market = costs.pricePerMillionTokens else { return }
    let savedPerYear = tokensPerYear / 1e6 * market - energyPerYear
    breakEvenMonths = savedPerYear > 0 ? total / savedPerYear * 12 : nil
  }
}

extension CostBasis {
  /// The price that the user gave for a box: by its name, and by the count of accelerators where one is stated.
  func price(of box: SizingBox) -> (name: String, price: Double)? {
    for (name, price) in prices.sorted(by: { $0.key.count > $1.key.count }) {
      let words = name.lowercased().split { $0 == " " || $0 == "-" }.map { String($0) }
      var wanted = words
      var count = 1
      if let first = words.first, let sign = first.firstIndex(of: "x"), let number = Int(first[..<sign]) {
        count = number
        let rest = String(first[first.index(after: sign)...])
        wanted = (rest.isEmpty ? [] : [rest]) + words.dropFirst()
      }
      let own = box.name.lowercased()
      guard !wanted.isEmpty, wanted.allSatisfy({ own.contains($0) }) else { continue }
      let accelerators = max(1, box.accelerators)
      if count == accelerators { return (name, price) }
      if count == 1 { return (name, price * Double(accelerators)) }
    }
    return nil
  }
}
