public import Units

/// Tests name codes by the words that other programs read, so that a word that changes fails a test.
///
/// The product compares cases and never words; a word that is no code's equals no case that is ever given.
extension ReasonCode: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = ReasonCode(rawValue: value) ?? .unrecognized }
}
