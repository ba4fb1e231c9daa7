/// How long prompts or answers are, in tokens.
public enum LengthDistribution: Hashable, Sendable, Codable {
  case constant(Int)
  case uniform(low: Int, high: Int)
  case normal(mean: Double, deviation: Double)
  /// Given by its median and its deviation in log space, as lengths of real traffic are spread.
  case logNormal(median: Double, sigma: Double)

  /// Draws a length of at least one token.
  public func draw(from random: inout RandomSource) -> Int {
    switch self {
    case .constant(let count): return Swift.max(1, count)
    case .uniform(let low, let high):
      let (least, most) = (Swift.max(1, Swift.min(low, high)), Swift.max(1, low, high))
      return least + Int(random.next() % UInt64(most - least + 1))
    case .normal(let mean, let deviation): return Self.whole(mean + deviation * random.normal())
    case .logNormal(let median, let sigma): return Self.whole(median * random.logNormalFactor(sigma))
    }
  }

  /// The mean length.
  public var mean: Double {
    switch self {
    case .constant(let count): Double(count)
    case .uniform(let low, let high): Double(low + high) / 2
    case .normal(let mean, _): mean
    case .logNormal(let median, let sigma): median * RandomSource.exponential(of: sigma * sigma / 2)
    }
  }

  private static func whole(_ value: Double) -> Int { Int(Swift.min(Swift.max(value.rounded(), 1), 1e7)) }
}

/// Where prompts come from.
public struct DatasetSettings: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case synthetic, jsonl, shareGPT = "sharegpt", mooncake, azure
  }

  public var kind: Kind
  /// The file, where the kind has one.
  public var path: String?
  public var inputLength: LengthDistribution
  public var outputLength: LengthDistribution
  /// Tokens at the head of each prompt that are shared by all prompts of its group.
  public var sharedPrefixTokens: Int
  /// Groups of shared prefixes.
  public var prefixGroups: Int
  /// True where answers are of `outputLength` though the file says how long each is; nil in runs of older versions.
  public var replacesOutputLengths: Bool?
  /// Turns of each conversation; later turns carry the real answers of the earlier ones.
  public var turns: Int

  public init(
    kind: Kind = .synthetic, path: String? = nil, input: LengthDistribution = .constant(256),
    output: LengthDistribution = .constant(64)
  ) {
    self.kind = kind
    self.path = path
    inputLength = input
    outputLength = output
    sharedPrefixTokens = 0
    prefixGroups = 1
    turns = 1
  }
}
