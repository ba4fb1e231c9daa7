public import Engines
public import Hardware
public import Models
public import Units

/// What is to be held, and what may be bought for it.
public struct SizingRequest: Sendable {
  public var modelName: String
  /// With its tensors: a file's, those of a catalogue's configuration, or those of a shape that a size implies.
  public var model: Model
  /// Other files of the same model.
  public var siblings: [Model] = []
  /// Repositories that hold the model's weights; nil where nobody knows what is published, as of a size alone.
  public var published: PublishedWeights?
  /// Forms of the model that may be considered; empty takes the file and the usual ones.
  public var quantizations: [String]
  /// Lengths and latency targets at the busiest time.
  public var workload: Workload
  /// The load at the busiest time; the workload's requests in flight where nothing else is said.
  public var demand: SizingDemand
  /// Factor by which the load is to grow within what is bought.
  public var growth: Double = 1
  /// The probability with which all targets have to hold.
  public var confidence = 0.8
  /// True where the targets are to be kept at the upper ends of the bands, whatever the probability.
  public var isPessimistic = false
  /// Share of the requests whose first token has to come within the target; nil holds it against the mean.
  public var firstTokenPercentile: Double?
  /// The same of the time of each further token: of the requests' own means.
  public var outputTokenPercentile: Double?
  /// What guesses tokens for the model to check; nil where nothing does.
  public var guessing: Guessing?
  /// Share of the guesses that are kept; nil where nobody stated it.
  public var draftAcceptance: Double?
  /// Type of the KV cache; the engine's own where nothing is said.
  public var kvType: KVCacheType?
  /// Tokens that one request may have; nil for what the workload's lengths come to.
  public var contextLength: Int?
  /// Machines that one server spans, a stage of the layers on each.
  public var nodes = 1
  /// What has to be said of the model beside the answer, such as that its owner asks for consent.
  public var notes: [Reason] = []
  /// True where boxes of their own read the prompts: a plan only, as no engine here is started so.
  public var readsPromptsApart = false
  /// Boxes that may fail while the load is held.
  public var spareBoxes = 0
  /// Machines and accelerators to consider.
  public var candidates: [Machine]
  /// Numbers of accelerators in one box, for those that are listed by themselves; nil takes 1, 2, 4 and 8, as far as a
  /// part is sold or rented so.
  public var counts: [Int]?
  public var mostBoxes = 64
  /// Prices of an hour by the catalogue's entry: a machine's, or an accelerator's.
  public var rents: [String: [RentOffer]] = [:]
  public var costs = CostBasis()
  /// How the load runs through a day, where that was stated.
  public var day: DayCurve?

  /// - Throws: `SizingError.unknownQuantization` for a name that is no form of the model.
  public init(
    model: Model, quantizations: [String] = [], workload: Workload, candidates: [Machine]
  ) throws(SizingError) {
    if let name = ModelForms.unknown(quantizations, files: [model]).first {
      throw .unknownQuantization(name, known: ModelForms.makeable)
    }
    modelName = model.name
    self.model = model
    self.quantizations = quantizations
    self.workload = workload
    self.candidates = candidates
    demand = SizingDemand(.concurrency, Double(workload.concurrency))
  }

  /// Share of the prompts' tokens that the cache already holds, from 0 to 1.
  public var prefixHit: Double {
    get { workload.prefixHit ?? 0 }
    set { workload.prefixHit = newValue > 0 ? newValue : nil }
  }

  /// The forms to consider, best quality first within each format.
  var forms: [ModelForm] { ModelForms.all(for: formRequest) }

  /// True for a form that is in no list of what is published, so that it may have to be converted first, as `plan` has it.
  func hasToBeMade(_ form: ModelForm) -> Bool {
    guard let published, form.tool != nil else { return false }
    return published.repository(of: form.name, in: form.format) == nil
  }

  /// Why there are none; nil where there are some.
  var missingForms: Reason? { ModelForms.missing(for: formRequest) }

  private var formRequest: PlanRequest {
    var asked = PlanRequest(model: model, machine: Machine(name: ""))
    asked.siblings = siblings
    asked.quantizations = .named(
      quantizations.isEmpty
        // What its maker published in four bits is bought in no other form: making one adds to that loss.
        ? ["files"] + (model.isPublishedInMXFP4 ? ["MXFP4"] : Self.usual) : quantizations)
    return asked
  }

  /// Forms that are usually published.
  private static let usual = [
    "FP8", "NVFP4", "AWQ 4-bit", "Q8_0", "Q8R16", "Q6_K", "Q4_K_M", "Q4_K_4", "MLX 8-bit", "MLX 4-bit",
  ]

  /// What a plan for one box is asked with so many requests in flight.
  func planRequest(on machine: Machine = Machine(name: ""), inFlight: Int) -> PlanRequest {
    var workload = workload
    workload.concurrency = max(1, inFlight)
    var asked = PlanRequest(model: model, machine: machine, workload: workload)
    if let kvType {
      asked.kvType = kvType
      asked.isCacheTypeStated = true
    }
    asked.contextLength = contextLength
    if let guessing { asked.guess(by: guessing, acceptance: draftAcceptance) }
    return asked
  }

  /// The options of `plan` that let the same guess.
  var guessingWords: [String] {
    let acceptance = draftAcceptance.map { ["--draft-acceptance", "\($0)"] } ?? []
    return switch guessing {
    case nil: []
    case .predictionLayers: ["--mtp"] + acceptance
    case .draft(_, let name): ["--draft", name] + acceptance
    }
  }

  /// Makes the lengths and targets those of the model's task: an embedder or a reranker reads a text and answers at once.
  public mutating func useTask() {
    guard model.task == .embedding || model.task == .reranking else { return }
    workload.outputTokens = 1
    workload.timePerOutputTokenTarget = nil
  }

  /// How surely the targets have to be kept.
  var level: SizingLevel { isPessimistic ? .slowEnds : .probability(confidence) }

  /// Why no machine can hold it, whatever its size; nil where one might.
  var refusal: Reason? {
    let length = max(contextLength ?? 0, workload.inputTokens + workload.outputTokens)
    guard let doubt = PlanRequest.beyondTrained(length, model) else { return nil }
    return Reason(
      doubt.code,
      "a request has \(length.grouped) tokens, and the model was trained for a "
        + "context of \(model.shape.contextLength.grouped): its answers are not reliable beyond that",
      remedy: "use a shorter --input-tokens or --output-tokens, or a model that was trained for longer texts")
  }
}

/// A question that cannot be sized as it was asked.
public enum SizingError: ExplainedError, Hashable {
  case unknownQuantization(String, known: [String])

  public var outcome: FailureOutcome { .usage }

  public var reason: Reason {
    switch self {
    case .unknownQuantization(let name, let known):
      Reason(
        .unknownQuantization, "no quantization \(printable(name)) is known",
        remedy: "one of \(known.joined(separator: ", "))")
    }
  }
}
