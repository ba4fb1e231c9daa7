public import Hardware
public import Models
public import Units

/// What an engine says of itself to whoever plans with it.
public struct PlanningFacts: Hashable, Sendable {
  public var layouts: LayoutAbilities
  public var context: ContextMeaning
  public var speed: SpeedFacts
  /// What it can be asked for; a plan that asks it for more is refused.
  public var options: Set<EngineOption> = []
  /// The form of the adapters that it loads; nil where it loads none.
  public var adapterForm: Adapter.Form?
  /// What the cache is stored in unless something else is asked for.
  public var usualCache = KVCacheType()
  /// Every type that it caches in, the largest first; none where it takes no choice.
  public var cacheTypes: [String] = []
  /// What a person caches in where the usual type does not fit, before the weights lose more; nil where there is none.
  public var smallerCache: KVCacheType?
  /// True where one pool of cache takes what a share of each device has left, whatever the number of requests.
  public var isPooled = false
  /// True where a unified memory above the accelerator's working set is paged rather than refused.
  public var pagesWorkingSet = false
  /// True where the weights are pages of a mapped file, which several servers of one file share.
  public var mapsWeights = false
  /// True where the processor computes on a second copy of some forms' weights, so that a smaller form may need more memory
  /// than a larger one.
  public var copiesWeights = false
  /// Forms that this engine alone reads, which its own tool makes.
  public var ownForms: [OwnForm] = []
  /// Tokens by which a draft's vocabulary may differ from the model's.
  public var draftVocabularyTolerance = 0
  /// True where a draft is counted as part of the model's weights and has no cache of its own.
  public var mergesDraft = false

  public init(layouts: LayoutAbilities, context: ContextMeaning, speed: SpeedFacts) {
    self.layouts = layouts
    self.context = context
    self.speed = speed
  }
}

/// A form of one engine's own, with the usual mix of whose size it is.
public struct OwnForm: Hashable, Sendable {
  public var name: String
  public var sizedAs: String

  public init(_ name: String, sizedAs: String) {
    self.name = name
    self.sizedAs = sizedAs
  }
}

/// How an engine can lay a model out over devices and host.
public struct LayoutAbilities: Hashable, Sendable {
  /// What it can make of accelerators.
  public enum Devices: Hashable, Sendable {
    /// It leaves them idle.
    case none
    /// One memory for processor and accelerator, on one maker's alone; beside others' it computes on the processor.
    case unified(of: Maker)
    /// Whole layers in turn over any number of devices up to a limit.
    case layers(most: Int)
    /// Each layer cut over devices that are linked, stages of layers over groups of them, whole experts spread over
    /// them, and attention of its own on each of several ranks that share the experts.
    case tensors
  }

  public var devices: Devices
  /// True where layers, or the experts of layers, can lie in the host's memory.
  public var movesToHost = false
  /// True where the server binds its processes to the processors by itself.
  public var bindsItself = false
  /// True where several servers on one NUMA node may be faster than one.
  public var sharesNode = false
  /// True where one server can span several machines.
  public var spansMachines = false

  public init(_ devices: Devices) { self.devices = devices }

  /// True where tensors are cut by stated degrees.
  public var hasDegrees: Bool { devices == .tensors }
}

/// What an engine's context counts.
public enum ContextMeaning: Hashable, Sendable {
  /// Cells over all slots.
  case allSlots
  /// Tokens of one request.
  case oneRequest

  /// The engine's own number for so many tokens of each request; the largest there is where it would overflow.
  public func length(ofEach tokens: Int, slots: Int, isShared: Bool) -> Int {
    guard self == .allSlots else { return tokens }
    let (cells, overflows) = tokens.multipliedReportingOverflow(by: max(1, slots))
    return overflows ? Int.max : cells
  }

  /// Tokens of each request in the engine's own number.
  public func ofEach(_ length: Int, slots: Int, isShared: Bool) -> Int {
    self == .allSlots ? length / max(1, slots) : length
  }
}

/// How the speed model sees an engine.
public struct SpeedFacts: Hashable, Sendable {
  /// The name under which its own deviations are kept.
  public var name: String
  /// True where requests are batched first of all; on processors every engine works as one for a single stream does.
  public var isForServers: Bool
  /// The backend that it always computes with; nil where the device decides.
  public var backend: Backend?

  public init(name: String, isForServers: Bool = false, backend: Backend? = nil) {
    self.name = name
    self.isForServers = isForServers
    self.backend = backend
  }
}

/// How an engine stands to a kind of model on a kind of machine.
public struct EnginePreference: Hashable, Sendable {
  /// Larger is better; only the order means anything.
  public var rank: Double
  public var reason: Reason
  /// True for the engine that the model's format is made for on this hardware: whose refusal is the one that matters.
  public var isMadeForFormat: Bool
  /// True where only `--engine` includes it.
  public var isOnlyByName: Bool

  public init(rank: Double, reason: Reason, isMadeForFormat: Bool, isOnlyByName: Bool = false) {
    self.rank = rank
    self.reason = reason
    self.isMadeForFormat = isMadeForFormat
    self.isOnlyByName = isOnlyByName
  }
}

extension EngineKind {
  /// What the engine says of itself to whoever plans with it.
  public var planning: PlanningFacts { EngineCatalogue.engine(self).planning }

  /// The name under which the speed model keeps the engine's deviations.
  public var speedName: String { planning.speed.name }
}

extension Engine {
  /// The reason for an encoder, which writes nothing: neither batches nor tokens decide.
  func servesEncoder(_ model: Model) -> Reason? {
    switch model.task {
    case .generation: nil
    case .embedding:
      Reason(.embeddingModel, "\(kind.rawValue) serves embeddings: no tokens are generated")
    case .reranking: Reason(.reranker, "\(kind.rawValue) serves scores of pairs: no tokens are generated")
    }
  }
}
