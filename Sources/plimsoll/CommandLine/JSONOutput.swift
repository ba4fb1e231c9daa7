import Foundation
import Platform

/// Documents for other programs: keys sorted, slashes plain, numbers as they are.
enum JSONOutput {
  /// Prints a value as one indented document on standard output.
  static func print(_ value: some Encodable) throws {
    Terminal.result(try text(value))
  }

  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "unlimited", negativeInfinity: "-unlimited", nan: "unknown")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A value on one line; an empty object where it cannot be encoded.
  static func line(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
