public import Units

/// Prices that the user gives, and how costs are spread.
public struct CostBasis: Hashable, Sendable, Codable {
  /// Price of a whole box by the words that name it: `8x h100` = 250000.
  public var prices: [String: Double] = [:]
  /// Prices of an hour, by the same words.
  public var hourlyPrices: [String: Double] = [:]
  /// For each kilowatt-hour.
  public var electricity: Double?
  /// True where that price is a usual one, and nobody gave it.
  public var isElectricityAssumed = false
  /// Power of the building over that of the machines in it: cooling and losses.
  public var powerUsageEffectiveness: Double = 1
  /// Power without load over that under load.
  public var idleShare: Double = 0.3
  /// Rent of the space for a kilowatt, in a month.
  public var rackPerKilowattMonth: Double?
  /// Power that one rack takes.
  public var kilowattsPerRack: Double = 15
  /// Software licences for each accelerator, in a year.
  public var licencePerAcceleratorYear: Double?
  /// What a host costs for parts that are sold without one; nothing where none is known.
  public var hosts: [HostPrice] = []
  /// A port of a cluster's network for each box, where one server spans several; where the user states it, for each of
  /// several boxes.
  public var network: Figure<Double>?
  public var years: Double = 3
  /// The mean load over the busiest.
  public var utilization: Double = 1
  /// What a service asks for a million output tokens, to break even with.
  public var pricePerMillionTokens: Double?
  /// What it asks for a million input tokens.
  public var pricePerMillionInputTokens: Double?
  public var currency = "USD"
  /// Dollars for one unit of that currency, as the user states them; nil leaves out what is priced in dollars.
  public var dollarsPerUnit: Double?
  /// Factor on the prices of machines, hosts and rent, such as 1.2.
  public var scale: Double = 1

  public init() {}

  /// An amount in the currency of the answer, with words for its source where it was converted; nil where no rate is stated.
  public func converted(_ amount: Double, from code: String) -> (amount: Double, words: String)? {
    if code == currency { return (amount, "") }
    guard code == Self.dollars, let dollarsPerUnit, dollarsPerUnit > 0 else { return nil }
    return (amount / dollarsPerUnit, ", at \(rateWords(dollarsPerUnit)) (stated)")
  }

  /// `1.08 USD for 1 EUR`.
  func rateWords(_ rate: Double) -> String { "\(rate.formatted(significant: 4)) USD for 1 \(currency)" }

  public static let dollars = "USD"

  static let hoursPerYear = 365.25 * 24
  static let secondsPerDay = 86_400.0
}

/// What a host costs for accelerators that are sold without one.
public struct HostPrice: Hashable, Sendable, Codable {
  /// In words: `8-GPU server without its board`.
  public var words: String
  /// True for a board's server; else cards go into slots.
  public var isForBoards: Bool
  /// Accelerators that it takes at most.
  public var most: Int
  public var price: Figure<Double>

  public init(_ words: String, isForBoards: Bool, most: Int, price: Figure<Double>) {
    self.words = words
    self.isForBoards = isForBoards
    self.most = most
    self.price = price
  }
}
