/// Several questions side by side, such as one for each context: what each takes, and how much less than the next.
public struct SizingTiers: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.sizing-tiers/1"

  /// One question with its answer.
  public struct Tier: Hashable, Sendable, Codable {
    /// What makes it differ from the others.
    public var name: String
    public var sizing: Sizing

    public init(name: String, sizing: Sizing) {
      self.name = name
      self.sizing = sizing
    }
  }

  public var schema = SizingTiers.schema
  public var tiers: [Tier]

  public init(_ tiers: [Tier]) { self.tiers = tiers }

  /// Accelerators that each tier takes fewer than the next; nil where one of the two has no recommendation.
  public var fewerThanNext: [Int?] {
    tiers.indices.map { index in
      guard index + 1 < tiers.count, let own = tiers[index].sizing.recommended,
        let next = tiers[index + 1].sizing.recommended
      else { return nil }
      return next.accelerators - own.accelerators
    }
  }
}
