import Engines
import Profiles
import Testing

@testable import Planning

/// Laws of a server under requests that come in any way.
@Suite struct ServerLoadTests {
  private let load: ServerLoad
  private let quantities: Quantities

  init() throws {
    let device = SpeedDevice(
      slug: "h100-sxm", family: "h100", deviceClass: .nvidiaDataCentre, bandwidth: 3.35e12, peak: 989e12, memory: 80e9)
    var one = SpeedCase(
      device: device, model: ModelTraits(ordinaryWith: 8e9, active: 8e9), weightBytes: 16e9, quantKind: .f16,
      precision: .f16, stack: .server, engine: "vllm", backend: .cuda)
    one.slots = 256
    load = ServerLoad(speedCase: one, inputTokens: 500, outputTokens: 200)
    quantities = try Profiles().efficiencies().quantities(for: one)
  }

  @Test func aRareRequestIsAnsweredAsIfAlone() {
    let rare = load.arriving(quantities, rate: 0.01, requests: 100, waitsOutside: false).outcome
    let alone = load.steady(quantities, inFlight: 1)
    #expect(abs(rare.timePerOutputToken / alone.timePerOutputToken - 1) < 0.02)
    #expect(abs(rare.timeToFirstToken / alone.timeToFirstToken - 1) < 0.05)
  }

  @Test func moreRequestsASecondAreNeverFasterForEach() {
    let runs = [0.1, 1, 4, 16, 64, 256].map {
      load.arriving(quantities, rate: $0, requests: 2000, waitsOutside: false)
    }
    for (less, more) in zip(runs, runs.dropFirst()) {
      #expect(more.outcome.timePerOutputToken >= less.outcome.timePerOutputToken * 0.999)
      #expect(more.outcome.timeToFirstToken >= less.outcome.timeToFirstToken * 0.999)
      #expect(more.outputTokensPerSecond >= less.outputTokensPerSecond * 0.999)
    }
  }

  @Test func aQueueGrowsOnlyWhereNobodyHoldsRequestsBack() {
    let open = load.arriving(quantities, rate: 1000, requests: 10_000, waitsOutside: false).outcome
    let held = load.arriving(quantities, rate: 1000, requests: 10_000, waitsOutside: true).outcome
    #expect(open.refused > 1 && held.refused == 0)
    #expect(held.timeToFirstToken < open.timeToFirstToken)
  }

  @Test func ofManyRequestsAtOnceMostWait() {
    let runs = [1.0, 16, 256, 1000, 4000].map { load.atOnce(quantities, requests: $0) }
    for (less, more) in zip(runs, runs.dropFirst()) {
      #expect(more.outcome.timeToFirstToken > less.outcome.timeToFirstToken)
    }
    #expect(runs[4].outcome.streams == 256)
    #expect(runs[4].outcome.refused > runs[4].outcome.queued)
  }

  @Test func aRunThatIsOneWaveWaitsLongerThanALongOne() {
    var wave = load
    var long = load
    wave.firstWave = 1
    long.firstWave = 0.01
    let first = wave.steady(quantities, inFlight: 64)
    let later = long.steady(quantities, inFlight: 64)
    #expect(first.timeToFirstToken > later.timeToFirstToken)
    #expect(first.timePerOutputToken < later.timePerOutputToken)
  }

  /// Where one token is asked for there is no later token that could wait for others: all of the wait is before the first.
  @Test func promptsAloneWaitForEachOther() {
    let alone = ServerLoad(speedCase: load.speedCase, inputTokens: 5000, outputTokens: 1)
    let outcome = alone.steady(quantities, inFlight: 32)
    #expect(outcome.timeToFirstToken > 31 * alone.parts(quantities, streams: 32).beside)
  }
}
