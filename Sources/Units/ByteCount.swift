/// An amount of memory or storage in bytes, never negative.
///
/// Codes as a plain integer. Arithmetic that could leave the range of `Int` is offered only in checked forms.
public struct ByteCount: Hashable, Sendable, Comparable {
  /// The number of bytes.
  public let bytes: Int

  /// Creates an amount; a negative number becomes zero.
  public init(_ bytes: Int) {
    self.bytes = max(0, bytes)
  }

  /// Creates an amount from a count that may not fit; nil when it is over `Int.max`.
  public init?(exactly bytes: UInt64) {
    guard let value = Int(exactly: bytes) else { return nil }
    self.bytes = value
  }

  public static let zero = ByteCount(0)

  public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(1 << 10) * count }
  public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(1 << 20) * count }
  public static func gibibytes(_ count: Int) -> ByteCount { ByteCount(1 << 30) * count }

  /// The amount in units of 2^20 bytes.
  public var mebibytes: Double { Double(bytes) / 1_048_576 }
  /// The amount in units of 2^30 bytes.
  public var gibibytes: Double { Double(bytes) / 1_073_741_824 }

  public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

  /// Returns the sum, held at `Int.max` where it would overflow, so that "does it fit" stays right.
  public static func + (left: ByteCount, right: ByteCount) -> ByteCount {
    let (sum, overflow) = left.bytes.addingReportingOverflow(right.bytes)
    return ByteCount(overflow ? Int.max : sum)
  }

  /// Returns the difference, zero where the right side is larger.
  public static func - (left: ByteCount, right: ByteCount) -> ByteCount {
    ByteCount(left.bytes > right.bytes ? left.bytes - right.bytes : 0)
  }

  public static func += (left: inout ByteCount, right: ByteCount) { left = left + right }

  /// Returns the product, held at `Int.max` where it would overflow.
  public static func * (left: ByteCount, count: Int) -> ByteCount {
    let (product, overflow) = left.bytes.multipliedReportingOverflow(by: max(0, count))
    return ByteCount(overflow ? Int.max : product)
  }

  /// Returns this amount scaled by a factor and rounded up; used for bands, never for exact sizes.
  public func scaled(by factor: Double) -> ByteCount {
    let value = (Double(bytes) * factor).rounded(.up)
    return ByteCount(value >= Double(Int.max) ? Int.max : Int(max(0, value)))
  }
}

extension ByteCount: Codable {
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer().decode(Int.self)
    guard value >= 0 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "an amount of memory cannot be negative"))
    }
    self.init(value)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }
}

extension ByteCount: CustomStringConvertible {
  /// The amount with a binary unit, as `4.61 GiB`; exact bytes below 1 KiB.
  public var description: String {
    let steps: [(Double, String)] = [
      (1_099_511_627_776, "TiB"), (1_073_741_824, "GiB"), (1_048_576, "MiB"), (1024, "KiB"),
    ]
    let value = Double(bytes)
    for (step, unit) in steps where value >= step {
      let scaled = value / step
      return "\(scaled.formatted(decimals: scaled < 10 ? 2 : scaled < 100 ? 1 : 0)) \(unit)"
    }
    return "\(bytes) B"
  }
}

extension ByteCount {
  /// Reads an amount as people write it: `128 GiB`, `80GB`, `512MiB`, `1.5 TB`, or plain bytes.
  ///
  /// `GiB`, `MiB` are binary; `GB`, `MB` are powers of ten; `G` and `M` alone are binary, as engines read them.
  /// Returns nil for anything else, a negative number, or an amount over `Int.max`.
  public init?(parsing text: String) {
    let trimmed = text.drop { $0 == " " }
    let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "_") }
    guard let number = Double(digits.filter { $0 != "_" }), number >= 0 else { return nil }
    let unit = trimmed.dropFirst(digits.count).filter { $0 != " " }.lowercased()
    let factors: [String: Double] = [
      "": 1, "b": 1, "k": 1024, "kib": 1024, "kb": 1e3, "m": 1_048_576, "mib": 1_048_576, "mb": 1e6,
      "g": 1_073_741_824, "gib": 1_073_741_824, "gb": 1e9, "t": 1_099_511_627_776, "tib": 1_099_511_627_776, "tb": 1e12,
    ]
    guard let factor = factors[unit] else { return nil }
    let value = (number * factor).rounded()
    guard value < Double(Int.max) else { return nil }
    self.init(Int(value))
  }
}
