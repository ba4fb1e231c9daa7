import Platform

/// The value of an expression of a configuration's keys, such as `num_attention_heads*head_dim`.
///
/// Sums, products, `//` (rounded down), `/`, and the functions int, round, ceil, floor and pow; names may have dots.
struct KeyExpression {
  private var rest: Substring
  private let lookup: (String) -> Double?

  /// Returns the value; nil where a key is missing, the text is none, or the result is no number.
  static func value(_ text: String, _ lookup: @escaping (String) -> Double?) -> Double? {
    var expression = KeyExpression(rest: text[...], lookup: lookup)
    guard let value = expression.sum(), expression.rest.isEmpty, value.isFinite else { return nil }
    return value
  }

  private mutating func take(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  private mutating func sum() -> Double? {
    guard var value = product() else { return nil }
    while true {
      if take("+") {
        guard let next = product() else { return nil }
        value += next
      } else if take("-") {
        guard let next = product() else { return nil }
        value -= next
      } else {
        return value
      }
    }
  }

  private mutating func product() -> Double? {
    guard var value = atom() else { return nil }
    while true {
      if take("//") {
        guard let next = atom(), next != 0 else { return nil }
        value = (value / next).rounded(.down)
      } else if take("*") {
        guard let next = atom() else { return nil }
        value *= next
      } else if take("/") {
        guard let next = atom(), next != 0 else { return nil }
        value /= next
      } else {
        return value
      }
    }
  }

  private mutating func atom() -> Double? {
    if take("(") {
      guard let value = sum(), take(")") else { return nil }
      return value
    }
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    guard !word.isEmpty else { return nil }
    rest = rest.dropFirst(word.count)
    if take("(") { return function(String(word)) }
    // `1e-05` is the one number with a sign inside; none of the tables' dimensions needs it.
    return Double(word) ?? lookup(String(word))
  }

  private mutating func function(_ name: String) -> Double? {
    guard let first = sum() else { return nil }
    var second: Double?
    if take(",") {
      guard let value = sum() else { return nil }
      second = value
    }
    guard take(")") else { return nil }
    switch (name, second) {
    case ("int", nil): return first.rounded(.towardZero)
    case ("round", nil): return first.rounded(.toNearestOrEven)
    case ("ceil", nil): return first.rounded(.up)
    case ("floor", nil): return first.rounded(.down)
    case ("pow", let exponent?): return pow(first, exponent)
    default: return nil
    }
  }
}
