import Hardware
import Units

extension Sizing {
  /// Sizes every candidate and ranks what holds the load: by cost where prices are known, else by accelerators and watts.
  public init(_ request: SizingRequest, estimator: SpeedEstimator) {
    model = request.modelName
    workload = request.workload
    demand = request.demand
    growth = request.growth
    isPessimistic = request.isPessimistic
    costs = request.costs
    options = []
    failures = []
    notices = []
    let names = request.candidates.map(\.name)
    let offers = PriceOffers(request.costs.prices, for: names)
    var used: Set<String> = []
    let forms = SizingForms(request)
    for machine in request.candidates {
      let own = offers.offers(for: machine.name)
      var boxes = SizingBox.boxes(of: machine, counts: request.counts)
      for index in boxes.indices {
        if let offer = boxes[index].takePrice(of: own) { used.insert(offer.text) }
      }
      add(boxes, forms, estimator)
    }
    notices = offers.notices(used: used, machines: names)
    rank()
  }

  private mutating func add(_ boxes: [SizingBox], _ forms: SizingForms, _ estimator: SpeedEstimator) {
    guard let first = boxes.first else { return }
    var search = SizingSearch(forms, estimator: estimator, on: first.machine)
    for box in boxes {
      let found = search.servers(of: box)
      var own = found.best.flatMap { search.option(box, $0) }.map { [$0] } ?? []
      if let best = found.best, !forms.keepsQuality(best.form), let quality = found.quality,
        let option = search.option(box, quality)
      {
        own.append(option)
      }
      options += own
      guard own.isEmpty else { continue }
      let tooMany = Reason(
        .tooManyBoxes, "more than \(forms.request.mostBoxes) of these boxes would be needed",
        remedy: "more accelerators in each box, or a smaller load")
      let nearest = search.nearest?.reason ?? forms.request.missingForms ?? SizingSearch.unknownBandwidth
      failures.append(
        SizingFailure(machine: box.name, box: box.words, reason: found.best == nil ? nearest : tooMany))
    }
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
    let hasCost = options.contains { $0.keepsQuality && $0.costPerMillionTokens != nil }
    mark("quality") { option in
      guard option.keepsQuality else { return .infinity }
      return hasCost ? option.costPerMillionTokens ?? .infinity : option.watts ?? Double(option.accelerators) * 1000
    }
  }

  private mutating func mark(_ name: String, by value: (SizingOption) -> Double) {
    let best = options.indices.min { value(options[$0]) < value(options[$1]) }
    guard let best, value(options[best]).isFinite else { return }
    options[best].marks.append(name)
  }
}

extension SizingBox {
  /// Takes the price that the user gave: an offer for just this box or so many accelerators before one for a single one.
  fileprivate mutating func takePrice(of offers: [PriceOffer]) -> PriceOffer? {
    let count = max(1, accelerators)
    let whole = offers.first { $0.count == count || (!isCounted && $0.names(name)) }
    guard let offer = whole ?? offers.first(where: { $0.count == 1 }) else { return nil }
    price = whole == nil ? offer.price * Double(count) : offer.price
    priceSource = "given for \"\(offer.text)\""
    return offer
  }
}
