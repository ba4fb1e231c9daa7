public import Engines
public import Hardware
public import Models
public import Units

/// What can be done with one model on one machine: every option considered, and the one chosen.
public struct Plan: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.plan/1"

  public var schema: String = Plan.schema
  public var machine: Machine
  public var model: ModelSummary
  public var workload: Workload
  public var options: [PlanOption]
  /// Index into `options`; nil where nothing fits.
  public var chosen: Int?
  /// Why that one, why the others not, and what was doubtful.
  public var reasons: [Reason]
  /// Indices of the options that can be used, best first; nil in plans that were stored before they were ranked once.
  public var ranking: [Int]?
  /// What the best option is the best for.
  public var objective: Objective?
  /// Engines whose programs are on the machine; nil where that is not known, as of a machine elsewhere.
  public var enginesHere: [EngineKind]?

  /// True where an engine has to be installed before it can start anything.
  public func lacks(_ engine: EngineKind) -> Bool { enginesHere.map { !$0.contains(engine) } ?? false }

  public init(
    machine: Machine, model: ModelSummary, workload: Workload, options: [PlanOption], chosen: Int?, reasons: [Reason]
  ) {
    self.machine = machine
    self.model = model
    self.workload = workload
    self.options = options
    self.chosen = chosen
    self.reasons = reasons
  }

  /// Writes every key, `chosen` as null where nothing fits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(machine, forKey: .machine)
    try container.encode(model, forKey: .model)
    try container.encode(workload, forKey: .workload)
    try container.encode(options, forKey: .options)
    try container.encode(chosen, forKey: .chosen)
    try container.encode(reasons, forKey: .reasons)
    try container.encodeIfPresent(ranking, forKey: .ranking)
    try container.encodeIfPresent(objective, forKey: .objective)
    try container.encodeIfPresent(enginesHere, forKey: .enginesHere)
  }
}

/// What a plan and a run keep of a model: everything but its tensors.
public struct ModelSummary: Hashable, Sendable, Codable {
  public var name: String
  public var format: ModelFormat
  public var path: String
  public var architecture: String
  public var quantization: String?
  public var parameters: Figure<Int>?
  public var activeParameters: Figure<Int>?
  public var contextLength: Int
  public var layerCount: Int
  public var tensorBytes: Figure<ByteCount>?
  public var headerDigest: String?

  /// True where the weights have lost bits already: nothing that is made of them can have more quality.
  public var isQuantized: Bool { quantization.map { !["F32", "F16", "BF16"].contains($0.uppercased()) } ?? false }

  public init(_ model: Model) {
    name = model.name
    format = model.format
    path = model.files.first?.path ?? model.name
    architecture = model.architecture
    quantization = model.quantization?.value
    parameters = model.parameters
    activeParameters = model.activeParameters
    contextLength = model.shape.contextLength
    layerCount = model.layers.count
    tensorBytes = model.tensorBytes
    headerDigest = model.headerDigest
  }
}

/// Whether an option can be used.
public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
  /// The upper end of the estimate is within what is usable.
  case fits
  /// It is within, with less than a tenth to spare.
  case tight
  /// It loads, but pages while it runs (unified memory above the recommended working set).
  case thrashes
  case doesNotFit = "does-not-fit"
  /// The engine cannot run it at any size.
  case unsupported
}

/// One way to run the model: a quantization, an engine, a placement.
///
/// Where the placement has several servers, context, slots, memory and launch are those of each; speeds are of all.
public struct PlanOption: Hashable, Sendable, Codable {
  public var quantization: String
  /// `file` where it exists, `made` where a tool would have to make it.
  public var origin: Origin
  public var engine: EngineKind
  public var verdict: Verdict
  public var reason: Reason
  public var contextLength: Int
  public var parallel: Int
  public var placement: Placement
  /// Why the plan placed it so; nil where the placement was asked for, or there is but one.
  public var placementReason: Reason?
  /// The threads of each server, and why so many; nil where the machine's cores are not known.
  public var threads: ServerThreads?
  /// Speed and memory with the experts of more and more layers on the CPU, where the plan put some there.
  public var expertOffload: [ExpertOffload]?
  /// Weights as the engine loads them, sum over tensors.
  public var tensorBytes: Figure<ByteCount>?
  public var fileBytes: Figure<ByteCount>?
  /// True where the devices alone hold the weights, or the machine has none.
  public func isWhole(on machine: Machine) -> Bool {
    machine.accelerators.isEmpty
      || (!placement.devices.isEmpty && placement.gpuLayers == nil && placementReason?.code != .expertsOnCPU)
  }

  /// What is read from the disk when it is loaded.
  public var loadedBytes: ByteCount? { fileBytes?.value ?? tensorBytes?.value }
  public var bitsPerWeight: Figure<Double>?
  /// The largest context that fits with these settings.
  public var largestContext: Figure<Int>?
  public var largestParallel: Figure<Int>?
  public var quality: QualityLoss?
  public var memory: MemoryEstimate?
  /// What the engine itself said of this option, where it was asked.
  public var engineMemory: EngineMemory?
  public var speed: SpeedPrediction?
  /// Figures of one engine alone, such as vLLM's `kvBlocks`.
  public var engineDetails: [String: Figure<Int>]
  public var launch: LaunchConfiguration?
  /// What was given up so that it fits or is fast enough; nil where it is as asked.
  public var concessions: [Reason]?
  /// Tokens a second that one stream lacks of the least that was asked for; nil where it is fast enough, or not known.
  public var missingTokensPerSecond: Double?
  /// Share of a test's score that is lost by this form and by the file that it is made of, from 0 to 1; nil where it is
  /// not known.
  public var scoreLost: Figure<Double>?
  /// The Hub's repository that publishes the model in this option's format; nil where none is known.
  public var repository: String?

  public enum Origin: String, Hashable, Sendable, Codable { case file, made }

  /// True where it has to be made first: it is no file, and nobody is known to publish it.
  public var hasToBeMade: Bool { origin == .made && repository == nil }

  public init(
    quantization: String, origin: Origin, engine: EngineKind, verdict: Verdict, reason: Reason, contextLength: Int,
    parallel: Int
  ) {
    self.quantization = quantization
    self.origin = origin
    self.engine = engine
    self.verdict = verdict
    self.reason = reason
    self.contextLength = contextLength
    self.parallel = parallel
    placement = Placement()
    engineDetails = [:]
  }
}

/// A loss of quality published for a kind of quantization, on the model that its source names, never on this one.
public struct QualityLoss: Hashable, Sendable, Codable {
  /// Increase of perplexity over the unquantized model.
  public var perplexityIncrease: Figure<Double>?
  /// Share of the unquantized model's score on tests that is kept: 0.989 for 98.9%.
  public var scoreKept: Figure<Double>?

  public init(perplexityIncrease: Figure<Double>? = nil, scoreKept: Figure<Double>? = nil) {
    self.perplexityIncrease = perplexityIncrease
    self.scoreKept = scoreKept
  }
}

/// Memory by device and component, with the band of the whole.
public struct MemoryEstimate: Hashable, Sendable, Codable {
  public var devices: [DeviceMemory]
  public var lowBytes: ByteCount
  public var expectedBytes: ByteCount
  public var highBytes: ByteCount

  public init(devices: [DeviceMemory], lowBytes: ByteCount, expectedBytes: ByteCount, highBytes: ByteCount) {
    self.devices = devices
    self.lowBytes = lowBytes
    self.expectedBytes = expectedBytes
    self.highBytes = highBytes
  }
}

/// A predicted speed, each quantity with its band: tokens a second, seconds.
public struct SpeedPrediction: Hashable, Sendable, Codable {
  /// Input tokens a second of one prompt.
  public var prefill: Band?
  /// Output tokens a second of one stream alone.
  public var decode: Band?
  /// Output tokens a second of all streams at the workload's concurrency.
  public var decodeAggregate: Band?
  /// Seconds at the workload's concurrency and lengths.
  public var timeToFirstToken: Band?
  /// The same where all requests in flight come at once, as at the start of a benchmark; nil for one request.
  public var timeToFirstTokenAtOnce: Band?
  public var timePerOutputToken: Band?
  public var loadSeconds: Band?
  /// Joules for each output token, where the power is known.
  public var joulesPerToken: Band?
  /// The most requests in flight within the workload's latency targets and the memory; nil where no target was given.
  public var largestConcurrency: Figure<Int>?
  /// What bounds each quantity, and what would change it.
  public var bounds: [Reason]
  /// Each term of the prediction, for `--explain`.
  public var terms: [SpeedTerm]

  public init(bounds: [Reason] = [], terms: [SpeedTerm] = []) {
    self.bounds = bounds
    self.terms = terms
  }
}

/// One term of a predicted speed: `decode weights`, 4.2 ms, `4.1 GiB / 980 GB/s * 0.81`.
public struct SpeedTerm: Hashable, Sendable, Codable {
  public var name: String
  public var seconds: Double
  public var formula: String

  public init(_ name: String, seconds: Double, formula: String) {
    self.name = name
    self.seconds = seconds
    self.formula = formula
  }
}

extension SpeedPrediction {
  /// Output tokens a second that each of so many requests at once gets: all of them share what the server writes.
  ///
  /// Never above what one has alone.
  public func decode(ofEachOf requests: Int) -> Band? {
    guard requests > 1, let all = decodeAggregate else { return decode }
    let share = 1 / Double(requests)
    func each(_ value: Double, _ alone: Double?) -> Double { min(value * share, alone ?? .infinity) }
    return Band(
      low: each(all.low, decode?.low), expected: each(all.expected, decode?.expected),
      high: each(all.high, decode?.high), source: all.source)
  }
}

extension Plan {
  /// What makes the answers worthless, and is said wherever something is chosen or started.
  public var graveReasons: [Reason] { reasons.filter { $0.code == .beyondTrainedContext } }
}
