public import Units

/// What measurements on one machine say against the defaults: factors on the time of steps and prompts.
///
/// Two factors by kind of quantization and one common to all: what a Q4 file shows is carried to a Q5 file, and to other
/// models, in the measure in which kinds have been seen to agree.
public struct SpeedCalibration: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.calibration/1"

  /// One measurement beside what the defaults predicted.
  public struct Sample: Hashable, Sendable, Codable {
    public var measure: SpeedMeasure
    public var engine: String
    public var quantKind: QuantKind
    public var threads: Int?
    public var predicted: Double
    public var measured: Double
    public var source: Source

    public init(
      measure: SpeedMeasure, engine: String, quantKind: QuantKind, threads: Int?, predicted: Double, measured: Double,
      source: Source
    ) {
      self.measure = measure
      self.engine = engine
      self.quantKind = quantKind
      self.threads = threads
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

  /// The logarithm of the factor on time for a measure, and the spread that is left about it; nil without samples.
  ///
  /// Samples of the same kind of quantization weigh four times as much as others of the engine.
  public func correction(_ measure: SpeedMeasure, engine: String, kind: QuantKind) -> (
    logarithm: Double, spread: Double
  )? {
    let own = samples.filter { $0.engine == engine && $0.measure.isPrompt == measure.isPrompt }
    guard !own.isEmpty else { return nil }
    let weights = own.map { $0.quantKind == kind ? 4.0 : 1.0 }
    let total = weights.reduce(0, +)
    let mean = zip(own, weights).map { $0.slowdown * $1 }.reduce(0, +) / total
    let variance = zip(own, weights).map { ($0.slowdown - mean) * ($0.slowdown - mean) * $1 }.reduce(0, +) / total
    // One sample shows nothing of the spread: 12% stands for it and fades as samples come.
    let prior = 0.12
    let count = Double(own.count)
    return (mean, ((variance * count + prior * prior) / (count + 1)).squareRoot())
  }

  func apply(to quantities: inout Quantities, for one: SpeedCase) {
    if let decode = correction(.decode, engine: one.engine, kind: one.quantKind) {
      quantities.shift(.stepFactor, by: decode.logarithm)
    }
    if let prefill = correction(.prefill, engine: one.engine, kind: one.quantKind) {
      quantities.shift(.prefillFactor, by: prefill.logarithm)
    }
  }

  /// Half-width of the 80% band after calibration, as a logarithm.
  func band(of measure: SpeedMeasure, for one: SpeedCase) -> Double? {
    guard let own = correction(measure, engine: one.engine, kind: one.quantKind) else { return nil }
    // 1.28 deviations on each side hold 80%; what a server adds is not in a calibration of single streams.
    return 1.28 * own.spread * (measure.isServing ? 1.8 : 1)
  }
}

extension SpeedMeasure {
  var isPrompt: Bool { self == .prefill || self == .servingTimeToFirstToken }
  var isSeconds: Bool { self == .servingTimePerOutputToken || self == .servingTimeToFirstToken }
}
