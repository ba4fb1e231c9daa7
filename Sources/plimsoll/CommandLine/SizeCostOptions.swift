import ArgumentParser
import Planning
import Profiles
import Units
import Workflows

/// What machines, their power and their place cost.
struct SizeCostOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A price, such as h100=3.50/h; repeatable.",
      valueName: "machine=price"))
  var price: [String] = []
  @Option(
    help: ArgumentHelp(
      "Answer in another currency: dollars for one, such as EUR=1.08.", valueName: "code=rate", visibility: .hidden))
  var exchange: ExchangeRate?
  @Option(
    help: ArgumentHelp("Price of a host for the GPUs (default: list prices).", valueName: "price", visibility: .hidden))
  var host: Money?
  @Option(
    help: ArgumentHelp("Price of a network port for each of several boxes.", valueName: "price", visibility: .hidden))
  var network: Money?
  @Option(help: ArgumentHelp("Price of a kilowatt-hour (default: 0.15/kWh).", valueName: "price"))
  var electricity: Money?
  @Option(
    help: ArgumentHelp("Power with cooling over power without (PUE).", valueName: "factor", visibility: .hidden))
  var pue: Double = 1.4
  @Option(help: ArgumentHelp("Rack space for a kilowatt, such as 180/month.", valueName: "price", visibility: .hidden))
  var rack: Money?
  @Option(help: ArgumentHelp("Software licence for one GPU, such as 4500/y.", valueName: "price", visibility: .hidden))
  var licencePerGpu: Money?
  @Option(help: ArgumentHelp("Years to count costs over.", valueName: "n")) var years: Double = 3
  @Option(
    help: ArgumentHelp(
      "Mean load over busiest load, 0 to 1 (default: from --day and --peak).", valueName: "share",
      visibility: .hidden))
  var utilization: Double?
  @Option(
    help: ArgumentHelp("Compare with a service's price for 1M output tokens.", valueName: "price"))
  var breakEven: Money?
  @Option(help: ArgumentHelp("The service's price for 1M input tokens.", valueName: "price", visibility: .hidden))
  var breakEvenInput: Money?

  func validate() throws {
    if !years.isFinite || !(0.1...20).contains(years) { throw ValidationError("--years is from 0.1 to 20") }
    if !pue.isFinite || !(1...4).contains(pue) { throw ValidationError("--pue is from 1 to 4") }
    if let utilization, !(utilization > 0 && utilization <= 1) {
      throw ValidationError("--utilization is above 0 and at most 1")
    }
    let allowed: [(String, Money?, [MoneyAmount.Period?])] = [
      ("--host", host, [nil]), ("--network", network, [nil]), ("--electricity", electricity, [nil, .kilowattHour]),
      ("--rack", rack, [nil, .month]), ("--licence-per-gpu", licencePerGpu, [nil, .year]),
      ("--break-even", breakEven, [nil]), ("--break-even-input", breakEvenInput, [nil]),
    ]
    for (name, money, periods) in allowed {
      try money?.check(name)
      if let money, !periods.contains(money.amount.per) {
        throw ValidationError("\(name) does not take a price for each \(money.amount.per?.rawValue ?? "purchase")")
      }
    }
    if breakEvenInput != nil, breakEven == nil { throw ValidationError("--break-even-input goes with --break-even") }
    _ = try currency()
  }

  private func prices() throws -> [(name: String, money: MoneyAmount)] {
    try price.map { text in
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else {
        throw ValidationError("a price is written as \"8x h100=250k\", not \"\(text)\"")
      }
      let money = try Money.parse(String(parts[1]), in: "--price \"\(text)\"")
      guard money.per == nil || money.per == .hour else {
        throw ValidationError("--price \"\(text)\": a machine is bought, or rented by the hour (/h)")
      }
      // No machine costs so little: an hour of one does.
      guard money.per == .hour || money.amount == 0 || money.amount >= 100 else {
        throw ValidationError(
          "--price \"\(text)\" buys a machine for \(parts[1]); write \(parts[0])=\(parts[1])/h for a price by the hour")
      }
      return (String(parts[0]), money)
    }
  }

  /// The currency of the answer: that of the rate, else the one that was written; dollars where none was.
  private func currency() throws -> String {
    let all =
      try prices().map(\.money)
      + [host, network, electricity, rack, licencePerGpu, breakEven, breakEvenInput].compactMap { $0?.amount }
    let codes = Set(all.compactMap(\.currency))
    if let exchange {
      let others = codes.subtracting([exchange.currency, CostBasis.dollars])
      guard others.isEmpty else {
        throw ValidationError("--exchange states no rate for \(others.sorted().joined(separator: " and "))")
      }
      return exchange.currency
    }
    guard codes.count <= 1 else {
      let other = codes.sorted().first { $0 != CostBasis.dollars } ?? ""
      throw ValidationError(
        "prices in \(codes.sorted().joined(separator: " and ")) cannot be added: give all of them in one currency"
          + (codes.contains(CostBasis.dollars) ? ", or a rate, such as --exchange \(other)=1.08" : ""))
    }
    return codes.first ?? CostBasis.dollars
  }

  func wishes() throws -> CostWishes {
    var wishes = CostWishes()
    (wishes.currency, wishes.dollarsPerUnit) = (try currency(), exchange?.dollars)
    var basis = CostBasis()
    (basis.currency, basis.dollarsPerUnit) = (wishes.currency, wishes.dollarsPerUnit)
    func own(_ money: MoneyAmount) -> Double {
      basis.converted(money.amount, from: money.currency ?? basis.currency)?.amount ?? money.amount
    }
    func amount(_ money: Money?) -> Double? { money.map { own($0.amount) } }
    for (name, money) in try prices() {
      if money.per == .hour { wishes.hourlyPrices[name] = own(money) } else { wishes.prices[name] = own(money) }
    }
    (wishes.host, wishes.network) = (amount(host), amount(network))
    (wishes.electricity, wishes.powerUsageEffectiveness) = (amount(electricity), pue)
    (wishes.rackPerKilowattMonth, wishes.licencePerAcceleratorYear) = (amount(rack), amount(licencePerGpu))
    (wishes.years, wishes.utilization) = (years, utilization)
    (wishes.pricePerMillionTokens, wishes.pricePerMillionInputTokens) = (amount(breakEven), amount(breakEvenInput))
    return wishes
  }
}

/// A currency with the dollars that one of it is worth: `EUR=1.08`.
struct ExchangeRate: ExpressibleByArgument, Hashable, Sendable {
  var currency: String
  var dollars: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let rate = Double(parts[1]), rate.isFinite, (1e-6...1e6).contains(rate) else { return nil }
    currency = parts[0].uppercased()
    dollars = rate
    let isCode = currency.count == 3 && currency.allSatisfy { $0.isASCII && $0.isLetter }
    guard isCode, currency != CostBasis.dollars else { return nil }
  }
}

/// An amount of money on the command line, or why it is none: that is said with the option's name.
struct Money: ExpressibleByArgument, Hashable {
  var amount: MoneyAmount
  private var problem: String?

  init?(argument: String) {
    do {
      amount = try Self.parse(argument, in: "")
    } catch {
      amount = MoneyAmount(0)
      problem = error.message
    }
  }

  /// - Throws: `ValidationError` for what is no amount, or means two.
  func check(_ name: String) throws {
    if let problem { throw ValidationError("\(name)\(problem)") }
  }

  /// - Throws: `ValidationError` that names both meanings of an ambiguous amount.
  static func parse(_ text: String, in option: String) throws(ValidationError) -> MoneyAmount {
    do {
      return try MoneyAmount(parsing: text)
    } catch .ambiguous(let whole, let decimal) {
      throw ValidationError("\(option): \(text) can mean two amounts: write \(whole) or \(decimal)")
    } catch {
      throw ValidationError("\(option): \"\(text)\" is not a price; write 250000, 30k, €30k or 3.50/h")
    }
  }
}
