import Engines
public import Models
import Units

/// What guesses tokens for the model to check.
public enum Guessing: Hashable, Sendable {
  /// The model's own prediction layers (MTP).
  case predictionLayers
  /// A draft model, by the name or path that it was given by.
  case draft(Model, name: String)
}

extension PlanRequest {
  /// Lets something guess tokens.
  ///
  /// - Parameter acceptance: share of the guesses that are kept; nil where nobody stated it.
  public mutating func guess(by guessing: Guessing, acceptance: Double? = nil) {
    draftAcceptance = acceptance
    switch guessing {
    case .predictionLayers:
      settings.speculation = SpeculationSettings(.predictionLayers, predictionLayers: model.predictionLayerCount)
    case .draft(let model, let name):
      draft = model
      settings.draftPath = name
      settings.speculation = SpeculationSettings(SpeculationMethod(of: model))
    }
  }

  /// Why an engine cannot be started as asked: it has no such option, or cannot guess so.
  func optionRefusal(_ kind: EngineKind) -> Reason? {
    if let refusal = EngineCatalogue.engine(kind).refusal(of: companions) { return refusal }
    let missing = engineOptions.subtracting(kind.planning.options)
    guard let option = EngineOption.allCases.first(where: missing.contains) else { return predictionRefusal(kind) }
    let others = EngineKind.allCases.filter { $0.planning.options.contains(option) }.map(\.rawValue)
    return Reason(
      .unsupportedOption, "\(kind.rawValue) cannot do what \(option.rawValue) asks for",
      remedy: "leave it out, or use \(others.prefix(2).joined(separator: " or "))")
  }

  /// Why the model cannot guess by itself: it has no layers for it.
  private func predictionRefusal(_ kind: EngineKind) -> Reason? {
    guard settings.usesPredictionLayers else { return nil }
    let remedy = "leave --mtp out, or name a smaller model of the family with --draft"
    guard model.predictionLayerCount > 0 else {
      return Reason(
        .noPredictionLayers, "\(model.name) has no layers that predict further tokens (MTP)", remedy: remedy)
    }
    guard !kind.engine.predicts(model) else { return nil }
    return Reason(
      .noPredictionLayers, "\(kind.rawValue) does not run the prediction layers (MTP) of \(model.name)",
      remedy: remedy)
  }
}
