/// How the load runs through a day: 24 hours, each over the busiest one, and the days of a week that are so.
public struct DayCurve: Hashable, Sendable, Codable {
  public var name: String
  public var hours: [Double]
  public var daysPerWeek: Double
  /// Where it is from.
  public var source: String

  public enum Problem: Error, Hashable, Sendable {
    case notADay
  }

  /// Takes 24 amounts of any unit; the busiest hour is 1.
  ///
  /// - Throws: `Problem.notADay` for another number of hours, for a negative one, and where there is no load at all.
  public init(name: String, hours: [Double], daysPerWeek: Double = 7, source: String) throws(Problem) {
    let most = hours.max() ?? 0
    guard hours.count == 24, most > 0, hours.allSatisfy({ $0.isFinite && $0 >= 0 }), (0.1...7).contains(daysPerWeek)
    else { throw .notADay }
    self.init(checked: name, hours.map { $0 / most }, daysPerWeek, source)
  }

  /// Reads a file's 24 numbers, with spaces, lines, commas or semicolons between them.
  ///
  /// - Throws: `Problem.notADay`.
  public init(reading text: some StringProtocol, name: String) throws(Problem) {
    let words = text.split { $0.isWhitespace || $0 == "," || $0 == ";" }
    let hours = words.compactMap { Double(String($0)) }
    guard hours.count == words.count else { throw .notADay }
    try self.init(name: name, hours: hours, source: "file \(name)")
  }

  private init(checked name: String, _ hours: [Double], _ daysPerWeek: Double, _ source: String) {
    self.name = name
    self.hours = hours
    self.daysPerWeek = daysPerWeek
    self.source = source
  }

  /// One office: five days, nine to five with a dip at noon.
  public static let office = DayCurve(
    checked: "office",
    [
      0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.05, 0.2, 0.6, 0.9, 1, 1, 0.7, 0.8, 1, 1, 0.9, 0.6, 0.25, 0.1, 0.05, 0.03,
      0.02, 0.01,
    ], 5, "assumed: office hours of one time zone")

  /// Users in all time zones: never less than half.
  public static let global = DayCurve(
    checked: "global",
    [
      0.7, 0.65, 0.6, 0.55, 0.5, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9, 0.9, 0.95, 1, 1, 1, 0.95, 0.95, 0.9, 0.85, 0.8,
      0.8, 0.75,
    ], 7, "assumed: users in all time zones")

  /// The mean load of a week over its busiest hour.
  public var meanOverPeak: Double { hours.reduce(0, +) / 24 * daysPerWeek / 7 }
}

/// How the load grows over the years: what is bought holds the last year's.
public struct LoadGrowth: Hashable, Sendable, Codable {
  /// The load at the end over that at the start.
  public var factor: Double
  /// The mean over the years over the load at the end.
  public var meanOverEnd: Double

  /// The same load all the time, a number of times what was stated.
  public init(factor: Double) {
    self.factor = factor
    meanOverEnd = 1
  }

  /// So much more each year, such as 0.3: at the end it is (1 + g)^years, and on average the integral of that.
  public init(perYear: Double, years: Double) {
    factor = power(1 + perYear, years)
    let rate = naturalLog(1 + perYear)
    meanOverEnd = abs(rate * years) < 1e-9 ? 1 : (factor - 1) / (rate * years) / factor
  }
}
