import Engines
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Every part of the money, by a pocket calculator.
@Suite struct SizingMoneyTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func part(_ name: String = "h100", soldIn: [Int]? = nil) -> Machine {
    var machine = ChoiceMachines.machine("1x h100, 1")
    machine.memory.totalBytes = nil
    machine.name = name
    machine.accelerators[0].watts = Figure(700, .user, "test")
    machine.accelerators[0].soldIn = soldIn.map { Figure($0, .user, "test") }
    return machine
  }

  private func request(_ machines: [Machine], concurrency: Int = 8) throws -> SizingRequest {
    try SizingRequest(
      model: Model(ModelTraits(ordinaryWith: 8e9, active: 8e9), name: "8b"),
      workload: Workload(inputTokens: 700, outputTokens: 250, concurrency: concurrency), candidates: machines)
  }

  @Test func everyPartIsCounted() throws {
    var asked = try request([part()])
    asked.counts = [2]
    asked.demand = SizingDemand(.concurrency, 8)
    asked.spareBoxes = 1
    asked.costs.prices = ["h100": 30_000]
    asked.costs.hosts = [
      HostPrice("small", isForBoards: false, most: 2, price: Figure(5000, .user, "test")),
      HostPrice("large", isForBoards: false, most: 8, price: Figure(12_000, .user, "test")),
      HostPrice("board", isForBoards: true, most: 8, price: Figure(32_000, .user, "test")),
    ]
    asked.costs.network = Figure(2000, .user, "test")
    asked.costs.electricity = 0.2
    asked.costs.powerUsageEffectiveness = 1.5
    asked.costs.utilization = 0.5
    asked.costs.rackPerKilowattMonth = 100
    asked.costs.licencePerAcceleratorYear = 4500
    asked.costs.years = 3
    asked.costs.pricePerMillionTokens = 50
    asked.costs.pricePerMillionInputTokens = 10
    let option = try #require(Sizing(asked, estimator: estimator).options.first)
    let costs = try #require(option.costs)
    // Two boxes, one of them spare, of two cards each.
    #expect(option.boxes == 2 && option.accelerators == 4)
    #expect(costs.accelerators == 120_000)
    #expect(costs.hosts == 10_000)
    #expect(costs.network == 4000)
    // 2 x (2 x 700 x 1.1 + 300) W = 3680 W: full for half of the year, 30% of it for the rest.
    let energy = 3.68 * (0.5 + 0.5 * 0.3) * 8766 * 0.2 * 1.5
    #expect(abs(try #require(costs.energyPerYear) - energy) < 1e-6)
    #expect(abs(try #require(costs.rackPerYear) - 3.68 * 12 * 100) < 1e-9)
    #expect(costs.licencesPerYear == 18_000)
    #expect(costs.racks == 1)
    let line = try #require(costs.lines.first)
    let running = energy + 4416 + 18_000
    #expect(line.way == .purchase && line.upFront == 134_000)
    #expect(abs(line.perYear - running) < 1e-6)
    #expect(abs(line.total - (134_000 + 3 * running)) < 1e-5)
    let millions = try #require(option.outputTokensPerSecond).expected * 31_557_600 * 0.5 / 1e6
    #expect(abs(line.perMillionOutputTokens - line.total / 3 / millions) < 1e-6)
    // Input and output together make the whole.
    let inputs = millions * 700 / 250
    let sum = line.split.perMillionInputTokens * inputs + line.split.perMillionOutputTokens * millions
    #expect(abs(sum - line.total / 3) < 1e-5)
    let service = millions * 50 + inputs * 10
    #expect(abs(try #require(line.breakEvenMonths) - 134_000 / (service - running) * 12) < 1e-6)
    let flow = costs.cashFlow(line)
    #expect(flow.count == 4 && flow[0] == 134_000 && abs(flow.reduce(0, +) - line.total) < 1e-5)
  }

  /// Replicas behind a load balancer need no port of a cluster's network; a server over several boxes does, and so does
  /// whoever states a price for one.
  @Test func portsAreForServersOverSeveralBoxes() throws {
    var asked = try request([part()])
    asked.counts = [1]
    asked.spareBoxes = 1
    asked.costs.prices = ["h100": 30_000]
    asked.costs.network = Figure(2000, .datasheet, "a list")
    let alone = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(alone.boxes > 1 && alone.costs?.network == nil)
    #expect(alone.price == 30_000 * Double(alone.boxes))
    asked.costs.network = Figure(2000, .user, "--network")
    let stated = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(stated.costs?.network == 2000 * Double(stated.boxes))
    asked.costs.network = Figure(2000, .datasheet, "a list")
    asked.spareBoxes = 0
    asked.nodes = 2
    let sizing = Sizing(asked, estimator: estimator)
    let spanning = try #require(sizing.options.first)
    #expect(spanning.costs?.network == 4000 * Double(spanning.boxes))
    #expect(sizing.assumptions(of: spanning).contains { $0.what == "network" && $0.value == "2,000 USD a box" })
  }

  /// `8x h100` is eight of `h100`: the same price, once.
  @Test func aCountInTheNameIsTheSameBox() throws {
    var single = part()
    single.cpu = Machine(name: "").cpu
    single.accelerators[0].catalogue = "h100"
    single.accelerators[0].price = Price(amount: Figure(25_000, .user, "test"), currency: "USD", basis: "list")
    var eight = single.holding(8)
    eight.name = "8x H100"
    func options(_ machines: [Machine]) throws -> [SizingOption] {
      var asked = try request(machines)
      asked.costs.hosts = [HostPrice("host", isForBoards: false, most: 8, price: Figure(12_000, .user, "test"))]
      return Sizing(asked, estimator: estimator).options
    }
    let counted = try options([eight])
    let alone = try #require(counted.first)
    #expect(alone.box == "8x h100" && alone.price == 212_000)
    let listed = try options([single]).filter { $0.acceleratorsPerBox == 8 }
    #expect(listed.map(\.box) == counted.map(\.box) && listed.map(\.price) == counted.map(\.price))
    let both = try options([single, eight]).filter { $0.acceleratorsPerBox == 8 }
    #expect(both.count == listed.count)
    var asked = try request([eight])
    asked.costs.prices = ["8x h100": 200_000]
    #expect(Sizing(asked, estimator: estimator).options.first?.price == 200_000)
  }

  /// What nobody is known to publish comes after what is there, with a mark; what is published is as good as a file.
  @Test func whatHasToBeConvertedComesLast() throws {
    var asked = try request([part()], concurrency: 64)
    asked.quantizations = ["BF16", "AWQ 4-bit"]
    asked.counts = [1]
    asked.costs.prices = ["h100": 30_000]
    asked.published = PublishedWeights(formats: [.config: "o/m"])
    let unlisted = Sizing(asked, estimator: estimator)
    #expect(unlisted.options.first?.hasToBeMade == nil)
    #expect(unlisted.options.allSatisfy { ($0.hasToBeMade == true) == ($0.quantization == "AWQ 4-bit") })
    asked.quantizations = ["AWQ 4-bit"]
    #expect(Sizing(asked, estimator: estimator).options.first?.hasToBeMade == true)
    asked.published = PublishedWeights(formats: [.config: "o/m"], forms: ["AWQ 4-bit": "o/m-awq"])
    let listed = Sizing(asked, estimator: estimator)
    #expect(listed.options.first.map { $0.hasToBeMade == nil && $0.quantization == "AWQ 4-bit" } == true)
  }

  /// A batch is rented for its own hours; what is bought is shared by all batches of the years.
  @Test func aBatchCostsItsOwnHours() throws {
    var asked = try request([part()])
    asked.counts = [1]
    asked.demand = .batch(10_000, within: 8 * 3600)
    asked.costs.utilization = 8.0 / 24
    asked.costs.hourlyPrices = ["h100": 3]
    let rented = try #require(Sizing(asked, estimator: estimator).options.first?.costs?.lines.first)
    let perHour = try #require(rented.perHour)
    #expect(abs(try #require(rented.perBatch) - 8 * perHour) < 1e-9)
    #expect(abs(rented.total - 8 * perHour * 365.25 * 3) < 1e-6)
    asked.costs.hourlyPrices = [:]
    asked.costs.prices = ["h100": 30_000]
    let bought = try #require(Sizing(asked, estimator: estimator).options.first?.costs?.lines.first)
    #expect(abs(try #require(bought.perBatch) - bought.total / (365.25 * 3)) < 1e-9)
    asked.demand = SizingDemand(.concurrency, 8)
    #expect(Sizing(asked, estimator: estimator).options.first?.costs?.lines.first?.perBatch == nil)
  }

  /// Rent of an hour is paid for every hour, and the cheaper way ranks.
  @Test func rentIsPaidByTheHour() throws {
    var asked = try request([part()])
    asked.counts = [2]
    asked.costs.prices = ["h100": 30_000]
    let bought = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(bought.costs?.lines.map(\.way) == [.purchase])
    asked.costs.prices = [:]
    asked.costs.hourlyPrices = ["h100": 2]
    let rented = try #require(Sizing(asked, estimator: estimator).options.first)
    let line = try #require(rented.costs?.lines.first)
    #expect(line.way == .onDemand && line.perHour == 4 && line.upFront == 0)
    #expect(abs(line.total - 4 * 8766 * 3) < 1e-6)
    #expect(rented.price == nil)
    asked.costs.hourlyPrices = [:]
    asked.rents = [
      "h100": [
        RentOffer(perHour: 2, isPerAccelerator: true, isReserved: false, words: "a"),
        RentOffer(perHour: 1, isPerAccelerator: true, isReserved: true, words: "b"),
        RentOffer(perHour: 1.5, isPerAccelerator: true, isReserved: true, words: "c"),
      ]
    ]
    let both = try #require(Sizing(asked, estimator: estimator).options.first?.costs)
    #expect(both.lines.map(\.way) == [.reserved, .onDemand])
    #expect(both.lines.map(\.source) == ["b", "a"])
  }

  /// Spot machines, markets and estimates are no offers to plan with; neither is another currency.
  @Test(
    arguments: [
      ("on-demand", true), ("1-year reserved, no upfront", true), ("3-year", true), ("secure, on-demand", true),
      ("spot", false), ("market", false), ("community", false), ("1-year, estimate", false), ("capacity block", false),
    ])
  func offersAreThoseThatLast(term: String, isOffer: Bool) {
    var price = Price(amount: Figure(2, .user, "test"), currency: "USD", basis: "hourly")
    (price.per, price.term) = (.acceleratorHour, term)
    #expect((RentOffer(price, seller: "s", CostBasis()) != nil) == isOffer)
    var euros = CostBasis()
    euros.currency = "EUR"
    #expect(RentOffer(price, seller: "s", euros) == nil)
    euros.dollarsPerUnit = 1.25
    #expect(RentOffer(price, seller: "s", euros)?.perHour == (isOffer ? 1.6 : nil))
  }

  /// Dollars are converted at the rate that was stated, and left out where there is none: never added to euros.
  @Test func dollarsAreNeverAddedToEuros() throws {
    var machine = part()
    machine.accelerators[0].price = Price(amount: Figure(25_000, .user, "test"), currency: "USD", basis: "list")
    var asked = try request([machine])
    asked.counts = [1]
    asked.costs.currency = "EUR"
    #expect(try #require(Sizing(asked, estimator: estimator).options.first).price == nil)
    asked.costs.dollarsPerUnit = 1.25
    let option = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(option.price == 20_000 * Double(option.boxes))
    #expect(option.priceSource?.contains("1.250 USD for 1 EUR (stated)") == true)
    asked.costs.currency = "GBP"
    asked.costs.dollarsPerUnit = nil
    #expect(try #require(Sizing(asked, estimator: estimator).options.first).price == nil)
  }

  /// What has no price stands after all that has one, however little it takes.
  @Test func pricedAndUnpricedAreNeverRankedAgainstEachOther() throws {
    var small = part("small")
    small.accelerators[0].watts = Figure(10, .user, "test")
    var asked = try request([small, part("h100"), part("a100-like")])
    asked.costs.prices = ["h100": 30_000]
    let sizing = Sizing(asked, estimator: estimator)
    let priced = sizing.options.filter(\.isConfident).map { $0.totalCost != nil }
    #expect(priced.contains(true) && priced.contains(false))
    #expect(priced == priced.sorted { $0 && !$1 })
    #expect(sizing.recommended?.machine == "h100")
    for mark in ["cheapest", "headroom", "quality"] {
      #expect(sizing.options.first { $0.marks.contains(mark) }.map { $0.totalCost != nil } ?? true, "\(mark)")
    }
  }

  /// A board of eight is sold as eight; one of its accelerators can only be rented.
  @Test func boxesAreThoseThatAreSold() throws {
    let board = part("h100-sxm", soldIn: [4, 8])
    #expect(SizingBox.boxes(of: board).map(\.accelerators) == [4, 8])
    #expect(SizingBox.boxes(of: part("card", soldIn: Array(1...10))).map(\.accelerators) == [1, 2, 4, 8])
    #expect(SizingBox.boxes(of: part("rack", soldIn: [72])).map(\.accelerators) == [72])
    #expect(SizingBox.boxes(of: board, counts: [1, 3]).map(\.accelerators) == [1, 3])
    let rents = [
      "h100-sxm": [RentOffer(perHour: 2, isPerAccelerator: true, isReserved: false, words: "a cloud")]
    ]
    var priced = board
    priced.accelerators[0].price = Price(amount: Figure(30_000, .user, "test"), currency: "USD", basis: "list")
    let boxes = SizingBox.boxes(of: priced, rents: rents)
    #expect(boxes.map(\.accelerators) == [1, 2, 4, 8])
    #expect(boxes.map { $0.price == nil } == [true, true, false, false])
    #expect(boxes.map { $0.rents.first?.perHour } == [2, 4, 8, 16])
    // A virtual machine is never for sale.
    priced.virtualMachine = Figure(true, .user, "test")
    #expect(SizingBox.boxes(of: priced).allSatisfy { $0.price == nil })
  }

  /// A price for a box of eight is none for a single card, nor for the cards of another form.
  @Test func pricesOfBoxesAreForBoxes() throws {
    let names = ["h100-sxm5-80gb", "h100-nvl-94gb", "h100-pcie-80gb"]
    let offers = PriceOffers(["8x h100": 250_000], for: names)
    #expect(names.filter { !offers.offers(for: $0).isEmpty } == ["h100-sxm5-80gb"])
    var asked = try request([part("h100-sxm5-80gb")])
    asked.costs.prices = ["8x h100": 250_000]
    asked.counts = [1, 8]
    let prices = Dictionary(grouping: Sizing(asked, estimator: estimator).options, by: \.box)
    #expect(prices["h100-sxm5-80gb"]?.allSatisfy { $0.price == nil } == true)
    #expect(prices["8x h100-sxm5-80gb"]?.allSatisfy { $0.price == 250_000 } == true)
    // Two products by one name: which is meant has to be said.
    let two = PriceOffers(["a100": 10_000], for: ["a100-sxm4-40gb", "a100-sxm4-80gb"])
    #expect(two.ambiguous(among: ["a100-sxm4-40gb", "a100-sxm4-80gb"]).map(\.machines.count) == [2])
  }

  @Test func batchesAreDoneInTime() throws {
    var asked = try request([part()])
    asked.demand = .batch(1_000_000, within: 12 * 3600)
    #expect(abs(asked.demand.amount - 23.148) < 0.001)
    let expected = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(expected.probability >= 0.8)
    #expect(expected.capacityPerBox * Double(expected.boxes) >= asked.demand.amount)
    asked.demand = .batch(1_000_000, within: 6 * 3600)
    let sooner = try #require(Sizing(asked, estimator: estimator).options.first { $0.box == expected.box })
    #expect(sooner.boxes >= expected.boxes)
  }

  @Test func daysAndYearsAreTheirMeans() throws {
    let flat = try DayCurve(name: "flat", hours: Array(repeating: 7, count: 24), source: "test")
    #expect(abs(flat.meanOverPeak - 1) < 1e-12)
    let half = try DayCurve(
      name: "half", hours: Array(repeating: 2, count: 12) + Array(repeating: 0, count: 12), daysPerWeek: 3.5,
      source: "test")
    #expect(abs(half.meanOverPeak - 0.25) < 1e-12)
    #expect(throws: DayCurve.Problem.self) { _ = try DayCurve(name: "short", hours: [1], source: "test") }
    #expect(DayCurve.office.meanOverPeak < DayCurve.global.meanOverPeak)
    let growth = LoadGrowth(perYear: 0.3, years: 3)
    #expect(abs(growth.factor - 2.197) < 1e-9)
    // (1.3^3 - 1) / (3 ln 1.3) = 1.5208, over 2.197.
    #expect(abs(growth.meanOverEnd - 0.69220) < 1e-4)
    #expect(LoadGrowth(perYear: 0, years: 3).meanOverEnd == 1)
  }

  /// A tier is the answer to its question alone.
  @Test func tiersAgreeWithSingleQuestions() throws {
    let requests = try [4, 16, 64].map { try request([part()], concurrency: $0 * 20) }
    let tiers = SizingTiers(requests.map { .init(name: "t", sizing: Sizing($0, estimator: estimator)) })
    for (tier, request) in zip(tiers.tiers, requests) {
      #expect(tier.sizing == Sizing(request, estimator: estimator))
    }
    let counts = tiers.tiers.compactMap { $0.sizing.recommended?.accelerators }
    #expect(counts.count == 3 && counts == counts.sorted())
    #expect(tiers.fewerThanNext == [counts[1] - counts[0], counts[2] - counts[1], nil])
  }

  /// The study asks the same question again: at the confidence and load of the answer it finds the answer.
  @Test func theStudyAgreesWithTheAnswer() throws {
    var asked = try request([part("h100"), part("other")], concurrency: 300)
    asked.workload.timePerOutputTokenTarget = 0.05
    asked.costs.prices = ["h100": 30_000, "other": 35_000]
    let sizing = Sizing(asked, estimator: estimator)
    let study = SizingStudy(asked, sizing, estimator: estimator)
    #expect(study.byConfidence.first { $0.confidence == 0.8 }?.option?.totalCost == sizing.recommended?.totalCost)
    let costs = study.byConfidence.map { $0.option?.totalCost ?? .infinity }
    #expect(costs == costs.sorted())
    func cost(_ name: String) -> Double? { study.sensitivity.first { $0.name == name }?.option?.totalCost }
    let own = try #require(cost("as asked"))
    #expect(try #require(cost("load -50%")) <= own)
    #expect(cost("load +50%").map { $0 >= own } ?? true)
    #expect(abs(try #require(cost("machine prices +20%")) - 1.2 * own) < 1e-6 * own)
  }
}
