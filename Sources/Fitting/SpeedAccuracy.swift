public import Planning

/// How far predictions are from measurements, by measure: what `accuracy-speed` prints and writes.
public struct SpeedAccuracy: Hashable, Sendable, Codable {
  public var cases: Int
  /// Measurements that are not scored.
  public var skipped: Int
  public var medianPercent: Double
  public var p90Percent: Double
  /// Families of devices among the rows.
  public var families: Int
  /// The median over families of each family's median error: a device with hundreds of rows counts as one.
  public var medianFamilyPercent: Double
  /// Measured values within the 80% band, in percent.
  public var coverage80Percent: Double
  /// Median of predicted over measured: which way the predictions lean.
  public var medianRatio: Double
}

extension SpeedAccuracy {
  /// Scores of one way of predicting: overall by measure, and by measure and class.
  public struct Table: Hashable, Sendable {
    public var overall: [SpeedMeasure: SpeedAccuracy] = [:]
    public var byClass: [SpeedMeasure: [String: SpeedAccuracy]] = [:]
    public var byFamily: [SpeedMeasure: [String: SpeedAccuracy]] = [:]
    public var byFile: [SpeedMeasure: [String: SpeedAccuracy]] = [:]
    public var bySource: [SpeedMeasure: [String: SpeedAccuracy]] = [:]
    public var byScenario: [SpeedMeasure: [String: SpeedAccuracy]] = [:]
    /// Every row, in the order of the data's families.
    public var rows: [Row] = []
  }

  /// One measurement beside its prediction: tokens a second, or seconds.
  public struct Row: Hashable, Sendable, Codable {
    public var id: String
    public var file: String
    public var measure: String
    public var deviceClass: String
    public var family: String
    public var source: String
    public var scenario: String
    public var measured: Double
    public var predicted: Double
    /// Half-width of the 80% band, as a logarithm.
    public var band: Double
  }

  /// Scores efficiencies on data that they were not fitted on.
  public static func score(_ data: ReferenceData, with efficiencies: Efficiencies) -> Table {
    let predictions = data.cases.map { DefaultsFit.prediction(of: $0, by: efficiencies) }
    return table(predictions, data.leftOut) {
      efficiencies.band(of: $0.measure, for: $0.deviceClass, knowing: $0.known).band
    }
  }

  /// Scores fits that each leave something out; bands come from the errors on the rows of the others.
  public static func leavingOut(_ way: LeavingOut, of data: ReferenceData) -> Table {
    let fit = DefaultsFit(data)
    let predictions = fit.heldOut(way, whole: fit.logarithms())
    func label(_ one: HeldOutPrediction) -> String { way == .source ? one.source : one.family }
    var bands: [String: Efficiencies] = [:]
    let known = Efficiencies.Knowledge(device: way != .device, source: way != .source)
    for name in Set(predictions.map(label)) {
      bands[name] = Efficiencies(
        errors: DefaultsFit.errors(of: predictions.filter { label($0) != name }, knowing: known))
    }
    return table(predictions, data.leftOut) {
      bands[label($0)]?.band(of: $0.measure, for: $0.deviceClass, knowing: known).band ?? 0
    }
  }

  private static func table(
    _ predictions: [HeldOutPrediction], _ leftOut: [SpeedMeasure: [LeftOut: Int]], band: (HeldOutPrediction) -> Double
  ) -> Table {
    var table = Table()
    table.rows = predictions.map {
      Row(
        id: $0.id, file: $0.file, measure: $0.measure.rawValue, deviceClass: $0.deviceClass.rawValue, family: $0.family,
        source: $0.source, scenario: $0.scenario, measured: $0.measured, predicted: $0.measured * exponential($0.error),
        band: band($0))
    }
    for measure in SpeedMeasure.allCases {
      let own = predictions.filter { $0.measure == measure }
      table.overall[measure] = score(own, skipped: leftOut[measure]?.values.reduce(0, +) ?? 0, band: band)
      func parts(_ part: (HeldOutPrediction) -> String) -> [String: SpeedAccuracy] {
        Dictionary(grouping: own, by: part).mapValues { score($0, skipped: 0, band: band) }
      }
      table.byClass[measure] = parts(\.deviceClass.rawValue)
      table.byFamily[measure] = parts(\.family)
      table.byFile[measure] = parts(\.file)
      table.bySource[measure] = parts(\.source)
      table.byScenario[measure] = parts(\.scenario)
    }
    return table
  }

  private static func score(
    _ predictions: [HeldOutPrediction], skipped: Int, band: (HeldOutPrediction) -> Double
  ) -> SpeedAccuracy {
    let errors = predictions.map(\.percent)
    let within = predictions.count { abs($0.error) <= band($0) }
    let families = Dictionary(grouping: predictions, by: \.family).values.compactMap { $0.map(\.percent).quantile(0.5) }
    return SpeedAccuracy(
      cases: predictions.count, skipped: skipped, medianPercent: errors.quantile(0.5) ?? 0,
      p90Percent: errors.quantile(0.9) ?? 0, families: families.count,
      medianFamilyPercent: families.quantile(0.5) ?? 0,
      coverage80Percent: predictions.isEmpty ? 0 : Double(within) / Double(predictions.count) * 100,
      medianRatio: exponential(predictions.map(\.error).quantile(0.5) ?? 0))
  }
}
