import Engines
import Units

/// One server of a box, and what it carries within the targets.
struct SizingServer: Sendable {
  var engine: EngineKind
  var quantization: SizingQuantization
  var placement: Placement
  var settings: EngineSettings
  /// Devices that it takes.
  var devices: Int
  var load: ServerLoad
  var quantities: Quantities
  /// The upper ends of the bands of TTFT and TPOT over the expected values.
  var widths: (first: Double, each: Double)
  /// Requests in flight that it holds within the targets; 0 where one alone is too slow.
  var concurrency = 0
  /// The same in the terms of the demand.
  var capacity = 0.0
  /// The larger of TTFT and TPOT over their targets with one request.
  var lateness = 0.0

  /// Bytes of weights in the host's memory.
  var hostBytes: Double { load.speedCase.weightBytes * (1 - load.speedCase.storedShare) }

  /// Gives the server so many slots, as many as what lies in the host's memory was worked out for.
  mutating func hold(slots: Int) {
    var one = load.speedCase
    one.slots = Double(slots)
    load = ServerLoad(speedCase: one, inputTokens: load.inputTokens, outputTokens: load.outputTokens)
  }

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
    let first = outcome.timeToFirstToken * (isPessimistic ? widths.first : 1)
    let each = outcome.timePerOutputToken * (isPessimistic ? widths.each : 1)
    return max(
      workload.timeToFirstTokenTarget.map { first / $0 } ?? 0, workload.timePerOutputTokenTarget.map { each / $0 } ?? 0)
  }

  /// Finds how much it holds, or how late one request alone is.
  mutating func fill(for request: SizingRequest) {
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

  /// Bytes of weights and cache on its devices with so many requests in flight, midway through their answers.
  func memory(inFlight: Double) -> Double {
    let one = load.speedCase
    let cache = one.cacheBytes(at: load.inputTokens + load.outputTokens / 2) * (one.ways / max(one.cacheWays, 1))
    return one.weightBytes - hostBytes + cache * inFlight
  }
}

/// So many servers of one kind in a box.
struct SizingLayout {
  var box: SizingBox
  var server: SizingServer
  var replicas: Int
  /// Memory of the devices that serve.
  var memory: Double
}

/// Why something holds nothing, and how far it is from it: what is nearest to working is told.
struct SizingRefusal {
  var reason: Reason
  /// 1 would just work; what lacks a kernel is farther than what lacks memory, and that than what is late.
  var distance: Double

  static func late(by factor: Double) -> Double { min(factor, 1e6) }
  static func small(by factor: Double) -> Double { min(factor, 1e6) * 1e6 }
  static let undividable = 1e13
  static let unable = 1e14

  static func engine(_ reason: Reason) -> SizingRefusal { SizingRefusal(reason: reason, distance: unable) }
}
