public import Hardware
import Units

/// What a machine, or one accelerator in somebody's machine, is rented for by the hour.
public struct RentOffer: Hashable, Sendable, Codable {
  /// Of one machine, or of one accelerator with its share of a host.
  public var perHour: Double
  public var isPerAccelerator: Bool
  /// True for a term of a year or more; else it ends with any hour.
  public var isReserved: Bool
  /// Seller, term, region and day.
  public var words: String

  public init(perHour: Double, isPerAccelerator: Bool, isReserved: Bool, words: String) {
    self.perHour = perHour
    self.isPerAccelerator = isPerAccelerator
    self.isReserved = isReserved
    self.words = words
  }

  /// Creates it from a price by the hour; nil for what is sold, for what may be taken away again (spot, markets, the
  /// community's machines), for estimates, and for a currency without a rate.
  public init?(_ price: Price, seller: String?, _ costs: CostBasis) {
    guard let unit = price.per, let amount = costs.converted(price.amount.value, from: price.currency),
      let term = Term(price.term ?? "on-demand")
    else { return nil }
    let place = price.region.map { ", \($0)" } ?? ""
    let day = price.amount.source.date.map { " of \($0)" } ?? ""
    self.init(
      perHour: amount.amount, isPerAccelerator: unit == .acceleratorHour, isReserved: term == .reserved,
      words: "\(seller.map { "\($0), " } ?? "")\(price.term ?? "on-demand")\(place), price\(day)\(amount.words)")
  }

  private enum Term {
    case onDemand, reserved

    /// Sellers have words of their own.
    init?(_ words: String) {
      let text = words.lowercased()
      guard !text.contains("estimate"), !text.contains("spot") else { return nil }
      if text.contains("reserved") || text.contains("year") {
        self = .reserved
      } else if text.contains("on-demand") {
        self = .onDemand
      } else {
        return nil
      }
    }
  }
}

extension [RentOffer] {
  /// The cheapest on demand and the cheapest reserved, for one box of so many accelerators.
  func best(accelerators: Int, isWhole: Bool) -> [RentOffer] {
    let usable = compactMap { offer -> RentOffer? in
      guard offer.isPerAccelerator || isWhole else { return nil }
      var copy = offer
      if offer.isPerAccelerator { copy.perHour *= Double(Swift.max(1, accelerators)) }
      copy.isPerAccelerator = false
      return copy
    }
    return [false, true].compactMap { isReserved in
      usable.filter { $0.isReserved == isReserved }.min { ($0.perHour, $0.words) < ($1.perHour, $1.words) }
    }
  }
}
