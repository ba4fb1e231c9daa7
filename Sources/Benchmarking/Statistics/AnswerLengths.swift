public import Units

/// How long the answers of a load were on average.
///
/// Output throughput spreads a prompt's work over its answer's tokens, so loads whose answers differ in length do
/// different work for each token.
public struct AnswerLengths {
  /// Lengths that differ by more than this part of the shorter are not the same work.
  static let tolerance = 0.05

  /// Output tokens of a completed request; nil where none was completed or the tokens are not known.
  public let mean: Double?

  /// - Parameter loads: summaries of the stages that count together.
  public init(of loads: [RunSummary]) {
    let counted = loads.compactMap { load in load.outputTokens.map { (tokens: $0, requests: load.completed) } }
    let requests = counted.reduce(0) { $0 + $1.requests }
    mean = requests > 0 ? Double(counted.reduce(0) { $0 + $1.tokens }) / Double(requests) : nil
  }

  /// Why output throughput may not be held against that of `baseline`; nil where the lengths are alike or unknown.
  public func doubt(against baseline: AnswerLengths) -> Reason? {
    guard let mean, let other = baseline.mean, min(mean, other) > 0,
      max(mean, other) > (1 + Self.tolerance) * min(mean, other)
    else { return nil }
    return Reason(
      .lengthsDiffer,
      "its answers have \(mean.formatted(decimals: 1)) tokens on average, the baseline's "
        + "\(other.formatted(decimals: 1)), so output throughput is not comparable",
      remedy: "measure both on servers that keep to --output-tokens, or compare the time per output token")
  }
}
