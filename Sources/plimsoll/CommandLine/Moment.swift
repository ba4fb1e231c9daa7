import ArgumentParser
import Foundation

/// A moment on the command line: seconds since 1970, or `2026-11-24T12:00:00Z`.
struct Moment: ExpressibleByArgument {
  var secondsSince1970: Double

  init?(argument: String) {
    if let seconds = Double(argument) {
      guard seconds.isFinite, seconds >= 0 else { return nil }
      secondsSince1970 = seconds
    } else if let date = try? Date(argument, strategy: .iso8601) {
      secondsSince1970 = date.timeIntervalSince1970
    } else {
      return nil
    }
  }
}
