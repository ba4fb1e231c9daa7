public import Planning

/// A prediction for a row that its fit had not seen, beside what was measured.
struct HeldOutPrediction: Sendable {
  /// The row's name in the data.
  var id: String
  /// The name of the file that it stands in.
  var file: String
  var measured: Double
  var measure: SpeedMeasure
  var deviceClass: DeviceClass
  var family: String
  var source: String
  var scenario: String
  /// What the fit had seen of it.
  var known: Efficiencies.Knowledge
  /// Logarithm of predicted over measured.
  var error: Double

  /// Absolute error in percent of what was measured.
  var percent: Double { abs(exponential(error) - 1) * 100 }
}

/// What a fit is made without, to see how well it predicts what nobody told it.
public enum LeavingOut: String, Hashable, Sendable, CaseIterable {
  /// A family of devices: "a device that nobody measured".
  case device = "leave-devices-out"
  /// A model of one family: "a device that somebody measured".
  case model = "leave-models-out"
  /// A source with all its rows: "measured by somebody else, elsewhere".
  case source = "leave-sources-out"

  func label(of one: ReferenceCase) -> String {
    switch self {
    case .device: one.family
    case .model: "\(one.family)|\(one.model)"
    case .source: one.question.speedCase.source ?? ""
    }
  }
}

/// Fits the default efficiencies, and finds how well such a fit predicts what it has not seen.
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

  /// Returns the logarithms fitted on all cases.
  func logarithms() -> [String: Double] {
    var known: [String: Double] = [:]
    for (position, contains) in Self.blocks.enumerated() {
      let fitted = method.fit(data.cases.filter(contains), known: known) { Self.owns($0, block: position) }
      known.merge(fitted) { _, new in new }
    }
    return known
  }

  private static func owns(_ key: String, block: Int) -> Bool {
    if block == 2 { return key.hasPrefix("server.") }
    guard key.hasPrefix("local.") else { return false }
    let isPrompt = promptQuantities.contains { key.hasPrefix("local.\($0.name).") }
    return isPrompt == (block == 1)
  }

  private static let promptQuantities = Quantity.allCases.filter {
    $0.rawValue >= Quantity.prefillCompute.rawValue && $0.rawValue <= Quantity.prefillFactor.rawValue
  }

  /// Rounds from the whole fit to one without a device or a source: enough for medians to stand still.
  private static let rounds = 3

  /// Predicts every case from fits that each left out something that the case belongs to.
  func heldOut(_ way: LeavingOut, whole: [String: Double]) -> [HeldOutPrediction] {
    var out: [HeldOutPrediction] = []
    for (position, contains) in Self.blocks.enumerated() {
      let cases = data.cases.filter(contains)
      let owns = { Self.owns($0, block: position) }
      let known = whole.filter { !owns($0.key) }
      let labels = cases.map(way.label)
      func take(_ label: String, _ fitted: [String: Double]) {
        let efficiencies = Efficiencies(logarithms: known.merging(fitted) { _, new in new })
        for (one, own) in zip(cases, labels) where own == label {
          var prediction = Self.prediction(of: one, by: efficiencies)
          prediction.known.device = way != .device && prediction.known.device
          prediction.known.source = way != .source && prediction.known.source
          out.append(prediction)
        }
      }
      if way == .model {
        method.leavingOut(cases, labels: labels, known: known, whole: whole, isFitted: owns, use: take)
        continue
      }
      for label in Set(labels).sorted() {
        let others = zip(cases, labels).filter { $1 != label }.map(\.0)
        take(label, method.fit(others, known: known, from: whole, rounds: Self.rounds, isFitted: owns))
      }
    }
    return out
  }

  static func prediction(of one: ReferenceCase, by efficiencies: Efficiencies) -> HeldOutPrediction {
    let question = one.question
    let answer = question.answer(efficiencies.quantities(for: question.speedCase))
    let error = naturalLog(answer / one.measured)
    return HeldOutPrediction(
      id: one.id, file: one.file, measured: one.measured, measure: question.measure,
      deviceClass: question.speedCase.device.deviceClass, family: one.family,
      source: question.speedCase.source ?? "", scenario: one.scenario,
      known: efficiencies.knowledge(of: question.speedCase), error: error.isFinite ? error : 5)
  }

  /// Fits the defaults with the errors that bands are made of.
  public func efficiencies(origin: String) -> Efficiencies {
    let whole = logarithms()
    var errors = Self.errors(of: heldOut(.source, whole: whole), knowing: .init(device: true, source: false))
    errors.merge(Self.errors(of: heldOut(.device, whole: whole), knowing: .init(device: false, source: true))) { $1 }
    errors.merge(Self.errors(of: heldOut(.model, whole: whole), knowing: .init(device: true, source: true))) { $1 }
    return Efficiencies(origin: origin, logarithms: whole, errors: Self.withStrangers(errors))
  }

  /// Adds the errors where neither device nor source is known: what each of the two adds to a case of which both are.
  static func withStrangers(_ errors: [String: Efficiencies.FitError]) -> [String: Efficiencies.FitError] {
    var all = errors
    for (key, device) in errors where key.hasSuffix(".source") {
      let name = String(key.dropLast(".source".count))
      guard let source = errors["\(name).device"] else {
        all[name] = device
        continue
      }
      let both = min(errors["\(name).device+source"]?.band ?? 0, device.band, source.band)
      let band = (device.band * device.band + source.band * source.band - both * both).squareRoot()
      all[name] = Efficiencies.FitError(
        cases: min(device.cases, source.cases), medianPercent: max(device.medianPercent, source.medianPercent),
        band: band)
    }
    return all
  }

  /// Errors by measure and class: the 80% quantile of the absolute logarithm, drawn to that of all classes where few.
  static func errors(
    of predictions: [HeldOutPrediction], knowing known: Efficiencies.Knowledge
  ) -> [String: Efficiencies.FitError] {
    var errors: [String: Efficiencies.FitError] = [:]
    for (measure, all) in Dictionary(grouping: predictions, by: \.measure) {
      let common = balancedQuantile(all)
      errors["\(measure.rawValue).*\(known.suffix)"] = fitError(all, band: common)
      for (deviceClass, own) in Dictionary(grouping: all, by: \.deviceClass) {
        let families = Double(Set(own.map(\.family)).count)
        let share = families / (families + 2)
        let band = share * balancedQuantile(own) + (1 - share) * common
        errors["\(measure.rawValue).\(deviceClass.rawValue)\(known.suffix)"] = fitError(own, band: band)
      }
    }
    return errors
  }

  private static func fitError(_ predictions: [HeldOutPrediction], band: Double) -> Efficiencies.FitError {
    Efficiencies.FitError(
      cases: predictions.count, medianPercent: predictions.map(\.percent).quantile(0.5) ?? 0, band: band)
  }

  /// The quantile that holds 80% of a further family or source, with each counted alike up to the fourth root of its rows.
  ///
  /// The 80% quantile of those at hand holds 79% and less of the next, for families differ; 83% hold 80%. Where each counted by
  /// its square root, bands of servers held 88 to 93% of what was left out, those of prompts 72%.
  private static func balancedQuantile(_ predictions: [HeldOutPrediction]) -> Double {
    func group(_ one: HeldOutPrediction) -> String { "\(one.family)|\(one.source)" }
    func weight(_ rows: Int) -> Double { 1 / Double(rows).squareRoot().squareRoot() }
    let counts = Dictionary(grouping: predictions, by: group).mapValues(\.count)
    let weighted = predictions.map { (abs($0.error), weight(counts[group($0)] ?? 1)) }
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
