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
    /// The form of the model that suits it best here; nil where it can run none.
    public var quantization: String?
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
    /// Percent of a test's score that the form loses; nil where it is not known.
    var percentLost: Int?
    /// True where no file of the form is known.
    var hasToBeMade = false

    private enum CodingKeys: String, CodingKey {
      case engine, quantization, placing, refusal, reasons, threads, bindings, speed, rank
    }
  }

  public var schema = EngineChoice.schema
  public var machine: String
  public var model: String
  /// Requests at once that were asked about; nil in choices of earlier versions.
  public var concurrency: Int?
  /// The form that the chosen engine would be given; the model's own where none can be used.
  public var quantization: String
  /// Usable engines best first, then the refused, the one that would have suited best before the others.
  public var candidates: [Candidate]

  /// The first candidate that can be used.
  public var chosen: Candidate? { candidates.first { $0.refusal == nil } }

  /// Why nothing can be chosen: the refusal of the engine that would have suited best.
  public var refusal: Reason? { chosen == nil ? candidates.first?.refusal : nil }
}

extension EngineChoice {
  /// Asks every engine, or those of the request, for its best option by the plan's own ranking, and says why not another.
  public init(_ request: PlanRequest, planner: Planner) {
    machine = request.machine.name
    model = request.model.name
    concurrency = request.workload.concurrency
    let asked = request.engines.isEmpty ? EngineKind.allCases : request.engines
    let parts = asked.map { EnginePart($0, request, planner) }
    let options = parts.flatMap { $0.planned.map(\.option) }
    let ranking = Ranking(options, for: request)
    let order = ranking.order()
    var usable: [Candidate] = []
    for index in order {
      let (part, own) = Self.place(index, in: parts)
      guard !usable.contains(where: { $0.engine == parts[part].kind }) else { continue }
      var candidate = parts[part].candidate(own, planner: planner)
      candidate.percentLost = ranking.scoreLost(options[index]).map { Int(($0.value * 100).rounded()) }
      candidate.hasToBeMade = options[index].hasToBeMade
      usable.append(candidate)
    }
    if let best = usable.first {
      for index in usable.indices.dropFirst() {
        usable[index].rankLower(than: best, at: request.workload.concurrency)
      }
    }
    let refused = parts.filter { part in !usable.contains { $0.engine == part.kind } }.map { $0.refused() }
    candidates = usable + refused.sorted { $0.rank > $1.rank }
    quantization = usable.first?.quantization ?? request.model.quantization?.value ?? "unknown"
  }

  /// Which engine's option an index of all of them is, and which of its own.
  private static func place(_ index: Int, in parts: [EnginePart]) -> (part: Int, option: Int) {
    var rest = index
    for (number, part) in parts.enumerated() {
      if rest < part.planned.count { return (number, rest) }
      rest -= part.planned.count
    }
    return (0, 0)
  }
}

/// What one engine has to say.
private struct EnginePart {
  let kind: EngineKind
  let request: PlanRequest
  let preference: EnginePreference
  /// Every form that it loads; empty where it is not given unasked.
  let planned: [Planner.Planned]
  /// Why it has none.
  private let refusal: Reason?

  init(_ kind: EngineKind, _ request: PlanRequest, _ planner: Planner) {
    self.kind = kind
    self.request = request
    preference = EngineCatalogue.engine(kind).preference(for: request.model, on: request.machine)
    let isAsked = request.engines == [kind]
    let all = preference.isOnlyByName && !isAsked ? [] : planner.planned(on: kind, request)
    planned = all
    refusal =
      planner.whyNot(kind, request)
      ?? (preference.isOnlyByName && !isAsked ? preference.reason : nil)
  }

  /// The engine's answer with one of its options.
  func candidate(_ index: Int, planner: Planner) -> EngineChoice.Candidate {
    let (option, fit) = (planned[index].option, planned[index].fit)
    var out = EngineChoice.Candidate(engine: kind, reasons: [], bindings: [], rank: preference.rank)
    out.quantization = option.quantization
    guard let fit else { return out }
    let isWaiting = fit.pool != nil && fit.verdict == .tight && fit.why != nil
    let reasons = [fit.why ?? fit.reason] + (isWaiting ? [fit.reason] : []) + fit.ruledOut
    var choice = PlacementChoice(fit.placement, settings: fit.settings, reasons)
    choice.expertOffload = option.expertOffload
    choice.largestParallel = option.largestParallel.map { $0.value * max(1, fit.placement.replicas) }
    out.placing = choice
    let own = notes(fit)
    out.reasons = [preference.reason] + reasons + own.filter { $0.code != preference.reason.code }
    out.threads = option.threads
    out.bindings = (0..<max(1, fit.placement.replicas)).compactMap { index in
      fit.placement.server(index, on: request.machine).binding
    }
    out.speed = option.speed
    return out
  }

  /// The engine's answer where none of its options can be used.
  func refused() -> EngineChoice.Candidate {
    // What was made for the format comes before what was not, and what failed by its size before what cannot at all.
    var out = EngineChoice.Candidate(
      engine: kind, reasons: [], bindings: [], rank: preference.rank - (preference.isMadeForFormat ? 0 : 100))
    let judged = planned.map(\.option).filter { $0.verdict != .unsupported }
    let smallest = judged.min { ($0.memory?.highBytes.bytes ?? .max) < ($1.memory?.highBytes.bytes ?? .max) }
    if smallest != nil { out.rank += 50 }
    out.refusal =
      smallest?.reason ?? refusal ?? planned.first?.option.reason
      ?? Reason(.nothingToPlan, "\(kind.rawValue) loads no requested quantization of this model")
    return out
  }

  /// What the engine notes of the devices that a layout uses: what another one of the machine lacks slows nothing.
  private func notes(_ fit: Fit) -> [Reason] {
    var used = request.machine
    if !fit.placement.devices.isEmpty {
      used.accelerators = used.accelerators.indices.filter(fit.placement.devices.contains).map { used.accelerators[$0] }
    }
    let form = fit.question.form
    let answer = EngineCatalogue.engine(kind).ability(toRun: form.loaded, quantization: form.name, on: used)
    if case .yes(let notes) = answer { return notes }
    return []
  }
}

extension EngineChoice.Candidate {
  /// Says why it comes after the engine that was chosen, with both speeds where both are predicted.
  fileprivate mutating func rankLower(than best: EngineChoice.Candidate, at concurrency: Int) {
    var message = "after \(best.engine.rawValue)"
    if let own = speed?.comparable, let other = best.speed?.comparable {
      let speeds =
        "\(own.formatted(significant: 3)) against \(other.formatted(significant: 3)) tok/s"
        + (concurrency > 1 ? " in all" : "")
      message =
        own < other
        ? "slower than \(best.engine.rawValue): \(speeds) predicted"
        : "faster than \(best.engine.rawValue) (\(speeds)), but \(drawback(beside: best) ?? "not the usual engine here")"
    } else if let first = best.reasons.first {
      message += ": \(first.message)"
    }
    reasons.insert(
      Reason(.rankedLower, message, remedy: "choose it by --engine \(engine.rawValue)"), at: 0)
  }
}

extension EngineChoice.Candidate {
  /// What decides against it in spite of its speed; nil where nothing that is known does.
  private func drawback(beside best: EngineChoice.Candidate) -> String? {
    let form = quantization ?? "its form"
    if let own = percentLost, let other = best.percentLost, own > other {
      return "\(form) loses \(own)% of quality and \(best.quantization ?? "the other") \(other)%"
    }
    if hasToBeMade, !best.hasToBeMade { return "no published \(form) is known" }
    return nil
  }
}

extension SpeedPrediction {
  /// Output tokens a second of all streams, by which two engines are compared.
  fileprivate var comparable: Double? { (decodeAggregate ?? decode)?.expected }
}
