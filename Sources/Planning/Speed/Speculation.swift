public import Engines
public import Models
public import Units

/// What guesses tokens, which the model then checks all in one step: a smaller model, or layers made for it.
public struct Speculation: Hashable, Sendable {
  /// Taken where nothing is stated: it is not measured, and texts differ widely.
  public static let usualAcceptance = 0.6

  public var method: SpeculationMethod
  public var traits: ModelTraits
  public var quantization: String
  public var weightBytes: ByteCount
  /// Tokens guessed for each check.
  public var tokens: Int
  /// Chance that one guess is kept.
  public var acceptance: Double
  /// False where the user stated the chance.
  public var isAssumed: Bool

  /// Creates it from a draft model's file; nil where its shape is not known.
  public init?(
    _ model: Model, acceptance: Double? = nil, method: SpeculationMethod = .draftModel, tokens: Int? = nil
  ) {
    guard let traits = ModelTraits(model) else { return nil }
    self.traits = traits
    self.method = method
    quantization = model.quantization?.value ?? "unknown"
    weightBytes = model.tensorBytes?.value ?? model.files.reduce(ByteCount.zero) { $0 + $1.bytes }
    self.tokens = max(1, tokens ?? method.guesses())
    self.acceptance = min(max(acceptance ?? Speculation.usualAcceptance, 0), 0.99)
    isAssumed = acceptance == nil
  }

  /// Tokens that one check yields: kept guesses, and the one that the check itself adds: (1 - a^(k+1)) / (1 - a).
  public var tokensPerCheck: Double { tokensPerCheck(at: acceptance) }

  private func tokensPerCheck(at acceptance: Double) -> Double {
    (1 - power(acceptance, Double(tokens + 1))) / (1 - acceptance)
  }

  /// The logarithm of the factor within which 80% of texts are taken to lie, where nobody stated the chance. Assumed: they
  /// keep a fifth of the guesses more or less.
  var doubt: Double {
    isAssumed ? naturalLog(tokensPerCheck(at: min(0.99, acceptance + 0.2)) / tokensPerCheck) : 0
  }

  /// What it computes for one check, in words.
  var stepsInWords: String {
    switch method {
    case .draftModel: "\(tokens) steps of the draft model"
    case .predictionLayers: "\(tokens) steps of the prediction layers"
    case .eagle3: "\(tokens) steps of the EAGLE-3 layer"
    case .dflash, .dspark: "one pass over \(tokens) tokens"
    }
  }

  /// The acceptance in words, with where it is from.
  public var words: String {
    "\(tokens) guesses for each check, each kept with a chance of \(acceptance.formatted(decimals: 2)) "
      + (isAssumed ? "(assumed: it depends on the text)" : "(as given)")
      + ": \(tokensPerCheck.formatted(decimals: 2)) tokens for each check"
  }
}

extension Question {
  /// The draft as the speed model needs it; nil where there is none, or its shape is not known.
  var speculation: Speculation? {
    draft.flatMap { draft in
      var guesser = Speculation(
        draft.model, acceptance: draft.acceptance, method: settings.speculationMethod ?? .draftModel, tokens: guesses)
      // The model's own layers end in the model's own matrix of the output, which is read for each guess.
      if settings.usesPredictionLayers {
        guesser?.weightBytes += tensors.lazy.filter { ["output.weight", "lm_head.weight"].contains($0.name) }
          .map(\.bytes).reduce(.zero, +)
      }
      return guesser
    }
  }
}

/// What guesses for one server, as the speed model has it.
struct Guesser: Sendable {
  let draft: Speculation
  /// The guesser alone, where the model runs.
  private let small: SpeedCase
  private let quantities: Quantities

  init(_ draft: Speculation, beside one: SpeedCase, _ estimator: SpeedEstimator) {
    self.draft = draft
    var small = one
    small.model = draft.traits
    small.weightBytes = Double(draft.weightBytes.bytes)
    small.quantKind = QuantKind(named: draft.quantization)
    small.deviceShare = one.deviceShare == nil ? nil : 1
    small.deviceExpertShare = nil
    self.small = small
    quantities = estimator.quantities(for: small)
  }

  /// One check of guesses and the guesses before it, for so many streams.
  func step(_ one: SpeedCase, _ q: Quantities, streams: Double, length: Double) -> SpeculatedStep {
    let checked = Double(draft.tokens + 1)
    var check = one.decodeStep(q, streams: streams * checked, length: length, sequences: streams)
    // The guesses of a stream share its cache, which is read once for all of them.
    check.cache /= checked
    let guess = small.decodeStep(quantities, streams: streams, length: length)
    return SpeculatedStep(
      check: check.total, guesses: guess.total * (draft.method.guessesBlocks ? 1 : Double(draft.tokens)),
      tokens: draft.tokensPerCheck)
  }
}

/// One check of guesses and the guesses before it, in seconds.
struct SpeculatedStep: Hashable, Sendable {
  var check: Double
  var guesses: Double
  /// Tokens that one check yields.
  var tokens: Double

  var secondsPerToken: Double { (check + guesses) / tokens }
}

extension SpeedEstimator {
  /// A server under the question's load, with what guesses for it: what `plan` and `size` ask alike.
  func load(_ request: Question, _ one: SpeedCase) -> ServerLoad {
    let workload = request.workload
    return ServerLoad(
      speedCase: one, inputTokens: Double(max(1, workload.inputTokens)),
      outputTokens: Double(max(1, workload.outputTokens)), cachedShare: workload.prefixHit ?? 0,
      guesser: request.speculation.map { Guesser($0, beside: one, self) })
  }

  /// Tokens a second of one stream alone, with what guesses for it.
  func decode(_ load: ServerLoad, _ q: Quantities) -> Band? {
    let one = load.speedCase
    let length = load.inputTokens + load.outputTokens / 2
    let step = one.decodeStep(q, streams: 1, length: length).total
    let plain = band(1 / step, .decode, of: load)?.below(one.decodeRoof)
    guard let guesser = load.guesser else { return plain }
    return plain?.scaled(by: step / guesser.step(one, q, streams: 1, length: length).secondsPerToken)
  }

  /// Says what a draft does to one stream and under the load.
  func addSpeculation(_ out: inout SpeedPrediction, _ load: ServerLoad, _ q: Quantities, inFlight: Double) {
    guard let guesser = load.guesser else { return }
    let one = load.speedCase
    let length = load.inputTokens + load.outputTokens / 2
    func step(_ streams: Double) -> (drafted: SpeculatedStep, gain: Double) {
      let drafted = guesser.step(one, q, streams: streams, length: length)
      return (drafted, one.decodeStep(q, streams: streams, length: length).total / drafted.secondsPerToken)
    }
    let alone = step(1)
    let words = guesser.draft.words
    out.terms.append(
      SpeedTerm("draft: guesses", seconds: alone.drafted.guesses, formula: guesser.draft.stepsInWords))
    out.terms.append(
      SpeedTerm(
        "draft: check", seconds: alone.drafted.check,
        formula: "one step over \(guesser.draft.tokens + 1) tokens; \(words)"))
    let gain = step(max(1, inFlight / one.replicas)).gain
    let times = gain.formatted(decimals: 2)
    out.bounds.append(
      gain > 1
        ? Reason(.speculationGains, "with the draft, decoding runs at \(times) times its speed: \(words)")
        : Reason(
          .speculationLoses, "with the draft, decoding runs at \(times) times its speed: \(words)",
          remedy: "leave the draft out: checking costs more than the kept guesses save"))
  }
}

extension Band {
  /// The band with all three values multiplied.
  fileprivate func scaled(by factor: Double) -> Band {
    Band(low: low * factor, expected: expected * factor, high: high * factor, source: source)
  }
}
