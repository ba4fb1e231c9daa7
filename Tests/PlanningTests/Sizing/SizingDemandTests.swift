import Engines
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// Requests in flight, requests a second and users are one load, tied by Little's law.
@Suite struct SizingDemandTests {
  private let estimator = SpeedEstimator(Efficiencies())

  private func option(_ demand: SizingDemand, growth: Double = 1) throws -> SizingOption {
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    var workload = Workload(inputTokens: 700, outputTokens: 250, concurrency: 8)
    workload.timeToFirstTokenTarget = 2
    workload.timePerOutputTokenTarget = 0.066
    var request = try SizingRequest(
      model: Model(traits, name: "8b"), workload: workload,
      candidates: [ChoiceMachines.machine("1x l40s, 64")])
    request.demand = demand
    request.growth = growth
    return try #require(Sizing(request, estimator: estimator).options.first)
  }

  /// Seconds of one request at the load: first token, and 249 further ones.
  private func seconds(_ option: SizingOption) throws -> Double {
    try #require(option.timeToFirstToken).expected + 249 * (try #require(option.timePerOutputToken).expected)
  }

  @Test func requestsInFlightAreTheRateTimesTheirTime() throws {
    let option = try option(SizingDemand(.rate, 3))
    #expect(abs(option.requestsPerSecond - 3) < 0.01)
    #expect(abs(option.inFlight - 3 * (try seconds(option))) < 0.01 * option.inFlight)
    #expect(abs(try #require(option.outputTokensPerSecond).expected - 3 * 250) < 1)
  }

  /// The interactive response time law: users = rate x (seconds of a request + seconds of thinking).
  @Test func usersThinkOrWait() throws {
    let option = try option(SizingDemand(.users, 300, thinkTimeSeconds: 30))
    let users = option.requestsPerSecond * (try seconds(option) + 30)
    #expect(abs(users - 300) < 1)
    #expect(option.inFlight < 300)
  }

  @Test func usersWhoAskAtOnceAreRequestsInFlight() throws {
    let users = try option(SizingDemand(.users, 40, thinkTimeSeconds: 0))
    let concurrency = try option(SizingDemand(.concurrency, 40))
    #expect(users.boxes == concurrency.boxes)
    #expect(abs(users.inFlight - concurrency.inFlight) < 0.1)
    #expect(abs(users.utilization - concurrency.utilization) < 0.01)
  }

  @Test func moreOfAnyDemandNeverNeedsFewerBoxes() throws {
    for kind in [SizingDemand.Kind.concurrency, .rate, .users] {
      var boxes = 0
      for amount in [1.0, 5, 25, 125] {
        let option = try option(SizingDemand(kind, amount, thinkTimeSeconds: kind == .users ? 20 : nil))
        #expect(option.boxes >= boxes)
        #expect(option.utilization <= 1.0001)
        boxes = option.boxes
      }
    }
  }

  @Test func growthIsRoomForMoreOfTheSame() throws {
    let grown = try option(SizingDemand(.rate, 4), growth: 1.5)
    let more = try option(SizingDemand(.rate, 6))
    #expect(grown.boxes == more.boxes)
    #expect(abs(grown.inFlight - more.inFlight) < 0.01)
  }

  /// Less is held where the targets are to be kept at the upper ends of the bands; what is held so is sure.
  @Test func pessimismHoldsLess() throws {
    let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
    var workload = Workload(inputTokens: 700, outputTokens: 250, concurrency: 8)
    workload.timePerOutputTokenTarget = 0.03
    var request = try SizingRequest(
      model: Model(traits, name: "8b"), workload: workload,
      candidates: [ChoiceMachines.machine("1x h100, 64")])
    let expected = try #require(Sizing(request, estimator: estimator).options.first)
    request.isPessimistic = true
    let sure = try #require(Sizing(request, estimator: estimator).options.first)
    #expect(sure.concurrencyPerBox < expected.concurrencyPerBox)
    #expect(sure.isSure)
    #expect(!sure.isMeasured)
  }
}
