/// An amount of money as people write it: `250000`, `30k`, `€ 1.2M`, `3.50/h`, `4,500 USD/y`.
public struct MoneyAmount: Hashable, Sendable {
  /// What an amount is paid for; nil is once.
  public enum Period: String, Hashable, Sendable, CaseIterable {
    case hour, month, year, kilowattHour

    fileprivate static let words: [String: Period] = [
      "h": .hour, "hr": .hour, "hour": .hour, "month": .month, "mo": .month, "y": .year, "yr": .year, "year": .year,
      "a": .year, "kwh": .kilowattHour,
    ]
  }

  public var amount: Double
  /// ISO code; nil where none was written.
  public var currency: String?
  public var per: Period?

  public init(_ amount: Double, currency: String? = nil, per: Period? = nil) {
    self.amount = amount
    self.currency = currency
    self.per = per
  }

  /// Why a text is no amount.
  public enum Problem: Error, Hashable, Sendable {
    case notAnAmount
    /// One mark with three digits after it: thousands here, decimals there.
    case ambiguous(whole: String, decimal: String)
  }

  private static let signs: [(sign: String, code: String)] = [
    ("US$", "USD"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("USD", "USD"), ("EUR", "EUR"), ("GBP", "GBP"),
    ("CHF", "CHF"),
  ]

  /// - Throws: `Problem` for what is no amount, and for one that means two.
  public init(parsing text: String) throws(Problem) {
    var rest = text.filter { !$0.isWhitespace }
    if let slash = rest.lastIndex(of: "/") {
      guard let period = Period.words[rest[rest.index(after: slash)...].lowercased()] else { throw .notAnAmount }
      per = period
      rest = String(rest[..<slash])
    }
    for (sign, code) in Self.signs where currency == nil {
      if rest.uppercased().hasPrefix(sign) {
        rest = String(rest.dropFirst(sign.count))
      } else if rest.uppercased().hasSuffix(sign) {
        rest = String(rest.dropLast(sign.count))
      } else {
        continue
      }
      currency = code
    }
    var factor = 1.0
    if let last = rest.last?.lowercased(), let found = ["k": 1e3, "m": 1e6][last] {
      factor = found
      rest = String(rest.dropLast())
    }
    amount = try Self.number(rest, isScaled: factor > 1) * factor
    guard amount.isFinite, amount >= 0 else { throw .notAnAmount }
  }

  /// A number with either mark for decimals and the other for thousands.
  private static func number(_ text: String, isScaled: Bool) throws(Problem) -> Double {
    guard let first = text.first, first.isNumber, text.allSatisfy({ $0.isASCII && ($0.isNumber || ".,".contains($0)) })
    else { throw .notAnAmount }
    let marks = text.filter { !$0.isNumber }
    func plain(dropping thousands: Character, decimal: Character?) throws(Problem) -> Double {
      let parts = text.split(separator: decimal ?? " ", omittingEmptySubsequences: false)
      let groups = parts[0].split(separator: thousands, omittingEmptySubsequences: false)
      guard parts.count <= 2, groups.dropFirst().allSatisfy({ $0.count == 3 }), (groups.first?.count ?? 0) >= 1,
        groups.count == 1 || (groups.first?.count ?? 0) <= 3,
        let value = Double(groups.joined() + (parts.count == 2 ? "." + parts[1] : ""))
      else { throw .notAnAmount }
      return value
    }
    switch Set(marks).count {
    case 0: return try plain(dropping: ",", decimal: nil)
    case 1:
      guard let mark = marks.first else { throw .notAnAmount }
      if marks.count > 1 { return try plain(dropping: mark, decimal: nil) }
      let parts = text.split(separator: mark, omittingEmptySubsequences: false)
      if parts[1].count == 3, !isScaled, parts[0] != "0", parts[0].count <= 3 {
        // The decimal without its last zeros means one thing alone; one with none gets a zero more.
        let digits = String(parts[1].reversed().drop { $0 == "0" }.reversed())
        let decimal = digits.count == 3 ? digits + "0" : digits.isEmpty ? "0" : digits
        throw .ambiguous(whole: parts.joined(), decimal: "\(parts[0]).\(decimal)")
      }
      return try plain(dropping: mark == "." ? "," : ".", decimal: mark)
    default:
      guard let last = marks.last, let thousands = marks.first else { throw .notAnAmount }
      return try plain(dropping: thousands, decimal: last)
    }
  }
}
