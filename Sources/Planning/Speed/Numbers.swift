import Platform

// The C library's functions under names that do not collide with members of the types that call them.

/// Returns the base raised to the exponent.
package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// Returns the logarithm to base e.
package func naturalLog(_ value: Double) -> Double { log(value) }

/// Returns e raised to the value.
package func exponential(_ value: Double) -> Double { exp(value) }

/// Returns the logarithm to base 2.
package func binaryLog(_ value: Double) -> Double { log2(value) }

extension Array where Element == Double {
  /// The value below which a share of the elements lies, by linear interpolation; nil where there are none.
  package func quantile(_ share: Double) -> Double? {
    guard !isEmpty else { return nil }
    let ordered = sorted()
    let position = share * Double(ordered.count - 1)
    let below = Int(position.rounded(.down))
    let above = Swift.min(below + 1, ordered.count - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - Double(below))
  }
}
