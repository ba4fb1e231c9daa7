public import Engines
public import Models
public import Units

/// The answer: options ranked, and what cannot hold the load.
public struct Sizing: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.sizing/1"

  public var schema = Sizing.schema
  public var model: String
  /// Lengths and latency targets; how much of it there is says `demand`.
  public var workload: Workload
  public var demand: SizingDemand
  public var growth: Double
  /// True where the targets are kept at the upper ends of the bands.
  public var isPessimistic: Bool
  /// The probability with which all targets have to hold.
  public var confidence: Double
  /// Share of the requests whose first token has to be in time; nil for the mean.
  public var firstTokenPercentile: Double?
  /// Share of the requests whose time of a further token has to be within its target; nil for the mean.
  public var outputTokenPercentile: Double?
  /// Share of the prompts' tokens that the cache already holds.
  public var prefixHit: Double
  /// What guesses tokens, and how much of it is kept; nil where nothing does.
  public var speculation: SizingSpeculation?
  /// How the load runs through a day; nil where it was not stated.
  public var day: DayCurve?
  /// The task of the model: embedders and rerankers answer with one vector or score.
  public var task: ModelTask
  public var costs: CostBasis
  public var options: [SizingOption]
  /// Every box that does not hold the load; a machine can be among the options too, in another number.
  public var failures: [SizingFailure]
  /// What of the question was not used, such as a price for a machine that is not considered.
  public var notices: [Reason]
  /// How the answer changes with the question; nil where that was not asked.
  public var study: SizingStudy?

  /// The option to buy: the first that keeps the targets as surely as asked; nil where none does.
  public var recommended: SizingOption? { options.first.flatMap { $0.isConfident ? $0 : nil } }

  /// One failure for each machine that holds the load in no number: the largest box's.
  public var failedMachines: [SizingFailure] {
    let holding = Set(options.map(\.machine))
    var last: [String: SizingFailure] = [:]
    for failure in failures where !holding.contains(failure.machine) { last[failure.machine] = failure }
    return failures.filter { last[$0.machine] == $0 }
  }
}

/// Why a box is not among the options.
public struct SizingFailure: Hashable, Sendable, Codable {
  public var machine: String
  /// The box in words, with its number of accelerators.
  public var box: String
  /// The nearest that it came to holding the load, with what would.
  public var reason: Reason

  public init(machine: String, box: String, reason: Reason) {
    self.machine = machine
    self.box = box
    self.reason = reason
  }
}

/// One line of the answer: so many boxes of a kind that hold the load.
public struct SizingOption: Hashable, Sendable, Codable {
  /// The accelerator, processor or machine, as the catalogue or the question names it.
  public var machine: String
  /// One box in words: `8x h100-sxm5-80gb`.
  public var box: String
  /// All that are bought, those that may fail among them.
  public var boxes: Int
  /// Boxes of these that read prompts for the others; nil where every box does both.
  public var promptBoxes: Int?
  /// Boxes that may fail while the load is held.
  public var spareBoxes: Int
  /// The host that the accelerators are put into, where they are sold without one.
  public var host: String?
  /// Accelerators in one box; 0 where the processor computes.
  public var acceleratorsPerBox: Int
  public var engine: String
  public var quantization: String
  /// True where no list has a file of the form, so that it may have to be converted first; else nil.
  public var hasToBeMade: Bool?
  public var bitsPerWeight: Double
  /// True where the model answers as it was published: 8 bits a weight or more, or the original.
  public var keepsQuality: Bool
  /// Accelerators of one server; 1 where the processor computes.
  public var devicesPerServer: Int
  /// Accelerators that share each layer; the others of a server have layers of their own.
  public var tensorParallel: Int
  /// Accelerators over which whole experts are spread, as their width does not divide; nil where experts are cut.
  public var expertParallel: Int?
  /// Ranks with attention and cache of their own that share the experts; nil where there is one.
  public var dataParallel: Int?
  /// Layers whose experts lie in the host's memory.
  public var expertLayersOnHost: Int?
  /// Layers on the accelerators where the others lie in the host's memory, the output counted as one.
  public var layersOnDevices: Int?
  /// The arguments of `plan`, after the model, that plan one of its servers just so.
  public var plan: [String]
  /// Servers in one box.
  public var replicasPerBox: Int
  /// Requests in flight that one box holds within the targets.
  public var concurrencyPerBox: Int
  /// What one box holds in the terms of the demand: requests in flight, requests a second, or users.
  public var capacityPerBox: Double
  /// Load over capacity.
  public var utilization: Double
  /// Requests in flight over all boxes at the load asked for.
  public var inFlight: Double
  public var requestsPerSecond: Double
  /// At the load asked for, shared evenly.
  public var timeToFirstToken: Band?
  public var timePerOutputToken: Band?
  public var outputTokensPerSecond: Band?
  /// The probability that all targets hold, by the bands of the predictions.
  public var probability: Double
  /// True where that is as much as was asked for; what is not is never recommended.
  public var isConfident: Bool
  /// The probability in percent, rounded down: 79.6% is not the 80% that was asked for.
  public var sureness: String { probability >= 1 ? "100%" : "\(Int((probability * 100 + 1e-9).rounded(.down)))%" }
  /// True where the upper ends of the bands of both latencies are within the targets too.
  public var isSure: Bool
  /// True where devices of the class were measured under load; else the bands are wide.
  public var isMeasured: Bool
  /// Weights and cache at that load over the memory of the accelerators that serve.
  public var memoryUsedBytes: ByteCount
  public var memoryBytes: ByteCount
  /// Weights in the hosts' memory.
  public var hostMemoryUsedBytes: ByteCount?
  /// Power of all boxes under load.
  public var watts: Double?
  /// Of all boxes with hosts and network, where they can be bought.
  public var price: Double?
  public var priceSource: String?
  /// Every part of the costs, and every way to pay; the first way is what ranks.
  public var costs: SizingCosts?
  /// Purchase over the years and what running costs, or rent, over the output tokens of those years.
  public var costPerMillionTokens: Double?
  /// The part of it that is electricity; nil where its price or the power is not known, or rent includes it.
  public var energyCostPerMillionTokens: Double?
  /// Months after which it is cheaper than the service compared with; nil where it never is or nothing is known.
  public var breakEvenMonths: Double?
  /// `cheapest`, `smallest`, `headroom`, `quality`.
  public var marks: [String] = []

  public var accelerators: Int { boxes * acceleratorsPerBox }

  /// Cost over the years by the cheapest way to pay; nil where no price is known.
  public var totalCost: Double? { costs?.lines.first?.total }
}
