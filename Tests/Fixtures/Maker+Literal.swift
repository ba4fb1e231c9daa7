public import Hardware

/// Tests name makers by words, in any spelling.
extension Maker: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}
