/// Fitted constants of the speed model, kept as data with the error of their fit.
public struct Efficiencies: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.efficiencies/1"

  public var schema = Efficiencies.schema
  /// What it was fitted on and when, in a few words.
  public var origin: String
  /// Logarithms by key, as `local.weightBandwidth.class.nv-geforce`.
  public var logarithms: [String: Double]
  /// Errors on devices that were left out of the fit, by `measure.class` and by `measure.*`.
  public var errors: [String: FitError]

  public init(origin: String = "", logarithms: [String: Double] = [:], errors: [String: FitError] = [:]) {
    self.origin = origin
    self.logarithms = logarithms
    self.errors = errors
  }

  /// Error of a kind of prediction, on devices that the fit had not seen.
  public struct FitError: Hashable, Sendable, Codable {
    public var cases: Int
    public var medianPercent: Double
    /// Half-width of the 80% band as a logarithm.
    public var band: Double

    public init(cases: Int, medianPercent: Double, band: Double) {
      self.cases = cases
      self.medianPercent = medianPercent
      self.band = band
    }
  }

  /// Tells these constants from others: predictions made with different ones cannot be compared.
  public var fingerprint: String {
    let text = logarithms.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    let digest = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    return String(digest, radix: 16)
  }

  /// Returns the values of all quantities for a case; what was never fitted stays at its prior.
  package func quantities(for speedCase: SpeedCase) -> Quantities {
    var all = [Double](repeating: 0, count: Quantity.allCases.count)
    for quantity in Quantity.allCases {
      var sum = 0.0
      for effect in speedCase.effects(of: quantity) {
        sum += (logarithms[effect.key] ?? effect.mean) * effect.coefficient
      }
      all[quantity.rawValue] = sum
    }
    return Quantities(logarithms: all)
  }

  /// Half-width of the 80% band of a measure for a class of hardware, as a logarithm, and whether that class was fitted.
  public func band(of measure: SpeedMeasure, for deviceClass: DeviceClass) -> (band: Double, isFitted: Bool) {
    if let own = errors["\(measure.rawValue).\(deviceClass.rawValue)"] { return (own.band, true) }
    let all = errors["\(measure.rawValue).*"]?.band ?? 0.7
    // No device of the class has been seen: the error over all classes, widened by half.
    return (all * 1.5, false)
  }
}

/// What is predicted and measured; the names are keys of the errors of a fit.
public enum SpeedMeasure: String, Hashable, Sendable, Codable, CaseIterable {
  case decode = "decode"
  case prefill = "prefill"
  case servingTimePerOutputToken = "servingTPOT"
  case servingTimeToFirstToken = "servingTTFT"
  case servingThroughput = "servingThroughput"
}
