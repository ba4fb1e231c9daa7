import Units

/// Finds how many requests one box holds, in the best of its layouts.
struct SizingSearch: Sendable {
  let request: SizingRequest
  let estimator: SpeedEstimator

  /// A layout of a box with what it holds.
  struct Layout {
    var box: SizingBox
    var quantization: SizingQuantization
    var engine: String
    var tensorParallel: Int
    var replicas: Int
    var concurrency: Int
    var load: ServerLoad
    var quantities: Quantities
  }

  /// Returns the layout that holds the most requests within the targets, or why none holds one.
  func best(of box: SizingBox) -> Result<Layout, SizingRefusal> {
    var best: Layout?
    var tooSmall = true
    var closest: Reason?
    for quantization in request.quantizations where box.multiplies(quantization) {
      guard let engine = box.engine(for: quantization.format, concurrency: request.workload.concurrency) else {
        continue
      }
      for ways in Self.degrees(of: box, engine: engine) where fits(quantization, ways: ways, box: box) {
        tooSmall = false
        let layout = layout(box, quantization, engine: engine, ways: ways)
        if layout.concurrency == 0 { closest = closest ?? lateness(of: layout) }
        if layout.concurrency > best?.concurrency ?? 0 { best = layout }
      }
    }
    if let best { return .success(best) }
    if let closest { return .failure(SizingRefusal(reason: closest)) }
    let bytes = (request.quantizations.map(\.bitsPerWeight).min() ?? 4) / 8 * request.traits.parameters
    let memory = box.device.memory * Double(max(1, box.accelerators))
    return .failure(
      SizingRefusal(
        reason: tooSmall
          ? Reason(
            "insufficient-memory",
            "\((bytes / 1e9).formatted(decimals: 0)) GB of weights at the least, \((memory / 1e9).formatted(decimals: 0)) GB of memory"
          )
          : Reason("no-engine", "no engine serves the formats considered on it")))
  }

  private static func degrees(of box: SizingBox, engine: String) -> [Int] {
    let most = max(1, box.accelerators)
    return [1, 2, 4, 8, 16].filter { $0 <= most }
  }

  private func fits(_ quantization: SizingQuantization, ways: Int, box: SizingBox) -> Bool {
    let heads = request.traits.queryWidth / 128
    guard ways == 1 || heads.truncatingRemainder(dividingBy: Double(ways)) == 0 else { return false }
    return request.traits.parameters * quantization.bitsPerWeight / 8 * 1.08 < box.device.memory * 0.9 * Double(ways)
  }

  private func layout(_ box: SizingBox, _ quantization: SizingQuantization, engine: String, ways: Int) -> Layout {
    let one = speedCase(box, quantization, engine: engine, ways: ways)
    let load = ServerLoad(
      speedCase: one, inputTokens: Double(request.workload.inputTokens),
      outputTokens: Double(request.workload.outputTokens))
    let q = estimator.quantities(for: one)
    let each = largest(load, q)
    let replicas = max(1, box.accelerators / ways)
    return Layout(
      box: box, quantization: quantization, engine: engine, tensorParallel: ways, replicas: replicas,
      concurrency: each * replicas, load: load, quantities: q)
  }

  private func speedCase(_ box: SizingBox, _ quantization: SizingQuantization, engine: String, ways: Int) -> SpeedCase {
    let isServer = engine == "vllm"
    var one = SpeedCase(
      device: box.device, model: request.traits,
      weightBytes: request.traits.parameters * quantization.bitsPerWeight / 8,
      quantKind: QuantKind(named: quantization.name), precision: Precision(quant: quantization.name),
      stack: isServer ? .server : .local, engine: engine,
      backend: engine == "mlx-lm"
        ? "mlx" : SpeedCase.usualBackend(of: box.device.deviceClass, engine: engine))
    if let bridged = box.bridged, ways > bridged { one.device.reachThroughHost(at: box.hostRate.map { [$0] } ?? []) }
    one.devices = Double(ways)
    one.ways = isServer ? Double(ways) : 1
    let heads = request.traits.isLatent ? 1 : max(1, (request.traits.cacheElements / 256).rounded(.down))
    one.cacheWays = min(one.ways, heads)
    return one
  }

  /// The most requests in flight on one server within the targets.
  private func largest(_ load: ServerLoad, _ q: Quantities) -> Int {
    guard holds(load, q, 1) else { return 0 }
    var low = 1
    var high = 2
    while high <= 4096, holds(load, q, high) {
      low = high
      high *= 2
    }
    while high - low > max(1, low / 32) {
      let middle = (low + high) / 2
      if holds(load, q, middle) { low = middle } else { high = middle }
    }
    return low
  }

  private func holds(_ load: ServerLoad, _ q: Quantities, _ inFlight: Int) -> Bool {
    let outcome = load.steady(q, inFlight: Double(inFlight))
    return Double(inFlight) <= outcome.streams + 0.5
      && outcome.timeToFirstToken <= request.workload.timeToFirstTokenTarget ?? .infinity
      && outcome.timePerOutputToken <= request.workload.timePerOutputTokenTarget ?? .infinity
  }

  private func lateness(of layout: Layout) -> Reason {
    let outcome = layout.load.steady(layout.quantities, inFlight: 1)
    let first = formattedSeconds(outcome.timeToFirstToken)
    let each = formattedSeconds(outcome.timePerOutputToken)
    return Reason(
      "too-slow",
      "one request alone takes \(first) to its first token and \(each) for each further one (\(layout.quantization.name))"
    )
  }
}

/// Why a box holds nothing.
struct SizingRefusal: Error {
  var reason: Reason
}
