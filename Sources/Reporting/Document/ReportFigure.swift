import Units

/// A number of a report with its unit, its band where it is uncertain, and where it came from.
public struct ReportFigure: Hashable, Sendable, Codable {
  public var value: Double
  public var unit: ReportUnit
  public var low: Double?
  public var high: Double?
  public var source: String

  public init(_ value: Double, _ unit: ReportUnit, _ source: String, low: Double? = nil, high: Double? = nil) {
    self.value = value
    self.unit = unit
    self.source = source
    self.low = low
    self.high = high
  }

  init(_ band: Band, _ unit: ReportUnit) {
    let source = band.source.map { "\($0)" } ?? "plan"
    self.init(band.expected, unit, source, low: band.low, high: band.high)
  }

  init(_ figure: Figure<ByteCount>) {
    self.init(
      Double(figure.value.bytes), .bytes, "\(figure.source)", low: figure.low.map { Double($0.bytes) },
      high: figure.high.map { Double($0.bytes) })
  }

  /// The figure with its unit and band: `118 tok/s (94.4–148)`.
  public var text: String {
    guard let low, let high else { return unit.text(value) }
    return Self.banded(unit.text(value), low: unit.text(low), high: unit.text(high))
  }

  /// An amount with its band, the unit said once where it is the same: `290 ms (74.4 ms–1.13 s)`.
  static func banded(_ expected: String, low: String, high: String) -> String {
    func parts(_ text: String) -> [Substring] { text.split(separator: " ", maxSplits: 1) }
    let all = [expected, low, high].map(parts)
    guard all.allSatisfy({ $0.count == 2 }), Set(all.map { $0[1] }).count == 1 else {
      return "\(expected) (\(low)–\(high))"
    }
    return "\(expected) (\(all[1][0])–\(all[2][0]))"
  }
}

/// The units in which a report gives its figures; the raw value is what the JSON and CSV forms say.
public enum ReportUnit: String, Hashable, Sendable, Codable, CaseIterable {
  case seconds = "s"
  case bytes = "bytes"
  case tokensPerSecond = "tok/s"
  case requestsPerSecond = "req/s"
  case joulesPerToken = "J/tok"
  case joules = "J"
  case watts = "W"
  case bytesPerSecond = "bytes/s"
  case count = "count"
  case cores = "cores"
  case celsius = "degrees C"
  case megahertz = "MHz"
  /// A part of one, shown in per cent.
  case share = "ratio"

  /// Writes a value with the unit that suits its size.
  public func text(_ value: Double) -> String {
    switch self {
    case .seconds: formattedSeconds(value)
    case .bytes: value >= 0 && value < 9e18 ? "\(ByteCount(Int(value)))" : "n/a"
    case .bytesPerSecond: "\((value / 1e9).formatted(significant: 3)) GB/s"
    case .count:
      value == value.rounded() && value.magnitude < 1e15 ? Int(value).grouped : value.formatted(significant: 3)
    case .share: "\((value * 100).formatted(decimals: value != 0 && value.magnitude < 0.1 ? 1 : 0))%"
    case .celsius: "\(value.formatted(decimals: 0)) °C"
    case .tokensPerSecond, .requestsPerSecond, .joulesPerToken, .joules, .watts, .cores, .megahertz:
      "\(value.formatted(significant: 3)) \(rawValue)"
    }
  }

  /// Factor and name for the axis of a chart whose largest value is given.
  func axis(upTo largest: Double) -> (scale: Double, name: String) {
    switch self {
    case .seconds: largest < 1e-3 ? (1e6, "us") : largest < 1.5 ? (1e3, "ms") : (1, "s")
    case .bytes: largest < 1_073_741_824 ? (1 / 1_048_576, "MiB") : (1 / 1_073_741_824, "GiB")
    case .bytesPerSecond: (1e-9, "GB/s")
    case .share: (100, "%")
    default: (1, rawValue)
    }
  }
}
