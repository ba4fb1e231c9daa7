public import Hardware
public import Units

/// What is to be held, and what may be bought for it.
public struct SizingRequest: Sendable {
  public var modelName: String
  public var traits: ModelTraits
  /// Ways to store the model that may be considered, best quality first.
  public var quantizations: [SizingQuantization]
  /// Load, lengths and latency targets at the busiest time.
  public var workload: Workload
  /// Factor by which the load is to grow within what is bought.
  public var growth: Double = 1
  /// Machines and accelerators to consider.
  public var candidates: [Machine]
  public var counts: [Int] = [1, 2, 4, 8]
  public var mostBoxes = 64
  public var costs = CostBasis()

  public init(
    modelName: String, traits: ModelTraits, quantizations: [SizingQuantization], workload: Workload,
    candidates: [Machine]
  ) {
    self.modelName = modelName
    self.traits = traits
    self.quantizations = quantizations
    self.workload = workload
    self.candidates = candidates
  }
}

/// A way to store a model, and the kind of engine that reads it.
public struct SizingQuantization: Hashable, Sendable, Codable {
  public var name: String
  public var bitsPerWeight: Double
  /// `gguf`, `safetensors` or `mlx`.
  public var format: String

  public init(name: String, bitsPerWeight: Double, format: String) {
    self.name = name
    self.bitsPerWeight = bitsPerWeight
    self.format = format
  }

  /// The ways that are usually published, best quality first within each format.
  public static let usual: [SizingQuantization] = [
    SizingQuantization(name: "BF16", bitsPerWeight: 16, format: "safetensors"),
    SizingQuantization(name: "FP8", bitsPerWeight: 8.1, format: "safetensors"),
    SizingQuantization(name: "NVFP4", bitsPerWeight: 4.7, format: "safetensors"),
    SizingQuantization(name: "AWQ", bitsPerWeight: 4.3, format: "safetensors"),
    SizingQuantization(name: "Q8_0", bitsPerWeight: 8.5, format: "gguf"),
    SizingQuantization(name: "Q6_K", bitsPerWeight: 6.6, format: "gguf"),
    SizingQuantization(name: "Q4_K_M", bitsPerWeight: 4.85, format: "gguf"),
    SizingQuantization(name: "8bit", bitsPerWeight: 8.5, format: "mlx"),
    SizingQuantization(name: "4bit", bitsPerWeight: 4.55, format: "mlx"),
  ]
}

/// Prices that the user gives, and how costs are spread.
public struct CostBasis: Hashable, Sendable, Codable {
  /// Price of a whole box by the words that name it: `8x h100` = 250000.
  public var prices: [String: Double] = [:]
  /// For each kilowatt-hour.
  public var electricity: Double?
  public var years: Double = 3
  /// Share of the time at the busiest load.
  public var utilization: Double = 1
  /// What a service asks for a million output tokens, to break even with.
  public var pricePerMillionTokens: Double?
  public var currency = "USD"

  public init() {}
}

/// One line of the answer: so many boxes of a kind that hold the load.
public struct SizingOption: Hashable, Sendable, Codable {
  /// The accelerator, processor or machine.
  public var machine: String
  public var boxes: Int
  /// Accelerators in one box; 0 where the processor computes.
  public var acceleratorsPerBox: Int
  public var engine: String
  public var quantization: String
  public var tensorParallel: Int
  /// Servers in one box.
  public var replicasPerBox: Int
  /// Requests in flight that one box holds within the targets.
  public var concurrencyPerBox: Int
  /// Load over capacity.
  public var utilization: Double
  /// At the load asked for, shared evenly.
  public var timeToFirstToken: Band?
  public var timePerOutputToken: Band?
  public var outputTokensPerSecond: Band?
  /// Weights and cache at that load over the memory of the accelerators.
  public var memoryUsedBytes: ByteCount
  public var memoryBytes: ByteCount
  public var watts: Double?
  public var price: Double?
  public var priceSource: String?
  public var costPerMillionTokens: Double?
  /// Months after which buying is cheaper than the price per million tokens; nil where it never is or nothing is known.
  public var breakEvenMonths: Double?
  /// `cheapest`, `smallest`, `headroom`.
  public var marks: [String] = []

  public var accelerators: Int { boxes * acceleratorsPerBox }
}

/// Why something is not among the options.
public struct SizingFailure: Hashable, Sendable, Codable {
  public var machine: String
  public var reason: Reason

  public init(machine: String, reason: Reason) {
    self.machine = machine
    self.reason = reason
  }
}

/// The answer: options ranked, and what cannot hold the load.
public struct Sizing: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.sizing/1"

  public var schema = Sizing.schema
  public var model: String
  public var workload: Workload
  public var growth: Double
  public var costs: CostBasis
  public var options: [SizingOption]
  public var failures: [SizingFailure]
}
