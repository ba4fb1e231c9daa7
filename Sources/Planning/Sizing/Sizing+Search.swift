import Hardware
import Models
import Units

extension Sizing {
  /// Sizes every candidate and ranks what holds the load: by cost where prices are known, else by accelerators and watts.
  public init(_ request: SizingRequest, estimator: SpeedEstimator) {
    self.init(request, estimator: estimator, goOn: { () throws(Never) in })
  }

  /// The same, until somebody ends it.
  ///
  /// - Parameter goOn: called before each machine; what it throws ends the search.
  public init<Stop: Error>(
    _ request: SizingRequest, estimator: SpeedEstimator, goOn: () throws(Stop) -> Void
  ) throws(Stop) {
    try self.init(request, SizingForms(request), estimator, goOn: goOn)
  }

  init<Stop: Error>(
    _ request: SizingRequest, _ forms: SizingForms, _ estimator: SpeedEstimator, goOn: () throws(Stop) -> Void
  ) throws(Stop) {
    model = request.modelName
    workload = request.workload
    demand = request.demand
    growth = request.growth
    isPessimistic = request.isPessimistic
    confidence = request.confidence
    firstTokenPercentile = request.firstTokenPercentile
    outputTokenPercentile = request.outputTokenPercentile
    prefixHit = request.prefixHit
    speculation = request.guessing.flatMap { _ in SizingSpeculation(request) }
    day = request.day
    task = request.model.task
    costs = request.costs
    options = []
    failures = []
    notices = []
    let names = request.candidates.map { SizingBox.listed($0).machine.name }
    let offers = PriceOffers(request.costs.prices, hourly: request.costs.hourlyPrices, for: names)
    var used: Set<String> = []
    var counted: Set<String> = []
    for (machine, name) in zip(request.candidates, names) {
      try goOn()
      let own = offers.offers(for: name)
      var boxes = SizingBox.boxes(of: machine, counts: request.counts, costs: request.costs, rents: request.rents)
      for index in boxes.indices {
        for isHourly in [false, true] {
          let alike = own.filter { $0.isHourly == isHourly }
          let isOnly = alike.count == own.count
          guard let offer = boxes[index].takePrice(of: alike, isOnly: isOnly, scale: costs.scale) else { continue }
          used.insert(offer.text)
        }
      }
      // `h100` makes the box that `8x h100` names, too.
      boxes.removeAll { $0.isCounted && !counted.insert($0.words).inserted }
      boxes = boxes.map { $0.joined(request.nodes) }
      add(boxes, forms, estimator)
    }
    notices = request.notes
    if request.readsPromptsApart {
      notices.append(
        Reason(
          .noLaunch, "boxes of their own for prompts are a plan only: Plimsoll starts no engine so",
          remedy: "leave --prompts-apart out for layouts that can be deployed"))
    }
    notices += offers.ambiguous(among: names).map { name, machines in
      Reason(
        .ambiguousPrice, "the price for \"\(printable(name))\" could be for \(machines.joined(separator: " or "))",
        remedy: "name one of them in --price")
    }
    notices += offers.notices(used: used, machines: names)
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
      // What the expected speeds hold with fewer boxes is cheaper, and riskier.
      if let risky = found.risky, let few = search.boxes(risky),
        found.best.flatMap({ search.boxes($0) }).map({ few < $0 }) ?? true, let option = search.option(box, risky)
      {
        own.append(option)
      }
      // What may have to be converted first is told where it takes less, and recommended where nothing else holds it.
      let made = search.servers(of: box, isMade: true).best
      if let made, let few = search.boxes(made), found.best.flatMap({ search.boxes($0) }).map({ few < $0 }) ?? true,
        let option = search.option(box, made)
      {
        own.append(option)
      }
      options += own
      guard own.isEmpty else { continue }
      let tooMany = Reason(
        .tooManyBoxes, "more than \(forms.request.mostBoxes) of these boxes would be needed",
        remedy: "more accelerators in each box, or a smaller load")
      let nearest = search.nearest?.reason ?? forms.request.missingForms ?? SizingSearch.unknownBandwidth
      let isSmall = found.best == nil && found.risky == nil && made == nil
      failures.append(SizingFailure(machine: box.name, box: box.words, reason: isSmall ? nearest : tooMany))
    }
  }

  /// What is as sure as asked before what is not, what has a price before what has none; each part by itself by cost over
  /// the years, or by accelerators and power.
  private mutating func rank() {
    func key(_ option: SizingOption) -> (Int, Double, Double, Double) {
      let part =
        (option.isConfident ? 0 : 4) + (option.hasToBeMade == true ? 2 : 0) + (option.totalCost == nil ? 1 : 0)
      return (
        part, option.totalCost ?? option.watts ?? Double(option.accelerators) * 1000, Double(option.accelerators),
        -option.probability
      )
    }
    options.sort { key($0) < key($1) }
    let isPriced = options.contains { $0.isConfident && $0.totalCost != nil }
    /// Cost where any has one, else power: the one is never held against the other.
    func worth(_ option: SizingOption) -> Double {
      isPriced ? option.totalCost ?? .infinity : option.watts ?? Double(option.accelerators) * 1000
    }
    if isPriced { mark("cheapest", by: worth) }
    mark("smallest") { Double(max(1, $0.accelerators)) * 1e6 + ($0.watts ?? 1e5) }
    mark("headroom") { $0.utilization > 0.6 ? .infinity : worth($0) }
    mark("quality") { $0.keepsQuality ? worth($0) : .infinity }
  }

  /// Marks what is best of all that is as sure as asked.
  private mutating func mark(_ name: String, by value: (SizingOption) -> Double) {
    let isMade = options.first?.hasToBeMade
    let best = options.indices.filter { options[$0].isConfident && options[$0].hasToBeMade == isMade }.min {
      value(options[$0]) < value(options[$1])
    }
    guard let best, value(options[best]).isFinite else { return }
    options[best].marks.append(name)
  }
}

extension SizingBox {
  /// Takes the price that the user gave: an offer for just this box or so many accelerators before one for a single one.
  ///
  /// The price of a box is that of the whole; a host is put around what is priced by the piece. What is priced by the hour
  /// is rented.
  ///
  /// - Parameter isOnly: true where the user gave no price of the other kind, so that bought and rented exclude each other.
  fileprivate mutating func takePrice(of offers: [PriceOffer], isOnly: Bool, scale: Double) -> PriceOffer? {
    let count = max(1, accelerators)
    let whole = offers.first { $0.count == count && ($0.isForBox || count > 1) || (!isCounted && $0.names(name)) }
    guard let offer = whole ?? offers.first(where: { $0.count == 1 && !$0.isForBox }) else { return nil }
    let amount = (whole == nil ? offer.price * Double(count) : offer.price) * scale
    let words = "given for \"\(offer.text)\""
    if offer.isHourly {
      if isOnly { (price, hostPrice, host) = (nil, nil, nil) }
      rents = [RentOffer(perHour: amount, isPerAccelerator: false, isReserved: false, words: words)]
    } else {
      (price, priceSource) = (amount, isWithoutHost && whole == nil ? words + Self.withoutHost : words)
      if isOnly { rents = [] }
      if whole != nil { (host, hostPrice) = (nil, nil) }
    }
    return offer
  }
}
