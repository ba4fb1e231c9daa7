public import Engines
public import Hardware
public import Models
import Units

/// What a plan is asked for.
public struct PlanRequest: Sendable {
  /// Which quantizations are considered.
  public enum Quantizations: Hashable, Sendable {
    /// The file as it is.
    case asIs
    /// The file and its siblings; nothing that would have to be made.
    case files
    /// The file, and everything that the engine's own tools could make of it.
    case all
    /// The file, and those of the usual ones that could be made.
    case usual
    /// These, `as-is` and `files` among them.
    case named([String])

    /// Names of every form that could be made.
    public static var names: [String] { QuantizationCandidate.makeable }

    /// Returns those of the names that stand for nothing: no form that could be made, no file.
    public static func unknown(among names: [String], files: [Model]) -> [String] {
      QuantizationCandidate.unknown(names, files: files)
    }
  }

  public var model: Model
  /// Other files of the same model, each a quantization that exists.
  public var siblings: [Model] = []
  public var machine: Machine
  public var workload: Workload
  /// Engines to consider; empty leaves the choice to the plan.
  public var engines: [EngineKind] = []
  public var quantizations: Quantizations = .usual
  public var hasImportanceMatrix = false
  /// Nil takes what the workload needs, at most what the model was trained for.
  public var contextLength: Int?
  /// Slots or sequences; nil takes the workload's concurrency.
  public var parallel: Int?
  public var kvType = KVCacheType()
  public var settings = EngineSettings()
  /// Nil leaves the placement to the plan.
  public var placement: Placement?
  /// Threads of one server; nil leaves them to the plan.
  public var threads: Int?
  /// Copies of the server on the machine; nil takes as many as are best for the requests in flight.
  public var replicas: Int?
  /// Projector and adapters that are loaded too.
  public var companions: [Companion] = []
  /// The draft model for speculative decoding, which keeps a cache of its own.
  public var draft: Model?
  /// How often the draft's guesses are kept, for the speed.
  public var speculation: Speculation?

  public init(model: Model, machine: Machine, workload: Workload = Workload()) {
    self.model = model
    self.machine = machine
    self.workload = workload
  }

  /// The context that is planned for, over all slots: each slot holds one request's input and output, with room.
  public var plannedContext: Int {
    if let contextLength { return contextLength }
    let perSlot = max(4096, workload.inputTokens + workload.outputTokens)
    let wanted = perSlot.multipliedReportingOverflow(by: plannedParallel)
    let trained = max(model.shape.contextLength, 256).multipliedReportingOverflow(by: plannedParallel)
    return min(wanted.overflow ? Int.max : wanted.partialValue, trained.overflow ? Int.max : trained.partialValue)
  }

  public var plannedParallel: Int { max(1, parallel ?? workload.concurrency) }
}

extension PlanRequest {
  /// What the speed model is asked of one form of the model in one place.
  func speedRequest(
    _ candidate: QuantizationCandidate, _ engine: EngineKind, _ placement: Placement, _ settings: EngineSettings
  ) -> SpeedRequest {
    var asked = SpeedRequest(
      machine: machine, model: candidate.model, quantization: candidate.name, weightBytes: candidate.tensorBytes,
      engine: engine, placement: placement, workload: workload)
    asked.kvType = kvType
    asked.settings = settings
    asked.threads = threads
    asked.slots = plannedParallel
    asked.draft = speculation
    return asked
  }
}
