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
  public var tokensPerCheck: Double { (1 - power(acceptance, Double(tokens + 1))) / (1 - acceptance) }

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

extension SpeedEstimator {
  /// One check of guesses and the guesses before it, for so many streams, beside a plain step of the same streams.
  struct SpeculatedStep: Hashable {
    var check: Double
    var guesses: Double
    var plain: Double
    var tokens: Double

    /// Time for each token over that without the draft.
    var ratio: Double { (check + guesses) / tokens / plain }
  }

  /// Returns the times of a speculated step, or nil where the request has no draft.
  func speculatedStep(_ request: Question, _ one: SpeedCase, streams: Double, length: Double) -> SpeculatedStep? {
    guard let draft = request.speculation else { return nil }
    let q = quantities(for: one)
    let checked = Double(draft.tokens + 1)
    var check = one.decodeStep(q, streams: streams * checked, length: length, sequences: streams)
    // The guesses of a stream share its cache, which is read once for all of them.
    check.cache /= checked
    var small = one
    small.model = draft.traits
    small.weightBytes = Double(draft.weightBytes.bytes)
    small.quantKind = QuantKind(named: draft.quantization)
    small.deviceShare = one.deviceShare == nil ? nil : 1
    small.deviceExpertShare = nil
    let guess = small.decodeStep(quantities(for: small), streams: streams, length: length)
    return SpeculatedStep(
      check: check.total, guesses: guess.total * (draft.method.guessesBlocks ? 1 : Double(draft.tokens)),
      plain: one.decodeStep(q, streams: streams, length: length).total, tokens: draft.tokensPerCheck)
  }

  /// Puts a draft's gain, or loss, into a prediction, with its terms and the assumption.
  func addSpeculation(_ out: inout SpeedPrediction, _ request: Question, _ one: SpeedCase, length: Double) {
    guard let draft = request.speculation,
      let alone = speculatedStep(request, one, streams: 1, length: length),
      let loaded = speculatedStep(
        request, one, streams: max(1, Double(request.workload.concurrency) / one.replicas), length: length)
    else { return }
    out.decode = out.decode?.scaled(by: 1 / alone.ratio)
    out.decodeAggregate = out.decodeAggregate?.scaled(by: 1 / loaded.ratio)
    out.timePerOutputToken = out.timePerOutputToken?.scaled(by: loaded.ratio)
    out.terms.append(
      SpeedTerm("draft: guesses", seconds: alone.guesses, formula: draft.stepsInWords))
    out.terms.append(
      SpeedTerm(
        "draft: check", seconds: alone.check, formula: "one step over \(draft.tokens + 1) tokens; \(draft.words)"))
    let gain = (1 / loaded.ratio).formatted(decimals: 2)
    out.bounds.append(
      loaded.ratio < 1
        ? Reason(.speculationGains, "with the draft, decoding runs at \(gain) times its speed: \(draft.words)")
        : Reason(
          .speculationLoses, "with the draft, decoding runs at \(gain) times its speed: \(draft.words)",
          remedy: "leave the draft out: checking costs more than the kept guesses save"))
  }
}

extension Band {
  /// The band with all three values multiplied.
  fileprivate func scaled(by factor: Double) -> Band {
    Band(low: low * factor, expected: expected * factor, high: high * factor, source: source)
  }
}
