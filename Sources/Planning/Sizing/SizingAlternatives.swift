/// What stands beside the recommendation: less money and more risk, or more of the one and less of the other.
public struct SizingAlternatives: Hashable, Sendable, Codable {
  /// Costs less and is riskier; nil where there is none.
  public var riskier: SizingOption?
  /// Costs more and is surer; nil where there is none.
  public var safer: SizingOption?
  /// The least of the recommended machine that meets the targets by what is expected, however risky; of the cheapest
  /// machine where the recommended one cannot do with less. Nil where nothing less does.
  public var inTheMean: SizingOption?
  /// The cheapest that costs less in a form that may have to be converted first.
  public var converted: SizingOption?
}

extension Sizing {
  /// Beside what is recommended: what costs less and is riskier, what costs more and is surer, and what would do in the
  /// mean. Without a price power stands in for it, and what has none is held against what has none alone.
  public var alternatives: SizingAlternatives {
    guard let own = recommended else { return SizingAlternatives() }
    let alike = options.filter {
      ($0.totalCost == nil) == (own.totalCost == nil) && $0.hasToBeMade == own.hasToBeMade
    }
    let less = alike.filter { $0.worth < own.worth && $0.probability < own.probability }
    var mean = less.filter { !$0.isConfident && $0.machine == own.machine }.min { $0.isLess(than: $1) }
    mean = mean ?? less.filter { !$0.isConfident }.min { $0.isLess(than: $1) }
    // Of what is cheaper the surest: a coin's toss is no alternative to sign, unless nothing else is.
    let riskier = less.filter { $0.probability >= Self.leastProbability }
      .max { ($0.probability, -$0.worth) < ($1.probability, -$1.worth) }
    let sure = min(max(0.95, (1 + own.probability) / 2), 0.995)
    let safer = alike.filter { $0.worth > own.worth && $0.probability >= sure }.min { $0.isLess(than: $1) }
    let converted = options.filter {
      $0.isConfident && $0.hasToBeMade == true && ($0.totalCost == nil) == (own.totalCost == nil)
        && $0.worth < own.worth
    }.min { $0.isLess(than: $1) }
    return SizingAlternatives(
      riskier: riskier ?? mean, safer: safer, inTheMean: mean, converted: own.hasToBeMade == true ? nil : converted)
  }

  /// Both targets met just so by what is expected: the chance of two coins.
  private static let leastProbability = 0.25
}

extension SizingOption {
  /// What ranks it: its cost over the years, or its power.
  fileprivate var worth: Double { totalCost ?? watts ?? Double(accelerators) * 1000 }

  fileprivate func isLess(than other: SizingOption) -> Bool {
    (worth, -probability) < (other.worth, -other.probability)
  }
}
