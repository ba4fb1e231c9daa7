public import Planning
import Hardware
public import Units

extension Profiles {
  /// What hosts, network and hours cost by the lists that come with the program, in one currency.
  ///
  /// - Throws: `ProfileError` for a list that is of another form.
  public func sizingPrices(currency: String) throws -> (
    hosts: [HostPrice], network: Figure<Double>?, rents: [String: [RentOffer]]
  ) {
    let lists = try priceLists().filter { $0.currency == currency }
    let offers = lists.flatMap { list in list.offers.map { (list.seller, $0) } }
    let hosts = offers.compactMap { _, offer in
      offer.host.map {
        HostPrice(offer.item ?? "host", isForBoards: $0.isForBoards, most: $0.most, price: offer.amount)
      }
    }
    var rents: [String: [RentOffer]] = [:]
    for (seller, offer) in offers {
      guard let entry = offer.entry, let per = offer.per.flatMap({ Price.Unit(rawValue: $0) }) else { continue }
      var price = Price(amount: offer.amount, currency: currency, basis: "hourly")
      (price.per, price.term, price.region) = (per, offer.term, offer.region)
      if let rent = RentOffer(price, seller: seller, currency: currency) { rents[entry, default: []].append(rent) }
    }
    return (hosts, offers.first { $0.1.isNetwork == true }?.1.amount, rents)
  }
}
