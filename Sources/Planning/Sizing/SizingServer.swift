import Engines
import Units

/// A box full of servers of one layout, and what each carries within the targets.
struct SizingServer: Sendable {
  private(set) var fit: Fit
  let load: ServerLoad
  let quantities: Quantities
  /// Standard deviations of the logarithms of what is measured about what is expected.
  private let deviations: [SpeedMeasure: Double]
  /// Servers like it, for each of it, that read its prompts; nil where it reads them itself.
  let promptServers: Double?
  /// Servers of the box.
  private(set) var replicas: Int
  /// Seconds in which a prompt's cache moves to the server that writes; 0 where one server does both.
  private let transfer: Double
  private let firstTokenPercentile: Double?
  private let outputTokenPercentile: Double?
  /// How surely its capacity is held.
  private(set) var level: SizingLevel
  /// Requests in flight that one holds within the targets; 0 where one alone is too slow.
  private(set) var concurrency = 0
  /// The same in the terms of the demand.
  private(set) var capacity = 0.0
  /// What it holds where the expected values alone are kept within the targets.
  private var expected = (concurrency: 0, capacity: 0.0)
  /// Seconds of a further token: the mean, or the percentile asked for where prompts of others come at random (Poisson):
  /// a request that meets n of them on average meets n and so many deviations of sqrt(n) in its slowest cases.
  func eachToken(_ outcome: ServerLoad.Outcome) -> Double {
    guard let share = outputTokenPercentile else { return outcome.timePerOutputToken }
    let delay = max(0, outcome.timePerOutputToken - outcome.step) * load.outputTokens
    let deviation = (delay * outcome.interruption).squareRoot()
    return outcome.timePerOutputToken + Chance.deviations(of: share) * deviation / load.outputTokens
  }

  /// The larger of TTFT and TPOT over their targets with one request.
  private(set) var lateness = 0.0

  /// Nil where the speed is not known.
  ///
  /// - Parameter promptServers: servers like it that read its prompts; nil where it reads them itself.
  init?(
    _ fit: Fit, room: Int? = nil, promptServers: Double? = nil, _ request: SizingRequest, _ estimator: SpeedEstimator
  ) {
    // Servers on devices of their own do not slow each other: one is like the others.
    let isOnDevices = !fit.placement.devices.isEmpty
    let asked = isOnDevices ? fit.question.ofOneServer : fit.question
    let threads = isOnDevices ? nil : ThreadLadder(estimator: estimator).threads(for: asked)
    let question = threads.map { asked.with(threads: $0.decode, prompts: $0.prompt) } ?? asked
    guard var one = question.speedCase(room: room ?? fit.room).speedCase else { return nil }
    if let promptServers {
      one.isDisaggregated = true
      one.promptServers = promptServers * one.replicas
    }
    self.promptServers = promptServers
    let length = Double(max(1, request.workload.inputTokens))
    transfer = promptServers == nil ? 0 : one.cacheBytes(at: length) / Self.networkBytesPerSecond
    self.fit = fit
    level = request.level
    firstTokenPercentile = request.firstTokenPercentile
    outputTokenPercentile = request.outputTokenPercentile
    let load = estimator.load(question, one)
    self.load = load
    quantities = estimator.quantities(for: one)
    let measures: [SpeedMeasure] = [
      .prefill, .decode, .servingTimeToFirstToken, .servingTimePerOutputToken, .servingThroughput,
    ]
    deviations = Dictionary(
      uniqueKeysWithValues: measures.map { measure in
        (measure, naturalLog(estimator.band(1, measure, of: load)?.high ?? 1) / Chance.bandDeviations)
      })
    let copies = isOnDevices ? Double(max(1, fit.placement.replicas)) * one.replicas : one.replicas
    replicas = max(1, Int(copies))
    fill(for: request)
  }

  /// Assumed between boxes: one port of 400 Gb/s.
  static let networkBytesPerSecond = 50e9

  /// What it holds, told of just the layout and the slots that its share of the load takes.
  func told(of fit: Fit) -> SizingServer {
    var copy = self
    copy.fit = fit
    return copy
  }

  /// The same server as often as another layout has it.
  func standing(_ other: Fit) -> SizingServer {
    guard !other.placement.devices.isEmpty else { return self }
    var copy = self
    copy.fit.question = fit.question.with(slots: fit.question.ofOneServer.parallel * max(1, other.placement.replicas))
      .with(other.placement).with(machine: other.question.machine)
    copy.replicas = max(1, other.placement.replicas) * max(1, Int(load.speedCase.replicas))
    return copy
  }

  /// What it holds for each server that it takes, those that read its prompts among them.
  var capacityOfEach: Double { (capacity > 0 ? capacity : expected.capacity * 1e-6) / (1 + (promptServers ?? 0)) }

  /// Boxes that read the prompts of so many that write.
  func promptBoxes(beside writing: Int) -> Int {
    promptServers.map { max(1, Int((Double(writing) * $0 - 1e-9).rounded(.up))) } ?? 0
  }

  var form: ModelForm { fit.question.form }
  var engine: EngineKind { fit.question.engine }

  /// The state with so many requests in flight, and the seconds that one of them takes.
  func state(inFlight: Double) -> (outcome: ServerLoad.Outcome, seconds: Double) {
    let outcome = load.steady(quantities, inFlight: max(1, inFlight))
    return (outcome, load.outputTokens / load.throughput(outcome, inFlight: 1))
  }

  private func amount(_ demand: SizingDemand, inFlight: Double) -> Double {
    demand.amount(inFlight: inFlight, seconds: state(inFlight: inFlight).seconds)
  }

  /// The requests in flight that a share of the demand comes to: more of them take longer, so the two are solved together.
  func inFlight(for share: Double, of demand: SizingDemand) -> Double {
    guard demand.kind != .concurrency else { return share }
    var low = 0.0
    var high = Double(max(1, concurrency))
    // Halved until it is known to a millionth of what the server holds.
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if amount(demand, inFlight: middle) < share { low = middle } else { high = middle }
    }
    return high
  }

  /// True where so many requests in flight keep within the memory and the targets, as surely as asked.
  func holds(_ inFlight: Double, _ request: SizingRequest, at level: SizingLevel? = nil) -> Bool {
    let outcome = load.steady(quantities, inFlight: max(1, inFlight))
    guard inFlight <= outcome.streams + 0.5 else { return false }
    switch level ?? self.level {
    case .expected: return lateness(of: outcome, request.workload, isPessimistic: false) <= 1
    case .slowEnds: return lateness(of: outcome, request.workload, isPessimistic: true) <= 1
    case .probability(let least): return chance(of: outcome, request.workload) >= request.leastOfEach(least)
    }
  }

  /// The probability that both latencies are within their targets.
  ///
  /// The two are taken as independent: they err together, so this is rather low.
  func chance(of outcome: ServerLoad.Outcome, _ workload: Workload) -> Double {
    let first = workload.timeToFirstTokenTarget.map {
      Chance.ofAtMost($0, expected: firstToken(outcome), deviation: deviations[outcome.measures.first] ?? 0)
    }
    let each = workload.timePerOutputTokenTarget.map {
      Chance.ofAtMost($0, expected: eachToken(outcome), deviation: deviations[outcome.measures.each] ?? 0)
    }
    return (first ?? 1) * (each ?? 1)
  }

  /// The probability that its share of the load is answered in time: of a batch before its end, else within the targets.
  func chance(of outcome: ServerLoad.Outcome, share: Double, _ request: SizingRequest) -> Double {
    let latencies = chance(of: outcome, request.workload)
    guard request.isThroughputBound, expected.capacity > 0 else { return latencies }
    let deviation = deviations[.servingThroughput] ?? 0
    return latencies * Chance.ofAtMost(expected.capacity, expected: share, deviation: deviation)
  }

  /// Seconds to the first token: the mean, or the percentile asked for where waiting is spread exponentially.
  func firstToken(_ outcome: ServerLoad.Outcome) -> Double {
    let mean = outcome.timeToFirstToken + transfer
    guard let share = firstTokenPercentile else { return mean }
    return mean + outcome.queued * (-naturalLog(1 - share) - 1)
  }

  /// The larger of TTFT and TPOT over their targets; above 1 is too late.
  func lateness(of outcome: ServerLoad.Outcome, _ workload: Workload, isPessimistic: Bool) -> Double {
    let (first, each) = latencies(of: outcome, isPessimistic: isPessimistic)
    return max(
      workload.timeToFirstTokenTarget.map { first / $0 } ?? 0, workload.timePerOutputTokenTarget.map { each / $0 } ?? 0)
  }

  /// TTFT and TPOT in seconds.
  ///
  /// - Parameter isPessimistic: at the upper ends of the bands, rather than as expected.
  func latencies(of outcome: ServerLoad.Outcome, isPessimistic: Bool) -> (first: Double, each: Double) {
    func width(_ measure: SpeedMeasure) -> Double {
      isPessimistic ? exponential((deviations[measure] ?? 0) * Chance.bandDeviations) : 1
    }
    return (
      firstToken(outcome) * width(outcome.measures.first),
      eachToken(outcome) * width(outcome.measures.each)
    )
  }

  /// Finds how much it holds, or how late one request alone is.
  private mutating func fill(for request: SizingRequest) {
    concurrency = largestConcurrency(request, at: level)
    capacity = concurrency > 0 ? amount(request.demand, inFlight: Double(concurrency)) : 0
    let alike = level == .expected || !request.workload.hasTargets
    expected.concurrency = alike ? concurrency : largestConcurrency(request, at: .expected)
    expected.capacity = expected.concurrency > 0 ? amount(request.demand, inFlight: Double(expected.concurrency)) : 0
    capacity *= throughputShare(request)
    lateness = lateness(of: load.steady(quantities, inFlight: 1), request.workload, isPessimistic: level == .slowEnds)
  }

  /// What of the expected rate is counted on, so that it is kept as surely as asked.
  private func throughputShare(_ request: SizingRequest) -> Double {
    guard request.isThroughputBound else { return 1 }
    let sureness =
      switch level {
      case .expected: 0.0
      case .slowEnds: Chance.bandDeviations
      case .probability(let least): Chance.deviations(of: request.leastOfEach(least))
      }
    return exponential(-max(0, sureness) * (deviations[.servingThroughput] ?? 0))
  }

  /// The same server, filled until its expected values are at the targets: what may be bought at a risk.
  var atExpected: SizingServer {
    var copy = self
    copy.level = .expected
    (copy.concurrency, copy.capacity) = expected
    return copy
  }

  /// The most requests in flight within the targets, no fewer than 31 of 32 of them.
  private func largestConcurrency(_ request: SizingRequest, at level: SizingLevel) -> Int {
    func holds(_ count: Int) -> Bool { self.holds(Double(count), request, at: level) }
    guard holds(1) else { return 0 }
    var low = 1
    var high = 2
    while high <= 4096, holds(high) {
      low = high
      high *= 2
    }
    while high - low > max(1, low / 32) {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// Bytes of weights and cache on one server's devices with so many requests in flight.
  func memory(inFlight: Double) -> ByteCount {
    let own = parts { $0.isHost == fit.placement.devices.isEmpty }
    // A pool is filled by as many requests as are there.
    let share = fit.pool.map { min(1, inFlight / Double(max(1, $0.usual))) } ?? 1
    return own.weights + own.cache.scaled(by: share)
  }

  /// Bytes of weights in the host's memory beside those on devices; nil where all are on the devices.
  var hostBytes: ByteCount? {
    guard fit.settings.cpuMoeLayers > 0 || fit.placement.gpuLayers != nil, !fit.placement.devices.isEmpty else {
      return nil
    }
    return parts(\.isHost).weights
  }

  private func parts(_ isCounted: (DeviceMemory) -> Bool) -> (weights: ByteCount, cache: ByteCount) {
    (fit.estimate?.devices ?? []).filter(isCounted).reduce((ByteCount.zero, ByteCount.zero)) { sum, device in
      let own = device.components
      return (sum.0 + own.weights.value, sum.1 + own.kvCache.value + own.recurrentState.value)
    }
  }
}

/// Why something holds nothing, and how far it is from it: what is nearest to working is told.
struct SizingRefusal {
  /// 1 would just work; what lacks a kernel is farther than what lacks memory, and that than what is late.
  var distance: Double
  /// Words are made for what is told alone.
  private let words: () -> Reason

  init(_ distance: Double, _ words: @escaping () -> Reason) {
    self.distance = distance
    self.words = words
  }

  var reason: Reason { words() }

  static func late(by factor: Double) -> Double { min(factor, 1e6) }
  static func small(by factor: Double) -> Double { min(max(factor, 1), 1e6) * 1e6 }
  static let undividable = 1e13
  static let unable = 1e14
}

extension SizingRequest {
  /// True where the rate itself is what may fail: of a batch, and of a rate or users without targets for latency.
  fileprivate var isThroughputBound: Bool {
    demand.kind == .batch || (demand.kind != .concurrency && !workload.hasTargets)
  }

  /// The probability that each of the chances must have for all together to have the least.
  fileprivate func leastOfEach(_ least: Double) -> Double {
    isThroughputBound && workload.hasTargets ? least.squareRoot() : least
  }
}
