public import Engines
import Hardware
import Models
public import Units

/// Which engine should serve a model on a machine, how, and why not the others.
public struct EngineChoice: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.choice/1"

  /// One engine with its answer.
  public struct Candidate: Hashable, Sendable, Codable {
    public var engine: EngineKind
    /// Placement and why; nil where the engine cannot run the model at all.
    public var placing: PlacementChoice?
    /// Why it is refused; nil where it can be used.
    public var refusal: Reason?
    /// Why it ranks where it does, the deciding one first.
    public var reasons: [Reason]
    /// The threads of each server, and why so many; nil where the machine's cores are not known.
    public var threads: ServerThreads?
    /// What keeps each of the servers in its place, in order; empty where nothing has to.
    public var bindings: [String]
    public var speed: SpeedPrediction?
    /// Larger is better; only the order means anything.
    var rank: Double
  }

  public var schema = EngineChoice.schema
  public var machine: String
  public var model: String
  public var quantization: String
  /// Usable engines best first, then the refused, the one that would have suited best before the others.
  public var candidates: [Candidate]

  /// The first candidate that can be used.
  public var chosen: Candidate? { candidates.first { $0.refusal == nil } }

  /// Why nothing can be chosen: the refusal of the engine that would have suited best.
  public var refusal: Reason? { chosen == nil ? candidates.first?.refusal : nil }
}

extension EngineChoice {
  /// Asks every engine, places the model for those that can, predicts their speed, and ranks them.
  public init(_ placing: Placing, engines: [EngineKind] = EngineKind.allCases, estimator: SpeedEstimator?) {
    machine = placing.machine.name
    model = placing.model.name
    quantization = placing.quantization
    var placing = placing
    placing.estimator = estimator
    let all = engines.map { Self.candidate($0, placing, isAsked: engines.count == 1) }
    var usable = all.filter { $0.refusal == nil }.sorted { $0.rank > $1.rank }
    if let best = usable.first {
      for index in usable.indices.dropFirst() { usable[index].rankLower(than: best) }
    }
    candidates = usable + all.filter { $0.refusal != nil }.sorted { $0.rank > $1.rank }
  }

  private static func candidate(_ kind: EngineKind, _ placing: Placing, isAsked: Bool) -> Candidate {
    let rule = EngineRule(kind, placing)
    // What was made for the format comes before what was not, and what failed by its size before what cannot at all.
    var out = Candidate(engine: kind, reasons: [], bindings: [], rank: rule.rank - (rule.isMadeForFormat ? 0 : 100))
    let capability = EngineCatalogue.engine(kind).capability(
      of: placing.model, quantization: placing.quantization, on: placing.machine)
    guard case .yes(let notes) = capability else {
      if case .no(let reason) = capability { out.refusal = reason }
      return out
    }
    // MLX without Apple's GPU is for who asks for it by name, not something to be given.
    if !isAsked, let reason = notes.first(where: { $0.code == .noAppleGPU }) {
      out.refusal = reason
      return out
    }
    let choice = placing.choice(for: kind)
    out.placing = choice
    out.rank += 50
    if let refusal = choice.refusal {
      out.refusal = refusal
      return out
    }
    out.rank = rule.rank
    let own = placing.notes(kind, choice.placement, all: notes)
    out.reasons = [rule.reason] + choice.reasons + own.filter { $0.code != rule.reason.code }
    let asked = placing.speedRequest(kind, choice.placement, settings: choice.settings)
    out.threads = ThreadLadder(estimator: placing.estimator, asked: placing.threads).threads(for: asked)
    out.bindings = (0..<max(1, choice.placement.replicas)).compactMap { index in
      choice.placement.server(index, on: placing.machine).binding
    }
    if let estimator = placing.estimator {
      out.speed = estimator.prediction(asked)
      out.speed?.largestConcurrency = estimator.concurrencyWithinTargets(asked, slots: choice.largestParallel)
    }
    return out
  }
}
