import Engines

/// The time of one decoding step, term by term, in seconds.
struct DecodeStep: Hashable, Sendable {
  /// Reading weights from the devices' memory.
  var weights = 0.0
  /// Multiplying with them.
  var compute = 0.0
  /// Reading weights that lie in the host's memory.
  var host = 0.0
  /// Reading the cache at its present length.
  var cache = 0.0
  /// Computing attention over it.
  var attention = 0.0
  /// All-reduces between devices.
  var links = 0.0
  /// Launches and scheduling.
  var overhead = 0.0
  /// Of the engine and of the host as a whole.
  var factor = 1.0

  /// Reading and multiplying overlap: near their balance point both show.
  var product: Double { (weights * weights + compute * compute).squareRoot() }

  var total: Double { (product + host + cache + attention + links + overhead) * factor }
}

extension SpeedCase {
  /// Returns the time of one step of so many streams on one replica, each at a context length.
  ///
  /// - Parameter sequences: caches that the streams have; fewer than streams where one step checks several guesses of a
  ///   sequence.
  func decodeStep(_ quantities: Quantities, streams: Double, length: Double, sequences: Double? = nil) -> DecodeStep {
    stack == .local
      ? localStep(quantities, streams: streams, length: length, sequences: sequences ?? streams)
      : serverStep(quantities, streams: streams, length: length)
  }

  private func localStep(_ q: Quantities, streams: Double, length: Double, sequences: Double) -> DecodeStep {
    var step = DecodeStep()
    let bandwidth = drawnBandwidth(q) / processes * ways
    let rate = computeRate(threadPeak: q[.threadPeak]) / processes * ways
    let read = bytesRead(tokens: streams)
    step.weights = read.device / (bandwidth * q.capped(.weightBandwidth))
    step.host = read.host / (device.hostBandwidth * q[.hostBandwidth])
    // Few tokens run in vector kernels, many in matrix kernels that are filled up to 32 rows: the engine takes the faster.
    let operations = 2 * model.activeParameters * 1
    step.compute = min(
      operations * streams / (rate * q[.smallBatchCompute]), operations * max(streams, 32) / (rate * q[.matrixCompute]))
    step.cache = streams * cacheBytes(at: length) / (bandwidth / ways * cacheWays * q[.cacheBandwidth])
    // On the CPU all sequences share one buffer: each is computed against the cells of all of them, masked.
    let seen = backend == .cpu ? max(1, sequences) : 1
    step.attention =
      4 * streams * seen * model.attentionWidth * model.attendedTokens(at: length) / (rate * q[.decodeAttention])
    if ways > 1 { step.links = exchange(tokens: streams, latency: Self.assumedExchangeMicroseconds) }
    step.overhead = (model.layers * (q[.layerOverhead] + threadWait(q)) + q[.stepOverhead]) * 1e-6
    step.factor = q[.stepFactor]
    return step
  }

  /// Microseconds that the threads of one process wait for each other in a layer: at every operation, and longer the more.
  private func threadWait(_ q: Quantities) -> Double {
    guard let threads, backend == .cpu else { return 0 }
    return 3 * threads * q[.threadWait]
  }

  /// Microseconds of one exchange between two devices of a desktop, over the host; assumed, for want of measurements.
  static let assumedExchangeMicroseconds = 30.0

  /// Seconds in which devices that share each layer sum their results: twice for each layer.
  func exchange(tokens: Double, latency microseconds: Double) -> Double {
    2 * model.layers * (microseconds * 1e-6 * binaryLog(ways) + tokens * model.width * 4 / device.linkBandwidth)
  }

  private func serverStep(_ q: Quantities, streams: Double, length: Double) -> DecodeStep {
    var step = DecodeStep()
    let read = bytesRead(tokens: streams)
    step.weights = read.device / (ways * device.bandwidth * q[.weightBandwidth])
    step.host = read.host / (device.hostBandwidth * 0.6)
    step.compute = 2 * model.activeParameters * streams / (ways * peak * q[.smallBatchCompute])
    step.cache = streams * cacheBytes(at: length) / (cacheWays * device.bandwidth * q[.cacheBandwidth])
    if ways > 1 { step.links = exchange(tokens: streams, latency: q[.allReduceLatency]) }
    step.overhead =
      (model.layers * q[.layerOverhead] + q[.stepOverhead] + streams * q[.streamOverhead]) * 1e-6
    step.factor = q[.stepFactor]
    return step
  }

  /// What the threads draw together: a few of them cannot saturate the memory, many share it.
  private func drawnBandwidth(_ q: Quantities) -> Double {
    guard let threads, backend == .cpu else { return device.bandwidth }
    let drawn = threads * processes * q[.threadBandwidth] * 2e10
    return 1 / power(power(1 / device.bandwidth, 3) + power(1 / drawn, 3), 1 / 3)
  }

  /// What is left of a process's speed when its threads have waited for each other.
  func threadShare(_ scaling: Double) -> Double {
    guard let threads, backend == .cpu else { return 1 }
    return 1 / (1 + threads / (60 * scaling))
  }

  /// Operations a second of the devices that work at once, or of the threads where they are fewer than the cores.
  func computeRate(threadPeak: Double) -> Double {
    // Peaks that count 512 bits at the highest clock: kernels of quantized weights fill half of that, at a lower clock.
    let peak = device.peak * (device.generation == DeviceClass.wideVectors ? 0.4 : 1)
    guard let threads, device.deviceClass.isProcessor else { return peak }
    let busy = threads * processes
    if let rate = device.coreRate { return rate * min(busy, device.cores ?? busy) }
    // A thread has no more than its core's share, whatever others reached with more cores.
    let share = device.cores.map { min(1, busy / $0) } ?? 1
    return min(peak * share, busy * threadPeak * 1e11)
  }
}
