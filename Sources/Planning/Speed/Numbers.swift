#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's functions under names that do not collide with members of the types that call them.

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

func naturalLog(_ value: Double) -> Double { log(value) }

func exponential(_ value: Double) -> Double { exp(value) }

func binaryLog(_ value: Double) -> Double { log2(value) }

extension Array where Element == Double {
  /// The value below which a share of the elements lies, by linear interpolation; nil where there are none.
  func quantile(_ share: Double) -> Double? {
    guard !isEmpty else { return nil }
    let ordered = sorted()
    let position = share * Double(ordered.count - 1)
    let below = Int(position.rounded(.down))
    let above = Swift.min(below + 1, ordered.count - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - Double(below))
  }
}
