public import Engines
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
  public var costs: CostBasis
  public var options: [SizingOption]
  /// Every box that does not hold the load; a machine can be among the options too, in another number.
  public var failures: [SizingFailure]
  /// What of the question was not used, such as a price for a machine that is not considered.
  public var notices: [Reason]

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
  public var boxes: Int
  /// Accelerators in one box; 0 where the processor computes.
  public var acceleratorsPerBox: Int
  public var engine: String
  public var quantization: String
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
  /// True where the upper ends of the bands of both latencies are within the targets too.
  public var isSure: Bool
  /// True where devices of the class were measured under load; else the bands are wide.
  public var isMeasured: Bool
  /// Weights and cache at that load over the memory of the accelerators that serve.
  public var memoryUsedBytes: ByteCount
  public var memoryBytes: ByteCount
  /// Weights in the hosts' memory.
  public var hostMemoryUsedBytes: ByteCount?
  public var watts: Double?
  public var price: Double?
  public var priceSource: String?
  /// Purchase over the years and electricity, over the output tokens of those years.
  public var costPerMillionTokens: Double?
  /// The part of it that is electricity; nil where its price or the power is not known.
  public var energyCostPerMillionTokens: Double?
  /// Months after which buying is cheaper than the price per million tokens; nil where it never is or nothing is known.
  public var breakEvenMonths: Double?
  /// `cheapest`, `smallest`, `headroom`, `quality`.
  public var marks: [String] = []

  public var accelerators: Int { boxes * acceleratorsPerBox }
}
