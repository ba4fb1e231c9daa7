import Platform
import Engines
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// Targets are kept with a probability, by the bands of the predictions.
@Suite struct SizingConfidenceTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func request(concurrency: Int = 200, confidence: Double = 0.8) throws -> SizingRequest {
    var workload = Workload(inputTokens: 700, outputTokens: 250, concurrency: concurrency)
    workload.timeToFirstTokenTarget = 3
    workload.timePerOutputTokenTarget = 0.1
    var request = try SizingRequest(
      model: Model(ModelTraits(ordinaryWith: 8e9, active: 8e9), name: "8b"), workload: workload,
      candidates: ["1x l40s, 64", "1x h100, 64", "2x rtx-4090, 64", "1x t4, 64"].map { ChoiceMachines.machine($0) })
    request.costs.prices = ["1x l40s, 64": 12_000, "1x h100, 64": 40_000, "2x rtx-4090, 64": 9000]
    request.confidence = confidence
    return request
  }

  /// The normal distribution's own figures: half below its middle, 90% below the end of its middle 80%.
  @Test func chancesAreThoseOfTheTables() {
    #expect(abs(Chance.cumulative(0) - 0.5) < 1e-12)
    #expect(abs(Chance.cumulative(Chance.bandDeviations) - 0.9) < 1e-9)
    #expect(abs(Chance.cumulative(1) - 0.841_344_746) < 1e-9)
    #expect(abs(Chance.deviations(of: 0.8) - 0.841_621_234) < 1e-8)
    // A limit that is the band's upper end is kept nine times of ten; what is as expected for sure, always or never.
    #expect(abs(Chance.ofAtMost(2, expected: 1, deviation: 0.693_147_180_56 / Chance.bandDeviations) - 0.9) < 1e-9)
    #expect(Chance.ofAtMost(1, expected: 1, deviation: 0) == 1)
    #expect(Chance.ofAtMost(1, expected: 1.01, deviation: 0) == 0)
  }

  /// Worked out from the option's own bands: the product of both chances.
  @Test func theProbabilityIsThatOfTheBands() throws {
    let request = try request()
    let options = Sizing(request, estimator: estimator).options
    #expect(!options.isEmpty)
    for option in options {
      let product = [(option.timeToFirstToken, 3.0), (option.timePerOutputToken, 0.1)].reduce(1.0) { product, pair in
        guard let band = pair.0 else { return product }
        let deviation = naturalLog(band.high / band.expected) / Chance.bandDeviations
        return product * Chance.ofAtMost(pair.1, expected: band.expected, deviation: deviation)
      }
      #expect(abs(option.probability - product) < 1e-9)
      #expect(!option.isConfident || option.probability >= 0.8)
    }
  }

  /// A rate without targets is kept as surely as a batch of the same rate, and as the answer says.
  @Test func aRateIsNoSurerThanABatch() throws {
    func boxes(_ demand: SizingDemand) throws -> [String] {
      var request = try request()
      (request.workload.timeToFirstTokenTarget, request.workload.timePerOutputTokenTarget) = (nil, nil)
      request.demand = demand
      let options = Sizing(request, estimator: estimator).options
      #expect(options.allSatisfy { $0.isConfident == ($0.probability >= 0.8 - 1e-9) && $0.probability < 1 })
      return options.filter(\.isConfident).map { "\($0.boxes) \($0.machine)" }
    }
    #expect(try boxes(SizingDemand(.rate, 20)) == boxes(.batch(72_000, within: 3600)))
  }

  /// A batch with a target has to keep both, together as surely as asked.
  @Test func aBatchWithATargetKeepsBoth() throws {
    var request = try request()
    request.demand = .batch(72_000, within: 3600)
    let found = Sizing(request, estimator: estimator).options.filter(\.isConfident)
    #expect(!found.isEmpty && found.allSatisfy { $0.probability >= 0.8 - 1e-9 })
  }

  @Test func noGrowthIsTooMuch() throws {
    var request = try request()
    request.growth = 1e21
    #expect(Sizing(request, estimator: estimator).options.isEmpty)
  }

  @Test func aHigherConfidenceNeverCostsLess() throws {
    var cost = 0.0
    for confidence in [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99] {
      let found = Sizing(try request(confidence: confidence), estimator: estimator).recommended?.totalCost ?? .infinity
      #expect(found >= cost - 1e-9, "\(confidence)")
      cost = found
    }
  }

  @Test func moreLoadNeverCostsLess() throws {
    var cost = 0.0
    for concurrency in [1, 10, 40, 160, 640, 2560] {
      let found = Sizing(try request(concurrency: concurrency), estimator: estimator).recommended
      let own = found?.totalCost ?? .infinity
      #expect(own >= cost - 1e-9, "\(concurrency)")
      cost = own
    }
  }

  /// What is below the threshold stands after all that is not, and is marked for nothing.
  @Test(arguments: [0.5, 0.8, 0.95]) func nothingBelowTheThresholdIsRecommended(confidence: Double) throws {
    let sizing = Sizing(try request(confidence: confidence), estimator: estimator)
    let sure = sizing.options.map(\.isConfident)
    #expect(sure == sure.sorted { $0 && !$1 })
    #expect(sizing.options.allSatisfy { $0.isConfident || $0.marks.isEmpty })
    #expect(sizing.recommended.map { $0.probability >= confidence } ?? true)
  }

  @Test func spareBoxesAreBoughtAndCarryNothing() throws {
    var asked = try request()
    let plain = try #require(Sizing(asked, estimator: estimator).options.first { $0.machine.contains("l40s") })
    asked.spareBoxes = 1
    let spared = try #require(Sizing(asked, estimator: estimator).options.first { $0.machine.contains("l40s") })
    #expect(spared.boxes == plain.boxes + 1)
    #expect(spared.timeToFirstToken == plain.timeToFirstToken)
    #expect(spared.utilization == plain.utilization)
    let (price, before) = (try #require(spared.costs?.accelerators), try #require(plain.costs?.accelerators))
    #expect(abs(price - before - 12_000) < 1e-6)
  }

  /// The tail is later than the mean: 95% of the first tokens in time need no less than the mean in time.
  @Test func percentilesNeedNoLess() throws {
    var asked = try request()
    let mean = try #require(Sizing(asked, estimator: estimator).options.first)
    asked.firstTokenPercentile = 0.95
    let tail = try #require(Sizing(asked, estimator: estimator).options.first { $0.machine == mean.machine })
    #expect(tail.boxes >= mean.boxes)
    asked.candidates = asked.candidates.filter { $0.name == mean.machine }
    asked.demand.amount = 1
    let one = try #require(Sizing(asked, estimator: estimator).options.first)
    asked.firstTokenPercentile = nil
    // One request waits for nobody.
    #expect(Sizing(asked, estimator: estimator).options.first?.timeToFirstToken == one.timeToFirstToken)
  }

  /// So is the tail of the further tokens, and one request meets no other's prompt.
  @Test func percentilesOfFurtherTokensNeedNoLess() throws {
    var asked = try request()
    asked.candidates = [ChoiceMachines.machine("1x h100, 64")]
    func each(_ share: Double?) throws -> Double {
      asked.outputTokenPercentile = share
      return try #require(Sizing(asked, estimator: estimator).options.first?.timePerOutputToken).expected
    }
    asked.demand.amount = 30
    let (mean, p95, p99) = (try each(nil), try each(0.95), try each(0.99))
    #expect(mean < p95 && p95 < p99)
    asked.demand.amount = 1
    #expect(try each(nil) == each(0.99))
  }

  /// The 95th percentile of a Poisson number of interruptions, by its own table: of 9 on average at most 14 in 95%.
  @Test func interruptionsComeAsPoissonSays() throws {
    var asked = try request()
    asked.outputTokenPercentile = 0.95
    let machine = ChoiceMachines.machine("1x h100, 64")
    let plain = asked.planRequest(on: machine, inFlight: 8)
    let form = try #require(asked.forms.first { $0.name == "FP8" })
    let fit = LayoutSearch(plain.question(form, .vllm), memory: MemoryEstimator(.vllm, for: asked.model)).fit()
    let server = try #require(SizingServer(fit, asked, estimator))
    var outcome = ServerLoad.Outcome(streams: 8, timePerOutputToken: 0, timeToFirstToken: 1)
    (outcome.step, outcome.interruption) = (0.02, 0.1)
    outcome.timePerOutputToken = 0.02 + 9 * 0.1 / 250
    let slowest = (server.eachToken(outcome) - 0.02) * 250 / 0.1
    #expect(abs(slowest - 14) < 0.1)
  }

  /// Where fewer boxes do by what is expected, the answer says so, with how sure that is.
  @Test func whatDoesInTheMeanIsTold() throws {
    let estimator = SpeedEstimator(try Profiles().efficiencies())
    var asked = try request(concurrency: 2000, confidence: 0.95)
    asked.candidates = asked.candidates.filter { $0.name.contains("l40s") }
    let sizing = Sizing(asked, estimator: estimator)
    let own = try #require(sizing.recommended)
    let mean = try #require(sizing.alternatives.inTheMean)
    #expect(mean.machine == own.machine && mean.accelerators < own.accelerators)
    #expect(mean.probability < 0.95 && !mean.isConfident)
    let (first, each) = (try #require(mean.timeToFirstToken), try #require(mean.timePerOutputToken))
    #expect(first.expected <= 3.001 && each.expected <= 0.1001)
    // Whatever its risk, it stands among the alternatives; a price is not needed for it.
    #expect(sizing.alternatives.riskier != nil)
    asked.costs.prices = [:]
    let unpriced = Sizing(asked, estimator: estimator)
    #expect(
      unpriced.recommended?.totalCost == nil && unpriced.alternatives.inTheMean?.accelerators == mean.accelerators)
  }

  /// What the cache holds is not read again: never later, and with nothing in it the same.
  @Test func aCachedPrefixIsNeverSlower() throws {
    var asked = try request()
    var last = Double.infinity
    for share in [0, 0.3, 0.6, 0.9] {
      asked.prefixHit = share
      asked.candidates = [ChoiceMachines.machine("1x h100, 64")]
      asked.demand.amount = 20
      let option = try #require(Sizing(asked, estimator: estimator).options.first)
      let first = try #require(option.timeToFirstToken).expected
      #expect(first < last)
      last = first
    }
  }
}
