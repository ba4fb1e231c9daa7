public import Hardware
public import Models
import Units

/// One complete question: a machine, one form of a model, an engine, a layout, settings and a load.
///
/// Memory, limits, speed and launch are all functions of this one value. Options are resolved when it is made; nothing is
/// copied into another request on the way. A changed question is another value: see `with`.
public struct Question: Hashable, Sendable {
  public internal(set) var machine: Machine
  public internal(set) var form: ModelForm
  public internal(set) var engine: EngineKind
  /// Where the parts of the model go.
  public internal(set) var placement: Placement
  public internal(set) var settings: EngineSettings
  public internal(set) var kvType: KVCacheType
  /// The context in the engine's own terms: cells over all slots of all servers, or tokens of one request.
  public internal(set) var contextLength: Int
  /// Slots or sequences at once, over all servers of the layout.
  public internal(set) var parallel: Int
  /// Threads of one server for tokens; nil leaves them open.
  public internal(set) var threads: Int?
  /// Threads for prompts; nil is as many as for tokens.
  public internal(set) var promptThreads: Int?
  /// Projector and adapters that are loaded beside the model.
  public internal(set) var companions: [Companion]
  public internal(set) var draft: DraftModel?
  public internal(set) var workload: Workload

  /// What guesses tokens for the model to check: a smaller model, or the model's own prediction layers alone.
  public struct DraftModel: Hashable, Sendable {
    public var model: Model
    /// Share of the guesses that are kept; nil where nobody stated it.
    public var acceptance: Double?

    public init(_ model: Model, acceptance: Double? = nil) {
      self.model = model
      self.acceptance = acceptance
    }
  }

  /// - Parameters:
  ///   - contextLength: in the engine's own terms; nil is what the load needs in each slot.
  ///   - parallel: nil is the load's concurrency.
  public init(
    machine: Machine, form: ModelForm, engine: EngineKind, placement: Placement = Placement(),
    settings: EngineSettings = EngineSettings(), kvType: KVCacheType = KVCacheType(), contextLength: Int? = nil,
    parallel: Int? = nil, threads: Int? = nil, promptThreads: Int? = nil, companions: [Companion] = [],
    draft: DraftModel? = nil, workload: Workload = Workload()
  ) {
    self.machine = machine
    self.form = form
    self.engine = engine
    self.placement = placement
    self.settings = settings
    self.kvType = kvType
    self.parallel = max(1, parallel ?? workload.concurrency)
    self.threads = threads
    self.promptThreads = promptThreads
    self.companions = companions
    self.draft = draft
    self.workload = workload
    self.contextLength =
      contextLength
      ?? EngineCatalogue.engine(engine).planning.context.length(
        ofEach: workload.inputTokens + workload.outputTokens, slots: self.parallel, isShared: settings.kvUnified)
  }

  public var model: Model { form.model }
  /// Tokens guessed for each check; 0 without a draft.
  public var guesses: Int {
    settings.guesses > 0 || draft == nil ? settings.guesses : SpeculationMethod.draftModel.guesses()
  }
  public var tensors: [Tensor] { form.tensors }

  /// Tokens of one request that have room.
  public var requestLength: Int {
    EngineCatalogue.engine(engine).planning.context.ofEach(
      contextLength, slots: parallel, isShared: settings.kvUnified)
  }
}

// MARK: - Other questions

extension Question {
  private func changed(_ change: (inout Question) -> Void) -> Question {
    var copy = self
    change(&copy)
    return copy
  }

  public func with(_ placement: Placement) -> Question { changed { $0.placement = placement } }
  public func with(_ settings: EngineSettings) -> Question { changed { $0.settings = settings } }
  public func with(_ workload: Workload) -> Question { changed { $0.workload = workload } }
  public func with(machine: Machine) -> Question { changed { $0.machine = machine } }
  public func with(contextLength: Int) -> Question { changed { $0.contextLength = contextLength } }

  public func with(companions: [Companion]) -> Question { changed { $0.companions = companions } }

  /// The same with other threads.
  public func with(threads: Int?, prompts: Int?) -> Question {
    changed { ($0.threads, $0.promptThreads) = (threads, prompts) }
  }

  /// The same for so many requests at once, each with as much context as before.
  public func with(slots: Int) -> Question {
    let each = requestLength
    return changed {
      $0.parallel = max(1, slots)
      $0.contextLength = EngineCatalogue.engine(engine).planning.context.length(
        ofEach: each, slots: $0.parallel, isShared: settings.kvUnified)
    }
  }

  /// What one of several servers is asked: it has its part of the machine and of the requests, the busiest of them what
  /// is left over. Where devices differ it is the one with the smallest: what that holds, all do.
  public var ofOneServer: Question {
    let count = placement.replicas
    guard count > 1 else { return self }
    func part(_ whole: Int) -> Int { max(1, (whole - 1) / count + 1) }
    var one = with(slots: part(parallel))
    one.machine = machine.seen(by: placement)
    one.workload.concurrency = part(workload.concurrency)
    one.placement.replicas = 1
    one.placement.devices = machine.weakestPart(of: placement.devices, parts: count)
    return one
  }
}
