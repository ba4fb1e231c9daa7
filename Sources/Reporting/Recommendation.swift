public import Engines
public import Hub
public import Models
public import Planning
public import Units

/// How good a model is for a use, by what was published.
public struct PublishedQualityOfModel: Hashable, Sendable, Encodable {
  /// 0 to 100, on one scale for all models and tests of the use.
  public var index: Double
  /// True where nothing was published: what models of its size, date and kind usually have, less a deviation.
  public var isEstimated: Bool
  /// The published results that it is made of, the weightiest first.
  public var scores: [ModelEntry.Score]
  /// The date of the latest of them.
  public var latest: String?

  public init(index: Double, isEstimated: Bool, scores: [ModelEntry.Score], latest: String?) {
    self.index = index
    self.isEstimated = isEstimated
    self.scores = scores
    self.latest = latest
  }
}

/// What the parts of a score count.
public struct RecommendationWeights: Hashable, Sendable, Encodable {
  /// Published quality, less what the form loses.
  public var quality = 0.84
  /// Speed above the least for the use, on a scale of doublings up to eight times as fast.
  public var speed = 0.08
  /// Context that fits, on a scale of doublings from 4,096 to 131,072 tokens.
  public var context = 0.05
  /// Memory to spare.
  public var fit = 0.03

  public init() {}

  /// What counts for an objective: other people want other things of a list.
  public init(for objective: Objective.Kind) {
    switch objective {
    case .interactive: break
    case .quality: (quality, speed, context, fit) = (0.95, 0, 0.05, 0)
    case .speed: (quality, speed, context, fit) = (0.30, 0.65, 0.05, 0)
    case .throughput: (quality, speed, context, fit) = (0.60, 0.30, 0.05, 0.05)
    case .memory: (quality, speed, context, fit) = (0.40, 0.05, 0.05, 0.50)
    }
  }
}

/// One model with the form and engine that suit it best on the machine.
public struct Recommendation: Hashable, Sendable, Encodable {
  /// The catalogue's name: what `plimsoll run` takes.
  public var name: String
  public var repository: String
  public var maker: String
  public var license: String?
  public var isGated: Bool?
  public var released: String?
  public var parameters: Int
  public var activeParameters: Int
  public var tasks: [ModelEntry.Use]
  public var quality: PublishedQualityOfModel
  public var quantization: String
  public var engine: EngineKind
  /// The Hub's repository that publishes the form; nil where it has to be made.
  public var source: String?
  /// True where a repository of the model is in the Hub's cache already.
  public var isHere: Bool
  public var verdict: Verdict
  /// Output tokens a second of one stream; of an embedder input tokens.
  public var tokensPerSecond: Band?
  /// Tokens a second that it lacks of the least for the use; nil where it is fast enough, or its speed is not known.
  public var missingTokensPerSecond: Double?
  /// Tokens of context that fit.
  public var contextLength: Int?
  public var memoryHighBytes: ByteCount?
  /// Share of test scores that the form loses; nil where it is not known.
  public var scoreLost: Figure<Double>?
  public var concessions: [Reason]?
  /// What comes before the score: what loses little and is fast enough, then what loses more, then what is too slow.
  public var standing: Standing
  /// 0 to 100, by which models of one standing are ordered; the parts are before their weights, 0 to 1.
  public var score: Double
  public var parts: Parts

  public enum Standing: String, Hashable, Sendable, Encodable, CaseIterable, Comparable {
    /// Cramped: it has less context than the use needs, or leaves the system next to no memory.
    case good, cramped, lossy, slow

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }
    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// A share of test scores that few would miss.
  private static let littleLoss = 0.06

  public struct Parts: Hashable, Sendable, Encodable {
    public var quality: Double
    public var speed: Double
    public var context: Double
    public var fit: Double

    public init(quality: Double, speed: Double, context: Double, fit: Double) {
      (self.quality, self.speed, self.context, self.fit) = (quality, speed, context, fit)
    }

    public func score(_ weights: RecommendationWeights) -> Double {
      100 * (quality * weights.quality + speed * weights.speed + context * weights.context + fit * weights.fit)
    }
  }

  /// - Parameters:
  ///   - use: an embedder's speed is that of reading.
  ///   - isCramped: true where it has less context than the use needs, or leaves the system next to no memory.
  public init(
    _ entry: ModelEntry, _ option: PlanOption, for use: Use, quality: PublishedQualityOfModel, isCramped: Bool
  ) {
    name = entry.name
    repository = entry.repository
    maker = entry.maker
    license = entry.license
    isGated = entry.isGated
    released = entry.released
    parameters = entry.parameters
    activeParameters = entry.activeParameters
    tasks = entry.uses
    self.quality = quality
    quantization = option.quantization
    engine = option.engine
    source = option.repository
    isHere = false
    verdict = option.verdict
    tokensPerSecond = use == .embedding ? option.speed?.prefill : option.speed?.decode
    missingTokensPerSecond = option.missingTokensPerSecond
    contextLength = option.largestContext?.value
    memoryHighBytes = option.memory?.highBytes
    scoreLost = option.scoreLost
    concessions = option.concessions
    let isLossy = (option.scoreLost?.value ?? 1) > Self.littleLoss
    standing = option.missingTokensPerSecond != nil ? .slow : isLossy ? .lossy : isCramped ? .cramped : .good
    score = 0
    parts = Parts(quality: 0, speed: 0, context: 0, fit: 0)
  }
}

/// The models that a machine runs well, best first: `plimsoll.recommendation/1`.
public struct RecommendationDocument: Hashable, Sendable, Encodable {
  public var schema = "plimsoll.recommendation/1"
  public var machine: String
  public var use: Use
  public var objective: Objective
  public var weights = RecommendationWeights()
  /// Models of the catalogue, and how many of them were left for each reason.
  public var total: Int
  public var leftOut: LeftOut
  public var models: [Recommendation]
  /// Engines whose programs are on the machine; nil where that is not known, as of a machine elsewhere.
  public var enginesHere: [EngineKind]?

  /// What the Hub was asked for beside the catalogue; nil where it was not.
  public var online: Online?

  public struct Online: Hashable, Sendable, Encodable {
    /// Repositories that the catalogue does not know; those that rank high enough are listed.
    public var found: [String]
    /// Why there may be more.
    public var incomplete: Reason?
    public var cost: RequestLedger.Totals

    public init(found: [String], incomplete: Reason?, cost: RequestLedger.Totals) {
      (self.found, self.incomplete, self.cost) = (found, incomplete, cost)
    }
  }

  public struct LeftOut: Hashable, Sendable, Encodable {
    /// Not for this use, or not what the filters ask for.
    public var filtered = 0
    /// Of the rest: no form fits, or no engine runs one.
    public var doNotFit = 0
    /// The catalogue knows no dimensions of them.
    public var unknownShape = 0
    /// They could not have come before those that are listed.
    public var belowTheList = 0

    public init() {}
  }

  public init(
    machine: String, use: Use, objective: Objective, weights: RecommendationWeights = RecommendationWeights(),
    total: Int, leftOut: LeftOut, models: [Recommendation],
    enginesHere: Set<EngineKind>? = nil
  ) {
    self.enginesHere = enginesHere.map { here in EngineKind.allCases.filter(here.contains) }
    self.machine = machine
    self.use = use
    self.objective = objective
    self.weights = weights
    self.total = total
    self.leftOut = leftOut
    self.models = models
  }
}
