public import Planning
import Hardware
public import Units

extension Profiles {
  /// What hosts, network and hours cost by the lists that come with the program, in the currency of the answer.
  ///
  /// - Throws: `ProfileError` for a list that is of another form.
  public func sizingPrices(_ costs: CostBasis) throws -> (
    hosts: [HostPrice], network: Figure<Double>?, rents: [String: [RentOffer]]
  ) {
    let lists = try priceLists()
    let offers = lists.flatMap { list in list.offers.map { (list.seller, list.currency, $0) } }
    func converted(_ amount: Figure<Double>, _ currency: String) -> Figure<Double>? {
      costs.converted(amount.value, from: currency).map { own in
        var source = amount.source
        source.detail += own.words
        return Figure(own.amount, source)
      }
    }
    let hosts = offers.compactMap { _, currency, offer -> HostPrice? in
      guard let host = offer.host, let price = converted(offer.amount, currency) else { return nil }
      return HostPrice(offer.item ?? "host", isForBoards: host.isForBoards, most: host.most, price: price)
    }
    var rents: [String: [RentOffer]] = [:]
    for (seller, currency, offer) in offers {
      guard let entry = offer.entry, let per = offer.per.flatMap({ Price.Unit(rawValue: $0) }) else { continue }
      var price = Price(amount: offer.amount, currency: currency, basis: "hourly")
      (price.per, price.term, price.region) = (per, offer.term, offer.region)
      if let rent = RentOffer(price, seller: seller, costs) { rents[entry, default: []].append(rent) }
    }
    let network = offers.first { $0.2.isNetwork == true }
    return (hosts, network.flatMap { converted($0.2.amount, $0.1) }, rents)
  }
}
