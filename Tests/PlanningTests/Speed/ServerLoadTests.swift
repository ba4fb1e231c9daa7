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
    let rare = load.arriving(quantities, rate: 0.01, requests: 100).outcome
    let alone = load.steady(quantities, inFlight: 1)
    #expect(abs(rare.timePerOutputToken / alone.timePerOutputToken - 1) < 0.02)
    #expect(abs(rare.timeToFirstToken / alone.timeToFirstToken - 1) < 0.05)
  }

  @Test func moreRequestsASecondAreNeverFasterForEach() {
    let runs = [0.1, 1, 4, 16, 64, 256].map {
      load.arriving(quantities, rate: $0, requests: 2000)
    }
    for (less, more) in zip(runs, runs.dropFirst()) {
      #expect(more.outcome.timePerOutputToken >= less.outcome.timePerOutputToken * 0.999)
      #expect(more.outcome.timeToFirstToken >= less.outcome.timeToFirstToken * 0.999)
      #expect(more.outputTokensPerSecond >= less.outputTokensPerSecond * 0.999)
    }
  }

  @Test func aQueueGrowsOnlyWhereNobodyHoldsRequestsBack() {
    let open = load.arriving(quantities, rate: 1000, requests: 10_000).outcome
    let held = load.arriving(quantities, rate: 1000, requests: 10_000, mostInFlight: 64).outcome
    #expect(open.refused > 1 && held.refused == 0)
    #expect(held.timeToFirstToken < open.timeToFirstToken)
  }

  /// A client that holds back what is beyond a number in flight keeps that many there, and so is a closed loop.
  @Test func aRateThatIsTooFastForACappedClientIsAClosedLoop() {
    let held = load.arriving(quantities, rate: 1000, requests: 6400, mostInFlight: 64)
    var loop = load
    loop.firstWave = 0.01
    let closed = loop.steady(quantities, inFlight: 64)
    #expect(held.outcome == closed)
    #expect(held.outputTokensPerSecond == loop.throughput(closed, inFlight: 64))
  }

  @Test func anIdleServerReadsThePromptAtOnce() {
    let alone = load.steady(quantities, inFlight: 1)
    #expect(alone.queued == 0 && alone.refused == 0)
    #expect(abs(alone.timeToFirstToken - alone.prompt - alone.overhead) < 1e-12)
    #expect(abs(alone.timePerOutputToken - alone.step) < 1e-12)
  }

  @Test func moreInFlightAreNeverFasterForEachAndNeverSlowerForAll() {
    let counts = [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    let outcomes = counts.map { load.steady(quantities, inFlight: $0) }
    let rates = zip(outcomes, counts).map { load.throughput($0, inFlight: $1) }
    for (less, more) in zip(outcomes, outcomes.dropFirst()) {
      #expect(more.timeToFirstToken >= less.timeToFirstToken)
      #expect(more.timePerOutputToken >= less.timePerOutputToken)
    }
    for (less, more) in zip(rates, rates.dropFirst()) { #expect(more >= less * 0.98) }
  }

  /// Beyond the room requests wait for each other: the server is as fast as with the room full.
  @Test func aFullServerKeepsItsThroughput() {
    let full = load.throughput(load.steady(quantities, inFlight: 256), inFlight: 256)
    for inFlight in [512.0, 2048] {
      let outcome = load.steady(quantities, inFlight: inFlight)
      #expect(outcome.streams == 256)
      #expect(abs(load.throughput(outcome, inFlight: inFlight) / full - 1) < 0.05)
    }
  }

  /// A prompt of a first wave waits for half of all others; a server that runs on has no such wave.
  @Test func theFirstWaveIsApart() {
    var wave = load
    wave.firstWave = 1
    let first = wave.steady(quantities, inFlight: 64)
    let others = 63 * load.parts(quantities, streams: 64).beside
    #expect(abs(first.queued / (others / 2) - 1) < 0.02)
    #expect(load.steady(quantities, inFlight: 64).queued < others / 10)
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

  /// Llama 3.3 70B in FP8 on two H100, prompts of 5000 and answers of 500 tokens (NVIDIA NIM 1.8, published table).
  @Test(arguments: [(1.0, 0.407, 0.0186), (5, 0.547, 0.0218), (25, 0.689, 0.0388), (50, 0.835, 0.0597)])
  func aPublishedLoadIsMet(inFlight: Double, first: Double, each: Double) throws {
    var one = load.speedCase
    one.model = ModelTraits(
      parameters: 70.6e9, activeParameters: 70.6e9, layers: 80, width: 8192, queryWidth: 8192, cacheElements: 2048,
      fullLayers: 80, vocabulary: 128_256)
    (one.weightBytes, one.precision, one.engine) = (72.7e9, .fp8, "trtllm")
    (one.ways, one.cacheWays, one.devices, one.cacheBytesPerElement) = (2, 2, 2, 1)
    let server = ServerLoad(speedCase: one, inputTokens: 5000, outputTokens: 500)
    let outcome = server.steady(try Profiles().efficiencies().quantities(for: one), inFlight: inFlight)
    #expect(abs(naturalLog(outcome.timeToFirstToken / first)) < 0.35)
    #expect(abs(naturalLog(outcome.timePerOutputToken / each)) < 0.25)
  }
}
