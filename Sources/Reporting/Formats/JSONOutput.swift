import Foundation
import Units

/// Documents for other programs: keys sorted, slashes plain, numbers as they are.
public enum JSONOutput {
  /// Returns a value as one indented document.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "unlimited", negativeInfinity: "-unlimited", nan: "unknown")
    return plain(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Writes what could steer a terminal as JSON's own escapes: the values stay the same.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0 != "\n" && $0.isSteering }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard scalar != "\n", scalar.isSteering else {
        result.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        result.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
      }
    }
    return String(result)
  }

  /// A value on one line; an empty object where it cannot be encoded.
  public static func line(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
