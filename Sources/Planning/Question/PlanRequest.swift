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
    public static var names: [String] { ModelForms.makeable }

    /// Returns those of the names that stand for nothing: no form that could be made, no file.
    public static func unknown(among names: [String], files: [Model]) -> [String] {
      ModelForms.unknown(names, files: files)
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
  /// Tokens of one request that have room; 0 as trained, nil what the workload needs, at most what the model was trained
  /// for.
  public var contextLength: Int?
  /// The engine's own context over all slots, instead of `contextLength`: llama.cpp's `-c`.
  public var totalContext: Int?
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
  /// Share of the draft's guesses that are kept; nil where nobody stated it.
  public var draftAcceptance: Double?
  /// What the best option is the best for; nil goes by the load.
  public var objective: Objective?
  /// What the answers are for; nil for nothing in particular.
  public var use: Use?
  /// True where the cache's type was asked for, so that the plan does not change it.
  public var isCacheTypeStated = false
  /// True where nothing may lie in the host's memory.
  public var isOnAcceleratorsOnly = false
  /// Repositories that hold the model's weights, for a model without a file here.
  public var published = PublishedWeights()

  /// Engines whose programs are on the machine; nil where that is not known, as of a machine elsewhere.
  public var enginesHere: Set<EngineKind>?

  public init(model: Model, machine: Machine, workload: Workload = Workload()) {
    self.model = model
    self.machine = machine
    self.workload = workload
  }

  /// What is asked of the engine beyond what each can do.
  var engineOptions: Set<EngineOption> {
    settings.options.union(placement?.options ?? []).union(draft == nil ? [] : [.draft])
  }

  public var plannedParallel: Int { max(1, parallel ?? workload.concurrency) }

  /// Tokens of one request that are planned for: its input and output, with room.
  public var plannedLength: Int {
    let trained = model.shape.contextLength
    if let contextLength { return contextLength > 0 ? contextLength : max(0, trained) }
    let wanted = max(use?.contextLength ?? 4096, workload.inputTokens + workload.outputTokens)
    return trained > 0 ? min(wanted, max(trained, 256)) : wanted
  }
}

extension PlanRequest {
  /// What guesses tokens for a form of the model: the draft, or its own prediction layers.
  private func guesser(of form: ModelForm) -> Model? {
    guard settings.usesPredictionLayers else { return draft }
    var model = form.model
    model.tensors = form.tensors
    return model.predictor
  }

  /// What is asked of one form of the model on one engine, before a layout is chosen.
  func question(_ form: ModelForm, _ kind: EngineKind) -> Question {
    let facts = kind.planning
    let slots = plannedParallel
    let own = facts.context == .allSlots ? totalContext : totalContext.map { max(1, $0 / slots) }
    return Question(
      machine: machine, form: form, engine: kind, settings: settings,
      kvType: kvType == KVCacheType() ? facts.usualCache : kvType,
      contextLength: own
        ?? facts.context.length(ofEach: plannedLength, slots: slots, isShared: settings.kvUnified),
      parallel: slots, threads: threads, companions: companions,
      draft: guesser(of: form).map { Question.DraftModel($0, acceptance: draftAcceptance) }, workload: workload)
  }
}
