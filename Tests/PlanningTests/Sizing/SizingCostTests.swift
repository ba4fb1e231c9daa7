import Fixtures
import Engines
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Prices go to the machines that they name, and costs are those of a pocket calculator.
@Suite struct SizingCostTests {
  private static let names = [
    "l4", "l40", "l40s", "a10", "a10g", "a100-sxm4-80gb", "h100-sxm5-80gb", "h100-pcie-80gb", "h200-sxm-141gb",
    "gh200-144gb", "b200-sxm-180gb", "gb200-per-gpu", "rtx-4080", "rtx-4080-super", "rtx-4090",
  ]

  private func priced(by offer: String) -> [String] {
    let offers = PriceOffers([offer: 1], for: Self.names)
    return Self.names.filter { !offers.offers(for: $0).isEmpty }
  }

  @Test(
    arguments: [
      ("l4", ["l4"]), ("a10", ["a10"]), ("8x h200", ["h200-sxm-141gb"]), ("b200", ["b200-sxm-180gb"]),
      ("8x h100", ["h100-sxm5-80gb"]), ("h100-pcie", ["h100-pcie-80gb"]), ("h100-sxm", ["h100-sxm5-80gb"]),
      ("rtx 4080", ["rtx-4080"]),
      ("RTX-4080-Super", ["rtx-4080-super"]), ("a100", ["a100-sxm4-80gb"]), ("h1", []), ("", []),
    ])
  func offersMatchWholeWords(offer: String, machines: [String]) {
    #expect(priced(by: offer) == machines)
  }

  private func part(_ name: String, watts: Double? = 700) -> Machine {
    var machine = ChoiceMachines.machine("1x h100, 1")
    machine.memory.totalBytes = nil
    machine.name = name
    machine.accelerators[0].watts = watts.map { Figure($0, .user, "test") }
    return machine
  }

  private func request(_ machines: [Machine], concurrency: Int = 8) throws -> SizingRequest {
    try SizingRequest(
      model: Model(ModelTraits(ordinaryWith: 8e9, active: 8e9), name: "8b"),
      workload: Workload(inputTokens: 700, outputTokens: 250, concurrency: concurrency), candidates: machines)
  }

  private func options(_ request: SizingRequest) -> [SizingOption] {
    Sizing(request, estimator: SpeedEstimator(Efficiencies())).options
  }

  /// An offer for just so many accelerators goes before the price of one, which goes for any number.
  @Test func countsOfOffersAreKept() throws {
    var asked = try request([part("h100-sxm5-80gb")])
    asked.costs.prices = ["h100-sxm5-80gb": 30_000, "8x h100": 200_000]
    let prices = Dictionary(options(asked).map { ($0.box, $0.price) }) { first, _ in first }
    #expect(prices["h100-sxm5-80gb"] == 30_000)
    #expect(prices["2x h100-sxm5-80gb"] == 60_000)
    #expect(prices["8x h100-sxm5-80gb"] == 200_000)
  }

  /// A box of several kinds is priced by its own name.
  @Test func aBoxIsPricedByItsName() throws {
    var mixed = ChoiceMachines.machine("2x rtx-4090, 64")
    mixed.name = "2x rtx-4090, rtx-3060-12gb"
    mixed.accelerators.append(ChoiceMachines.machine("1x rtx-3090, 64").accelerators[0])
    var asked = try request([mixed])
    asked.costs.prices = ["2x rtx-4090, rtx-3060-12gb": 4000]
    #expect(try #require(options(asked).first).price == 4000)
  }

  @Test func anOfferForNothingIsSaid() throws {
    var asked = try request([part("h100-sxm5-80gb")])
    asked.costs.prices = ["h10": 1, "16x h100": 2, "h100": 3]
    let notices = Sizing(asked, estimator: SpeedEstimator(Efficiencies())).notices
    #expect(notices.map(\.code) == ["unused-price", "unused-price"])
    #expect(notices.contains { $0.message.contains("\"h10\"") && $0.remedy?.contains("h100-sxm5-80gb") == true })
    #expect(notices.contains { $0.message.contains("\"16x h100\"") && $0.message.contains("number of GPUs") })
  }

  @Test func costsAreThoseOfAPocketCalculator() throws {
    var asked = try request([part("h100")])
    asked.counts = [2]
    asked.costs.prices = ["2x h100": 60_000]
    asked.costs.electricity = 0.25
    asked.costs.years = 4
    asked.costs.utilization = 0.5
    asked.costs.pricePerMillionTokens = 3
    let option = try #require(options(asked).first)
    // 2 x 700 W, a tenth more and 300 W for the host: 1840 W.
    #expect(abs(try #require(option.watts) - 1840) < 1e-6)
    // Half of the time at full power, and at 30% of it for the rest.
    let energy = 1.84 * (0.5 + 0.5 * 0.3) * 8766 * 0.25
    let millions = try #require(option.outputTokensPerSecond).expected * 31_557_600 * 0.5 / 1e6
    #expect(abs(try #require(option.energyCostPerMillionTokens) - energy / millions) < 1e-9)
    #expect(abs(try #require(option.costPerMillionTokens) - (60_000 / 4 + energy) / millions) < 1e-9)
    #expect(abs(try #require(option.breakEvenMonths) - 60_000 / (millions * 3 - energy) * 12) < 1e-6)
  }

  /// A service that is cheaper than the electricity alone is never beaten.
  @Test func someNeverBreakEven() throws {
    var asked = try request([part("h100")], concurrency: 1)
    asked.costs.prices = ["h100": 30_000]
    asked.costs.electricity = 0.25
    asked.costs.pricePerMillionTokens = 0.0001
    #expect(options(asked).allSatisfy { $0.breakEvenMonths == nil && $0.costPerMillionTokens != nil })
  }

  /// Where electricity has a price and the power is not known, the cost is the purchase's alone, and says so.
  @Test func unknownPowerIsSaid() throws {
    var asked = try request([part("h100", watts: nil)])
    asked.costs.prices = ["h100": 30_000]
    let without = try #require(options(asked).first)
    asked.costs.electricity = 0.25
    let with = try #require(options(asked).first)
    #expect(with.costPerMillionTokens == without.costPerMillionTokens)
    #expect(with.energyCostPerMillionTokens == nil)
    #expect(with.priceSource?.contains("its power is not known") == true)
  }

  /// Load over capacity, in whole boxes; memory is weights and cache of what is in flight.
  @Test func utilizationAndMemoryAreThoseOfTheLoad() throws {
    var asked = try request([part("h100")], concurrency: 700)
    asked.counts = [1]
    asked.quantizations = ["BF16"]
    asked.workload.timePerOutputTokenTarget = 0.05
    let option = try #require(options(asked).first)
    #expect(abs(option.utilization - 700 / Double(option.concurrencyPerBox * option.boxes)) < 1e-9)
    #expect(Double(option.boxes - 1) * Double(option.concurrencyPerBox) < 700)
    // 16.06 GB for each box, and for each request 32 layers x 2048 elements x 2 bytes x (700 + 125) tokens, in whole blocks
    // of 16 of them: 832. A pool holds a whole number of such requests, and they share what is left over.
    let each = 32.0 * 2048 * 2 * 832
    let inFlight = (700 + option.boxes - 1) / option.boxes
    let question = asked.planRequest(on: part("h100"), inFlight: inFlight).question(asked.forms[0], .vllm)
    let fit = LayoutSearch(question, memory: MemoryEstimator(.vllm, for: asked.model)).fit()
    let pool = Double(try #require(fit.estimate?.devices.first).components.kvCache.value.bytes)
    let usual = Double(try #require(fit.pool).usual)
    #expect((pool / each).rounded(.down) == usual)
    let weights = Double(try #require(asked.model.weightBytes).bytes)
    #expect(weights == 16_060_522_496)
    #expect(abs(Double(option.memoryUsedBytes.bytes) - (Double(option.boxes) * weights + 700 * pool / usual)) < 1e6)
  }
}
