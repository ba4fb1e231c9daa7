import Units

/// The prices that the user gave, and which machines of those considered each is for.
struct PriceOffers {
  private let offers: [PriceOffer]
  /// The words of every machine's whole name.
  private let wholeNames: Set<[String]>
  /// The offers whose first word some machine's name begins with: no other machine is meant by them.
  private let leading: Set<PriceOffer>

  /// - Parameter hourly: prices of an hour, by the same words.
  init(_ prices: [String: Double], hourly: [String: Double] = [:], for machines: [String]) {
    let all = prices.map { PriceOffer($0.key, $0.value) } + hourly.map { PriceOffer($0.key, $0.value, isHourly: true) }
    offers = all.sorted()
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
      guard offer.means(own) else { return false }
      return leading.contains(offer) ? offer.leads(own) : offer.isPart(of: own)
    }
  }

  /// The machines that one price is for, where they are several that differ in more than their number: which is meant
  /// has to be said.
  func ambiguous(among machines: [String]) -> [(offer: String, machines: [String])] {
    offers.compactMap { offer in
      let meant = machines.filter { offers(for: $0).contains(offer) }
      return Set(meant).count > 1 ? (offer.text, Array(Set(meant)).sorted()) : nil
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
          ? "the price for \"\(printable(offer.text))\" is for a number of GPUs that no box considered has"
          : "the price for \"\(printable(offer.text))\" matches none of the machines considered",
        remedy: isNamed || near.isEmpty ? nil : "did you mean \(near.joined(separator: ", "))?")
    }
  }
}

/// A price with the name that it was given for: `8x h100`.
struct PriceOffer: Hashable, Comparable {
  let text: String
  let price: Double
  let isHourly: Bool
  /// Accelerators in the box that it is for.
  let count: Int
  fileprivate let words: [String]

  init(_ text: String, _ price: Double, isHourly: Bool = false) {
    self.text = text
    self.price = price
    self.isHourly = isHourly
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

  /// Words that make another product of a name: a price that leaves them out is not for it.
  private static let variants: Set<String> = [
    "pcie", "nvl", "ti", "super", "max", "ultra", "pro", "xt", "xtx", "gre", "laptop", "mobile", "ada", "d",
  ]

  /// True where it says every word that makes the machine another product: a price for `h100` is none for `h100-nvl`.
  fileprivate func means(_ name: [String]) -> Bool {
    name.allSatisfy { !Self.variants.contains($0) || words.contains($0) }
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

  /// True where a count was said: `1x h100` is a box with one.
  var isForBox: Bool { Self.hasCount(text) }

  private static func hasCount(_ text: String) -> Bool {
    let first = text.lowercased().prefix { $0 != " " }
    guard let sign = first.firstIndex(of: "x") else { return false }
    return Int(first[..<sign]) != nil
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
