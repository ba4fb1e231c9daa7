import Units

/// Prices that the user gives, and how costs are spread.
public struct CostBasis: Hashable, Sendable, Codable {
  /// Price of a whole box by the words that name it: `8x h100` = 250000.
  public var prices: [String: Double] = [:]
  /// For each kilowatt-hour.
  public var electricity: Double?
  public var years: Double = 3
  /// Share of the time at the busiest load.
  public var utilization: Double = 1
  /// What a service asks for a million output tokens, to break even with.
  public var pricePerMillionTokens: Double?
  public var currency = "USD"

  public init() {}

  static let hoursPerYear = 365.25 * 24
}

/// The prices that the user gave, and which machines of those considered each is for.
struct PriceOffers {
  private let offers: [PriceOffer]
  /// The words of every machine's whole name.
  private let wholeNames: Set<[String]>
  /// The offers whose first word some machine's name begins with: no other machine is meant by them.
  private let leading: Set<PriceOffer>

  init(_ prices: [String: Double], for machines: [String]) {
    offers = prices.map { PriceOffer($0.key, $0.value) }.sorted()
    let names = machines.map { PriceOffer($0, 0).words }
    wholeNames = Set(names)
    leading = Set(offers.filter { offer in names.contains { offer.leads($0) } })
  }

  /// Returns the offers for a machine, the most exact first.
  ///
  /// `h100` is the card before it is an instance with that card in its name, and `rtx-4080` is not `rtx-4080-super`.
  func offers(for machine: String) -> [PriceOffer] {
    let own = PriceOffer(machine, 0).words
    return offers.filter { offer in
      if wholeNames.contains(offer.words) { return offer.words == own }
      return leading.contains(offer) ? offer.leads(own) : offer.isPart(of: own)
    }
  }

  /// Says of which offers nothing that was considered is priced by.
  func notices(used: Set<String>, machines: [String]) -> [Reason] {
    offers.filter { !used.contains($0.text) }.map { offer in
      let isNamed = machines.contains { !offers(for: $0).filter { $0 == offer }.isEmpty }
      let near = nearestNames(to: offer.words.joined(separator: "-"), in: machines)
      return Reason(
        .unusedPrice,
        isNamed
          ? "the price for \"\(printable(offer.text))\" is for a number of accelerators that no box considered has"
          : "the price for \"\(printable(offer.text))\" is for none of the machines considered",
        remedy: isNamed || near.isEmpty ? nil : "did you mean \(near.joined(separator: ", "))?")
    }
  }
}

/// A price with the name that it was given for: `8x h100`.
struct PriceOffer: Hashable, Comparable {
  let text: String
  let price: Double
  /// Accelerators in the box that it is for.
  let count: Int
  fileprivate let words: [String]

  init(_ text: String, _ price: Double) {
    self.text = text
    self.price = price
    (count, words) = Self.parts(of: text)
  }

  /// The offer with more words, which says more exactly what it is for, comes first.
  static func < (left: PriceOffer, right: PriceOffer) -> Bool {
    (right.words.count, left.text) < (left.words.count, right.text)
  }

  /// True where it is the machine's name, with its count.
  func names(_ machine: String) -> Bool { (count, words) == Self.parts(of: machine) }

  /// True where each word is one of a machine's name, in full.
  fileprivate func isPart(of name: [String]) -> Bool {
    !words.isEmpty && words.allSatisfy { word in name.contains { Self.isSame(word, $0) } }
  }

  /// True where it is part of a name that begins as it does.
  fileprivate func leads(_ name: [String]) -> Bool {
    guard let first = words.first, let own = name.first else { return false }
    return Self.isSame(first, own) && isPart(of: name)
  }

  /// `sxm` is also `sxm5`, but `l4` is not `l40`.
  private static func isSame(_ word: String, _ other: String) -> Bool {
    guard other.hasPrefix(word), !word.contains(where: \.isNumber) else { return word == other }
    return other.dropFirst(word.count).allSatisfy(\.isNumber)
  }

  /// The count before an `x`, and the words after it.
  private static func parts(of text: String) -> (count: Int, words: [String]) {
    var words = text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "." }.map { String($0) }
    guard let first = words.first, let sign = first.firstIndex(of: "x"), let count = Int(first[..<sign]), count > 0
    else { return (1, words) }
    let rest = String(first[first.index(after: sign)...])
    words.removeFirst()
    return (count, rest.isEmpty ? words : [rest] + words)
  }
}
