import ArgumentParser
import Foundation

/// A latency that is asked for: `2s`, `500ms`; a bare number is seconds.
struct LatencyTarget: ExpressibleByArgument, Hashable {
  var seconds: Double

  init?(argument: String) {
    let text = argument.lowercased().filter { $0 != " " }
    let units: [(ending: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("", 1)]
    guard let unit = units.first(where: { text.hasSuffix($0.ending) }),
      let value = Double(text.dropLast(unit.ending.count)), value.isFinite, value > 0
    else { return nil }
    seconds = value * unit.seconds
    isBare = unit.ending.isEmpty
  }

  private let isBare: Bool

  /// - Throws: a hint where a bare number is more seconds than anybody waits: milliseconds are meant.
  ///
  /// - Parameter most: seconds that somebody may mean.
  func check(_ name: String, most: Double = 1000) throws {
    guard isBare, seconds > most else { return }
    let number = seconds == seconds.rounded() ? "\(Int(min(seconds, 1e15)))" : "\(seconds)"
    throw ValidationError("\(name) \(number) is \(number) seconds: write \(number)ms for milliseconds, or \(number)s")
  }
}
