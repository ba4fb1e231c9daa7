public import Units

/// What measurements on one machine say against the defaults: factors on the time of steps and prompts.
///
/// A single stream shows the steps and prompts themselves, from which those of any load follow; a load that was measured
/// speaks for loads like it.
///
/// What one file shows is carried to another kind of quantization, number of threads and size of model in the measure in
/// which those are alike, and the band widens with what they have not in common.
public struct SpeedCalibration: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.calibration/1"

  /// One measurement beside what the defaults predicted.
  public struct Sample: Hashable, Sendable, Codable {
    public var measure: SpeedMeasure
    public var engine: String
    public var quantKind: QuantKind
    public var threads: Int?
    /// Requests in flight; nil for one.
    public var streams: Double?
    /// Bytes of all weights; nil where not known.
    public var weightBytes: Double?
    public var predicted: Double
    public var measured: Double
    public var source: Source
    /// The fingerprint of the constants that the prediction was made with: beside others it says nothing.
    public var constants: String?

    public init(
      measure: SpeedMeasure, engine: String, quantKind: QuantKind, threads: Int?, streams: Double? = nil,
      weightBytes: Double? = nil, predicted: Double, measured: Double, source: Source, constants: String
    ) {
      self.streams = streams
      self.constants = constants
      self.measure = measure
      self.engine = engine
      self.quantKind = quantKind
      self.threads = threads
      self.weightBytes = weightBytes
      self.predicted = predicted
      self.measured = measured
      self.source = source
    }

    /// Logarithm of the factor on time that would have made the prediction right.
    var slowdown: Double {
      measure.isSeconds ? naturalLog(measured / predicted) : naturalLog(predicted / measured)
    }
  }

  public var schema = SpeedCalibration.schema
  /// The machine's name, for the reader.
  public var machine: String
  public var samples: [Sample]

  public init(machine: String, samples: [Sample] = []) {
    self.machine = machine
    self.samples = samples
  }

  /// Returns the samples whose predictions were made with these constants.
  public func made(with constants: Efficiencies) -> SpeedCalibration {
    let fingerprint = constants.fingerprint
    return SpeedCalibration(machine: machine, samples: samples.filter { $0.constants == fingerprint })
  }

  /// Standard deviations, as logarithms, of what a machine adds to every prediction, of what else differs with a file's
  /// kind, its threads and its size, and of one measurement.
  ///
  /// Published speeds of one device lie about 9% (median) to 31% (90th percentile) from what a fit with that device says;
  /// kinds, threads and sizes together come to that. What a whole machine is off by is many times as much.
  private enum Deviation {
    static let machine = 0.7
    static let kind = 0.2
    static let threads = 0.25
    static let size = 0.25
    static let streams = 0.3
    static let noise = 0.06
  }

  /// Samples beyond these are too old to matter.
  private static let mostSamples = 32

  /// The logarithm of the factor on time for a measure, and the deviation that is left about it; nil without samples.
  ///
  /// The best linear prediction from the samples of this engine (kriging; Rasmussen and Williams 2006, section 2.2).
  func correction(
    _ measure: SpeedMeasure, for one: SpeedCase, streams: Double = 1
  ) -> (logarithm: Double, spread: Double)? {
    let own = samples.filter { $0.engine == one.engine && $0.measure == measure }.suffix(Self.mostSamples)
    guard !own.isEmpty else { return nil }
    let threads = one.threads ?? own.last?.threads.map(Double.init) ?? 1
    let place = Place(kind: one.quantKind, threads: threads, weightBytes: one.weightBytes, streams: streams)
    // What a sample does not tell is taken to be as asked: every sample has a place, and the places agree.
    let places = own.map { sample in
      Place(
        kind: sample.quantKind, threads: sample.threads.map(Double.init) ?? threads,
        weightBytes: sample.weightBytes ?? one.weightBytes, streams: sample.streams ?? 1)
    }
    let shared = places.map { $0.covariance(with: place) }
    var system = LinearSystem(size: places.count)
    for row in places.indices {
      for column in 0...row { system.set(row, column, to: places[row].covariance(with: places[column])) }
      system.addPrior(row, precision: Deviation.noise * Deviation.noise, residual: 0)
      system.set(right: row, to: shared[row])
    }
    guard let weights = system.solve(damping: 0) else { return nil }
    let mean = zip(weights, own).map { $0 * $1.slowdown }.reduce(0, +)
    let explained = zip(weights, shared).map { $0 * $1 }.reduce(0, +)
    let left = place.covariance(with: place) - explained + Deviation.noise * Deviation.noise
    return (mean, max(left, Deviation.noise * Deviation.noise).squareRoot())
  }

  /// What of a file and its server makes predictions go wrong alike.
  private struct Place {
    var kind: QuantKind
    var threads: Double
    var weightBytes: Double
    var streams: Double

    func covariance(with other: Place) -> Double {
      func alike(_ a: Double, _ b: Double) -> Double { exponential(-abs(naturalLog(max(1, a) / max(1, b)))) }
      return Deviation.machine * Deviation.machine + (kind == other.kind ? Deviation.kind * Deviation.kind : 0)
        + Deviation.threads * Deviation.threads * alike(threads, other.threads)
        + Deviation.size * Deviation.size * alike(weightBytes, other.weightBytes)
        + Deviation.streams * Deviation.streams * alike(streams, other.streams)
    }
  }

  func apply(to quantities: inout Quantities, for one: SpeedCase) {
    if let decode = correction(.decode, for: one) { quantities.shift(.stepFactor, by: decode.logarithm) }
    if let prefill = correction(.prefill, for: one) { quantities.shift(.prefillFactor, by: prefill.logarithm) }
  }

  /// 1.28 deviations on each side hold 80%.
  private static let deviationsOf80 = 1.28
  /// What a server adds is not in a calibration of single streams.
  private static let widening = 1.8

  /// Half-width of the 80% band after calibration, as a logarithm; of a load, as its steps and prompts tell it.
  func band(of measure: SpeedMeasure, for one: SpeedCase) -> Double? {
    let spreads = measure.bases.compactMap { correction($0, for: one)?.spread }
    guard spreads.count == measure.bases.count, let most = spreads.max() else { return nil }
    return Self.deviationsOf80 * most * (measure.isServing ? Self.widening : 1)
  }

  /// The logarithm of the factor on what the defaults say of a latency under load, and the half-width of its band, where
  /// loads were measured that tell more of it than single streams do.
  func loaded(_ measure: SpeedMeasure, for one: SpeedCase, streams: Double) -> (logarithm: Double, band: Double)? {
    guard let own = correction(measure, for: one, streams: streams) else { return nil }
    let width = Self.deviationsOf80 * own.spread
    guard width < band(of: measure, for: one) ?? .infinity else { return nil }
    return (own.logarithm, width)
  }
}

extension SpeedMeasure {
  /// The measures of a single stream on which this one rests.
  var bases: [SpeedMeasure] {
    switch self {
    case .decode, .prefill: [self]
    case .servingTimeToFirstToken: [.prefill]
    case .servingTimePerOutputToken, .servingThroughput: [.decode, .prefill]
    }
  }

  /// True for what is measured of a server under load.
  package var isServing: Bool { self != .decode && self != .prefill }

  var isSeconds: Bool { self == .servingTimePerOutputToken || self == .servingTimeToFirstToken }
}
