import Fixtures
import Engines
import Hardware
import Models
import Planning
import Testing
import Units

@Suite struct SizingTests {
  private func request(_ machines: [String], concurrency: Int = 50) throws -> SizingRequest {
    var workload = Workload(name: "chat", inputTokens: 7500, outputTokens: 500, concurrency: concurrency)
    workload.timeToFirstTokenTarget = 2
    workload.timePerOutputTokenTarget = 1 / 15
    let traits = ModelTraits(
      parameters: 70.6e9, activeParameters: 70.6e9, layers: 80, width: 8192, queryWidth: 8192, cacheElements: 2048,
      fullLayers: 80, vocabulary: 128_256)
    return try SizingRequest(
      model: Model(traits, name: "70b"), workload: workload, candidates: machines.map { ChoiceMachines.machine($0) })
  }

  private let estimator = SpeedEstimator(Efficiencies())

  @Test func aSmallCardIsRefusedWithItsReason() throws {
    let sizing = Sizing(try request(["1x t4, 64"]), estimator: estimator)
    #expect(sizing.options.isEmpty)
    #expect(sizing.failures.first?.reason.code == "insufficient-memory")
  }

  @Test func aServerOfEightHoldsTheLoad() throws {
    let sizing = Sizing(try request(["8x h100, 1024"]), estimator: estimator)
    let option = try #require(sizing.options.first)
    #expect(option.acceleratorsPerBox == 8)
    #expect(option.concurrencyPerBox * option.boxes >= 50)
    #expect(option.memoryUsedBytes < option.memoryBytes)
    #expect(try #require(option.timeToFirstToken).expected <= 2)
  }

  @Test func moreUsersNeverNeedLess() throws {
    let few = try #require(Sizing(try request(["8x h100, 1024"], concurrency: 20), estimator: estimator).options.first)
    let many = try #require(
      Sizing(try request(["8x h100, 1024"], concurrency: 2000), estimator: estimator).options.first)
    #expect(many.boxes > few.boxes)
  }

  @Test func pricesGiveCostAndBreakEven() throws {
    var asked = try request(["8x h100, 1024"])
    asked.costs.prices = ["8x h100": 250_000]
    asked.costs.electricity = 0.25
    asked.costs.pricePerMillionTokens = 100
    let option = try #require(Sizing(asked, estimator: estimator).options.first)
    #expect(option.price == 250_000 * Double(option.boxes))
    let rate = try #require(option.outputTokensPerSecond).expected
    let yearly = 250_000.0 * Double(option.boxes) / 3
    let atLeast = yearly / (rate * 365.25 * 86400) * 1e6
    #expect(try #require(option.costPerMillionTokens) >= atLeast * 0.999)
    #expect(try #require(option.breakEvenMonths) > 0)
    #expect(option.marks.contains("cheapest"))
  }
}
