public import Planning

/// A prediction for a device that its fit had not seen, beside what was measured.
struct HeldOutPrediction: Sendable {
  /// The row's name in the data.
  var id: String
  /// The name of the file that it stands in.
  var file: String
  var measured: Double
  var measure: SpeedMeasure
  var deviceClass: DeviceClass
  var family: String
  /// Logarithm of predicted over measured.
  var error: Double

  /// Absolute error in percent of what was measured.
  var percent: Double { abs(exponential(error) - 1) * 100 }
}

/// Fits the default efficiencies, and finds how well such a fit predicts devices it has not seen.
public struct DefaultsFit: Sendable {
  let data: ReferenceData
  private let method = RobustFit()

  public init(_ data: ReferenceData) { self.data = data }

  /// Parts of the fit that share no effects, in the order in which they are made.
  ///
  /// The load on servers comes last, because a llama.cpp server's steps are those of the first parts.
  private static let blocks: [@Sendable (ReferenceCase) -> Bool] = [
    { $0.question.measure == .decode && $0.question.speedCase.stack == .local },
    { $0.question.measure == .prefill && $0.question.speedCase.stack == .local },
    { $0.question.speedCase.stack == .server || $0.question.measure.isServing },
  ]

  /// Returns the logarithms fitted on the cases whose family is not the one left out.
  ///
  /// Blocks in which the family has no case are the same with and without it and come from `whole`.
  func logarithms(leavingOut family: String? = nil, whole: [String: Double] = [:]) -> [String: Double] {
    var known: [String: Double] = [:]
    for (position, contains) in Self.blocks.enumerated() {
      let cases = data.cases.filter(contains)
      let isServer = position == 2
      if let family, !cases.contains(where: { $0.family == family }) {
        known.merge(whole.filter { Self.owns($0.key, block: position, isServer: isServer) }) { _, new in new }
        continue
      }
      let fitted = method.fit(cases.filter { $0.family != family }, known: known) {
        Self.owns($0, block: position, isServer: isServer)
      }
      known.merge(fitted) { _, new in new }
    }
    return known
  }

  private static func owns(_ key: String, block: Int, isServer: Bool) -> Bool {
    if isServer { return key.hasPrefix("server.") }
    guard key.hasPrefix("local.") else { return false }
    let isPrompt = promptQuantities.contains { key.hasPrefix("local.\($0.name).") }
    return isPrompt == (block == 1)
  }

  private static let promptQuantities = Quantity.allCases.filter {
    $0.rawValue >= Quantity.prefillCompute.rawValue && $0.rawValue <= Quantity.prefillFactor.rawValue
  }

  /// Predicts every case from a fit without its family.
  func heldOut(whole: [String: Double]) -> [HeldOutPrediction] {
    let byFamily = Dictionary(grouping: data.cases, by: \.family)
    return byFamily.keys.sorted().flatMap { family in
      let efficiencies = Efficiencies(logarithms: logarithms(leavingOut: family, whole: whole))
      return (byFamily[family] ?? []).map { Self.prediction(of: $0, by: efficiencies) }
    }
  }

  static func prediction(of one: ReferenceCase, by efficiencies: Efficiencies) -> HeldOutPrediction {
    let question = one.question
    let answer = question.answer(efficiencies.quantities(for: question.speedCase))
    let error = naturalLog(answer / one.measured)
    return HeldOutPrediction(
      id: one.id, file: one.file, measured: one.measured, measure: question.measure,
      deviceClass: question.speedCase.device.deviceClass, family: one.family, error: error.isFinite ? error : 5)
  }

  /// Fits the defaults with the errors that bands are made of.
  public func efficiencies(origin: String) -> Efficiencies {
    let whole = logarithms()
    return Efficiencies(origin: origin, logarithms: whole, errors: Self.errors(of: heldOut(whole: whole)))
  }

  /// Errors by measure and class: the 80% quantile of the absolute logarithm, drawn to that of all classes where few.
  static func errors(of predictions: [HeldOutPrediction]) -> [String: Efficiencies.FitError] {
    var errors: [String: Efficiencies.FitError] = [:]
    for (measure, all) in Dictionary(grouping: predictions, by: \.measure) {
      let common = balancedQuantile(all)
      errors["\(measure.rawValue).*"] = fitError(all, band: common)
      for (deviceClass, own) in Dictionary(grouping: all, by: \.deviceClass) {
        let families = Double(Set(own.map(\.family)).count)
        let share = families / (families + 2)
        let band = share * balancedQuantile(own) + (1 - share) * common
        errors["\(measure.rawValue).\(deviceClass.rawValue)"] = fitError(own, band: band)
      }
    }
    return errors
  }

  private static func fitError(_ predictions: [HeldOutPrediction], band: Double) -> Efficiencies.FitError {
    Efficiencies.FitError(
      cases: predictions.count, medianPercent: predictions.map(\.percent).quantile(0.5) ?? 0, band: band)
  }

  /// The quantile that holds 80% of a further family, with every family counted alike up to the square root of its rows.
  ///
  /// Families differ, so the 80% quantile of those at hand holds 79% and less of the next; 83% of them hold 80%.
  private static func balancedQuantile(_ predictions: [HeldOutPrediction]) -> Double {
    let counts = Dictionary(grouping: predictions, by: \.family).mapValues(\.count)
    let weighted = predictions.map { (abs($0.error), 1 / Double(counts[$0.family] ?? 1).squareRoot()) }
      .sorted { $0.0 < $1.0 }
    let total = weighted.map(\.1).reduce(0, +)
    var sum = 0.0
    for (error, weight) in weighted {
      sum += weight
      if sum >= 0.83 * total { return error }
    }
    return weighted.last?.0 ?? 0.7
  }
}
