/// Fitted constants of the speed model, kept as data with the error of their fit.
public struct Efficiencies: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.efficiencies/1"

  public var schema = Efficiencies.schema
  /// What it was fitted on and when, in a few words.
  public var origin: String
  /// Logarithms by key, as `local.weightBandwidth.class.nv-geforce`.
  public var logarithms: [String: Double]
  /// Errors on rows that were left out of the fit, by `measure.class` and by `measure.*`, each with what the fit knew of
  /// them: nothing, `.device`, `.source` or `.device+source`.
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

  /// What a fit has seen of a case: other models on its device, other rows of its source.
  public struct Knowledge: Hashable, Sendable {
    public var device: Bool
    public var source: Bool

    public init(device: Bool = false, source: Bool = false) {
      self.device = device
      self.source = source
    }

    /// The ending of the keys of errors.
    package var suffix: String {
      device ? source ? ".device+source" : ".device" : source ? ".source" : ""
    }
  }

  /// What these constants have seen of a case.
  package func knowledge(of one: SpeedCase) -> Knowledge {
    let quantities = one.stack == .local ? ["weightBandwidth", "prefillCompute"] : ["weightBandwidth"]
    func has(_ names: [String], _ kind: String, _ name: String) -> Bool {
      names.contains { logarithms["\(one.stack.rawValue).\($0).\(kind).\(name)"] != nil }
    }
    return Knowledge(
      device: has(quantities, "family", one.device.family),
      source: one.source.map { has(["stepFactor", "prefillFactor"], "source", $0) } ?? false)
  }

  /// Half-width of the 80% band of a measure for a case, as a logarithm, and whether its class was fitted.
  package func band(of measure: SpeedMeasure, for one: SpeedCase) -> (band: Double, isFitted: Bool) {
    band(of: measure, for: one.device.deviceClass, knowing: knowledge(of: one))
  }

  /// Half-width of the 80% band of a measure for a class of hardware, where so much is known of the device and the source.
  public func band(
    of measure: SpeedMeasure, for deviceClass: DeviceClass, knowing known: Knowledge
  ) -> (band: Double, isFitted: Bool) {
    if let own = errors["\(measure.rawValue).\(deviceClass.rawValue)\(known.suffix)"] { return (own.band, true) }
    let plain = band(of: measure, for: deviceClass)
    return (
      errors["\(measure.rawValue).*\(known.suffix)"].map { min($0.band, plain.band) } ?? plain.band, plain.isFitted
    )
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
