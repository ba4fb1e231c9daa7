public import Engines

/// What guesses tokens for the model to check, as every option counts with it.
public struct SizingSpeculation: Hashable, Sendable, Codable {
  public var method: SpeculationMethod
  /// The draft as it was named; nil where the model's own layers guess.
  public var draft: String?
  /// Tokens guessed for each check.
  public var guesses: Int
  /// Chance that one guess is kept.
  public var acceptance: Double
  /// True where nobody stated that chance.
  public var isAssumed: Bool
  /// Tokens that one check yields.
  public var tokensPerCheck: Double

  /// Nil where nothing guesses, or the guesser's shape is not known.
  init?(_ request: SizingRequest) {
    let asked = request.planRequest(inFlight: 1)
    guard let kind = EngineKind.allCases.first(where: { asked.optionRefusal($0) == nil }),
      let form = request.forms.first, let one = asked.question(form, kind).speculation
    else { return nil }
    method = one.method
    if case .draft(_, let name)? = request.guessing { draft = name }
    guesses = one.tokens
    acceptance = one.acceptance
    isAssumed = one.isAssumed
    tokensPerCheck = one.tokensPerCheck
  }

  /// `MTP`, or the draft's name.
  public var words: String { draft.map { "draft \($0)" } ?? "MTP" }
}
