import Engines
import Units

/// A box full of servers of one layout, and what each carries within the targets.
struct SizingServer: Sendable {
  private(set) var fit: Fit
  let load: ServerLoad
  let quantities: Quantities
  /// The upper ends of the bands over the expected values.
  private let widths: [SpeedMeasure: Double]
  /// Servers of the box.
  private(set) var replicas: Int
  /// Requests in flight that one holds within the targets; 0 where one alone is too slow.
  private(set) var concurrency = 0
  /// The same in the terms of the demand.
  private(set) var capacity = 0.0
  /// The larger of TTFT and TPOT over their targets with one request.
  private(set) var lateness = 0.0

  /// Nil where the speed is not known.
  init?(_ fit: Fit, room: Int? = nil, _ request: SizingRequest, _ estimator: SpeedEstimator) {
    // Servers on devices of their own do not slow each other: one is like the others.
    let isOnDevices = !fit.placement.devices.isEmpty
    let asked = isOnDevices ? fit.question.ofOneServer : fit.question
    let threads = isOnDevices ? nil : ThreadLadder(estimator: estimator).threads(for: asked)
    let question = threads.map { asked.with(threads: $0.decode, prompts: $0.prompt) } ?? asked
    guard let one = question.speedCase(room: room ?? fit.room).speedCase else { return nil }
    self.fit = fit
    load = ServerLoad(
      speedCase: one, inputTokens: Double(max(1, request.workload.inputTokens)),
      outputTokens: Double(max(1, request.workload.outputTokens)))
    quantities = estimator.quantities(for: one)
    let measures: [SpeedMeasure] = [.prefill, .decode, .servingTimeToFirstToken, .servingTimePerOutputToken]
    widths = Dictionary(uniqueKeysWithValues: measures.map { ($0, estimator.band(1, $0, one)?.high ?? 1) })
    let copies = isOnDevices ? Double(max(1, fit.placement.replicas)) * one.replicas : one.replicas
    replicas = max(1, Int(copies))
    fill(for: request)
  }

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

  /// True where so many requests in flight keep within the memory and the targets.
  ///
  /// - Parameter isPessimistic: at the upper ends of the bands, rather than as expected.
  func holds(_ inFlight: Double, _ workload: Workload, isPessimistic: Bool) -> Bool {
    let outcome = load.steady(quantities, inFlight: max(1, inFlight))
    return inFlight <= outcome.streams + 0.5 && lateness(of: outcome, workload, isPessimistic: isPessimistic) <= 1
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
    func width(_ measure: SpeedMeasure) -> Double { isPessimistic ? widths[measure] ?? 1 : 1 }
    return (
      outcome.timeToFirstToken * width(outcome.measures.first),
      outcome.timePerOutputToken * width(outcome.measures.each)
    )
  }

  /// Finds how much it holds, or how late one request alone is.
  private mutating func fill(for request: SizingRequest) {
    let (workload, isPessimistic) = (request.workload, request.isPessimistic)
    concurrency = largestConcurrency(workload, isPessimistic: isPessimistic)
    capacity = concurrency > 0 ? amount(request.demand, inFlight: Double(concurrency)) : 0
    lateness = lateness(of: load.steady(quantities, inFlight: 1), workload, isPessimistic: isPessimistic)
  }

  /// The most requests in flight within the targets, no fewer than 31 of 32 of them.
  private func largestConcurrency(_ workload: Workload, isPessimistic: Bool) -> Int {
    func holds(_ count: Int) -> Bool { self.holds(Double(count), workload, isPessimistic: isPessimistic) }
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
