extension Double {
  /// An amount of money in whole units, the thousands apart: `1,234`.
  public var money: String { magnitude < 9e15 ? Int(rounded()).grouped : formatted(significant: 3) }

  /// A count as people write it: `32,518` where it is whole, else about three significant digits.
  public var grouped: String {
    self == rounded() && magnitude < 1e9 ? Int(self).grouped : formatted(significant: 3)
  }

  /// A share in percent: `0.8` is `80%`; what is not quite all is not 100%.
  public var percent: String {
    let whole = (self * 100).rounded()
    return self < 1 && whole >= 100 ? ">99%" : "\(whole.formatted(decimals: 0))%"
  }

  /// Writes the number with a fixed count of decimals and no locale; `unlimited` for infinity, `n/a` for not-a-number.
  public func formatted(decimals: Int) -> String {
    guard isFinite else { return isNaN ? "n/a" : (self < 0 ? "-unlimited" : "unlimited") }
    let places = Swift.max(0, Swift.min(decimals, 9))
    let power = (0..<places).reduce(1) { product, _ in product * 10 }
    let scaled = (magnitude * Double(power)).rounded()
    guard scaled < 9e15 else { return "\(self)" }
    let digits = Int(scaled)
    let sign = self < 0 && digits > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(digits)" }
    let fraction = String(digits % power)
    return "\(sign)\(digits / power).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }

  /// Writes the number with about this many significant digits: `0.0123`, `4.57`, `181`.
  public func formatted(significant: Int) -> String {
    guard isFinite, self != 0 else { return formatted(decimals: 0) }
    var exponent = 0
    var rest = magnitude
    while rest >= 10, exponent < 300 {
      rest /= 10
      exponent += 1
    }
    while rest < 1, exponent > -9 {
      rest *= 10
      exponent -= 1
    }
    return formatted(decimals: Swift.max(0, significant - 1 - exponent))
  }
}

extension Int {
  /// Writes the number with thin groups of three: `131,072`.
  public var grouped: String {
    let digits = String(magnitude)
    var out = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return self < 0 ? "-\(out)" : out
  }
}

/// Writes a span of seconds the way people read it: `12.3 ms`, `4.2 s`, `3 min 20 s`.
public func formattedSeconds(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "unlimited" }
  guard seconds.magnitude < 1e15 else { return "\(seconds) s" }
  switch seconds.magnitude {
  case ..<0.001: return "\((seconds * 1e6).formatted(significant: 3)) us"
  case ..<1: return "\((seconds * 1000).formatted(significant: 3)) ms"
  case ..<120: return "\(seconds.formatted(significant: 3)) s"
  case ..<7200:
    return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
  default: return "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
  }
}

/// A number with its noun: `1 file`, `2 files`.
public func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count.grouped) \(noun)s" }
