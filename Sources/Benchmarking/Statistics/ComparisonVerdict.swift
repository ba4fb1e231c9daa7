import Platform
public import Units

/// What can be said of one quantity of two runs.
public struct ComparisonVerdict: Hashable, Sendable, Codable {
  public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable { case faster, slower, same, undecided }

  /// `output throughput`, `time to first token`...
  public var quantity: String
  /// The stage that was compared.
  public var stage: String
  public var outcome: Outcome
  /// The candidate's speed over the baseline's: above 1 the candidate is faster, whatever the quantity's own sense.
  public var ratio: RatioInterval?
  /// Differences up to this part of one count as the same.
  public var tolerance: Double
  public var floor: NoiseFloor
  /// Blocks to add on each side for a decision, where more of them would bring one.
  public var moreBlocks: Int?
  /// Why it was not decided, or why it may not be.
  public var reasons: [Reason]
}

extension ComparisonVerdict {
  /// Decides from an interval of the candidate's speed over the baseline's.
  ///
  /// `same` needs the whole interval within the tolerance or the noise floor, whichever is larger; `faster` and `slower`
  /// need it wholly beyond the noise floor. Anything else is undecided.
  public init(
    quantity: String, stage: String, ratio: RatioInterval?, tolerance: Double = 0.02, floor: NoiseFloor,
    doubts: [Reason] = []
  ) {
    // A floor that was only assumed can forbid a verdict, but nothing is called the same because of it.
    let margin = floor.source.kind == .assumed ? tolerance : max(tolerance, floor.share)
    self.init(
      quantity: quantity, stage: stage, outcome: .undecided, ratio: ratio, tolerance: margin, floor: floor,
      moreBlocks: nil, reasons: doubts)
    guard doubts.isEmpty else { return }
    guard let ratio else {
      moreBlocks = 3
      reasons = [
        Reason(
          .tooFewSamples, "an interval needs at least 3 blocks of requests per side",
          remedy: "measure more requests")
      ]
      return
    }
    decide(ratio, margin: log(1 + margin))
  }

  private mutating func decide(_ ratio: RatioInterval, margin: Double) {
    let noise = log(1 + floor.share)
    let (low, high) = (log(ratio.low), log(ratio.high))
    if low >= -margin, high <= margin {
      outcome = .same
    } else if low > noise {
      outcome = .faster
    } else if high < -noise {
      outcome = .slower
    } else {
      moreBlocks = Self.blocksNeeded(ratio, margin: margin, noise: noise)
      reasons = [Self.explanation(ratio, floor: floor)]
    }
  }

  /// The interval shrinks with the root of the number of blocks; it must come down to the nearest line.
  private static func blocksNeeded(_ ratio: RatioInterval, margin: Double, noise: Double) -> Int? {
    let distance = max(margin - log(ratio.estimate).magnitude, log(ratio.estimate).magnitude - noise)
    guard distance > 0, ratio.halfWidth > 0 else { return nil }
    let factor = ratio.halfWidth / distance
    let needed = (Double(ratio.blocks) * factor * factor).rounded(.up)
    guard needed < 10_000 else { return nil }
    return max(2, Int(needed) - ratio.blocks)
  }

  private static func explanation(_ ratio: RatioInterval, floor: NoiseFloor) -> Reason {
    let from = ((ratio.low - 1) * 100).formatted(decimals: 1)
    let to = ((ratio.high - 1) * 100).formatted(decimals: 1)
    let noise = (floor.share * 100).formatted(decimals: 1)
    return Reason(
      .undecided, "the difference is between \(from)% and \(to)%; the noise floor is \(noise)%",
      remedy: floor.source.kind == .assumed
        ? "measure in turns with plimsoll bench --compare, or compare equal runs three times to learn this machine's noise"
        : nil)
  }

  /// The verdict as a person says it: `same within 2.0%`, `slower by 7.4%`.
  public var sentence: String {
    switch outcome {
    case .same: return "same within \(toleranceWords)"
    case .faster: return "faster by \(difference ?? "an unknown amount")"
    case .slower: return "slower by \(difference ?? "an unknown amount")"
    case .undecided:
      let more = moreBlocks.map { ", \($0) more blocks per side needed" } ?? ""
      return "undecided\(more)"
    }
  }

  /// How much faster or slower: `20.7%`; nil where that is not decided.
  public var difference: String? {
    guard let ratio, [.faster, .slower].contains(outcome) else { return nil }
    return Self.percent(abs(ratio.estimate - 1))
  }

  /// Up to where a difference is none: `2.0%`.
  public var toleranceWords: String { Self.percent(tolerance) }

  private static func percent(_ share: Double) -> String { "\((share * 100).formatted(decimals: 1))%" }
}
