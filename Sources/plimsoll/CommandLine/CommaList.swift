import ArgumentParser
import Foundation

/// Comma-separated values of one option: `32k,64k,128k`.
struct CommaList<Element: ExpressibleByArgument & Hashable & Sendable>: ExpressibleByArgument, Hashable, Sendable {
  var values: [Element]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Element(argument: $0.trimmingCharacters(in: .whitespaces)) }
    guard !values.isEmpty, values.count == parts.count, parts.count <= 16 else { return nil }
    self.values = values
  }
}

/// A number above 0 as people write it: `200`, `1.5`, `10k`, `10M`.
struct Quantity: ExpressibleByArgument, Hashable, Sendable {
  var value: Double

  init?(argument: String) {
    var digits = Substring(argument)
    var factor = 1.0
    if let last = argument.last, let found = ["k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6][last] {
      factor = found
      digits = digits.dropLast()
    }
    guard let number = Double(digits), number.isFinite, number > 0, number * factor <= 1e12 else { return nil }
    value = number * factor
  }
}

/// A time with its unit: `90s`, `12h`, `2d`; a bare number is seconds where the option says so.
struct TimeSpan: ExpressibleByArgument, Hashable, Sendable {
  var seconds: Double
  var isBare: Bool

  init?(argument: String) {
    let text = argument.lowercased().filter { $0 != " " }
    let units: [(ending: String, seconds: Double)] = [
      ("ms", 0.001), ("min", 60), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("", 1),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.ending) }),
      let value = Double(text.dropLast(unit.ending.count)), value.isFinite, value >= 0
    else { return nil }
    seconds = value * unit.seconds
    isBare = unit.ending.isEmpty
  }
}

/// A share from 0 to 1, or in percent: `0.8`, `80%`.
struct Share: ExpressibleByArgument, Hashable, Sendable {
  var value: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument), number.isFinite else { return nil }
    // 90 is 90%: no share is above 1.
    value = isPercent || number > 1 ? number / 100 : number
    guard (0...1).contains(value) else { return nil }
  }

  /// - Throws: `ValidationError` for a prompt of which nothing would be left to read.
  func checkPrefixHit() throws {
    if value > 0.99 { throw ValidationError("--prefix-hit is from 0 to 0.99") }
  }
}

/// Growth of the load: a factor, or so much more each year: `1.5`, `30%/y`.
struct Growth: ExpressibleByArgument, Hashable, Sendable {
  var amount: Double
  var isPerYear: Bool

  init?(argument: String) {
    let text = argument.lowercased().filter { $0 != " " }
    isPerYear = ["/y", "/year", "/a"].contains { text.hasSuffix($0) }
    let number = isPerYear ? text.prefix { $0 != "/" } : text[...]
    guard number.hasSuffix("%") || !isPerYear else { return nil }
    guard let value = Double(number.hasSuffix("%") ? number.dropLast() : number), value.isFinite else { return nil }
    amount = number.hasSuffix("%") ? (isPerYear ? value / 100 : 1 + value / 100) : value
    guard isPerYear ? (0...10).contains(amount) : (0.01...1000).contains(amount) else { return nil }
  }
}
