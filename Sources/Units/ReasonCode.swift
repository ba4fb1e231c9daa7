/// A stable name for why something was refused, chosen, doubted or failed; printed with its sentence and kept in JSON.
///
/// Codes are lower-case words joined by hyphens and never change their meaning once released.
public struct ReasonCode: Hashable, Sendable, Codable, RawRepresentable, ExpressibleByStringLiteral {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(stringLiteral value: String) { self.rawValue = value }

  public init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

extension ReasonCode: CustomStringConvertible {
  public var description: String { rawValue }
}

/// A reason code with the sentence that a person reads.
public struct Reason: Hashable, Sendable, Codable {
  public var code: ReasonCode
  /// One sentence, with the figures that decided.
  public var message: String
  /// The nearest thing that would work, or what to do, where there is one.
  public var remedy: String?

  public init(_ code: ReasonCode, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }
}

/// A refusal in a `Result` is its reason.
extension Reason: Error {}
