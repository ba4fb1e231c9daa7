public import Models

/// How tokens are guessed that the model then checks all in one step.
public enum SpeculationMethod: String, Hashable, Sendable, Codable, CaseIterable {
  /// A smaller model of the same vocabulary.
  case draftModel = "draft-model"
  /// Layers that predict further tokens (MTP, NextN): the model's own, or in a file beside it.
  case predictionLayers = "mtp"
  /// A layer that reads the model's hidden states and guesses token after token.
  case eagle3
  /// A few layers that guess a whole block at once.
  case dflash
  /// The same, with a head that ties each token of the block to the one before it.
  case dspark

  /// Guesses for each check, as the engines' documentation starts them (llama-server's default is 3); `Speculation` counts with the
  /// same.
  ///
  /// - Parameter layers: of the model that predict further tokens. vLLM takes multiples of their number
  ///   (`SpeculativeConfig`), and both engines run one of them again for a second token.
  public func guesses(predictionLayers layers: Int = 1) -> Int {
    switch self {
    case .draftModel: 4
    case .predictionLayers: (3 + max(1, layers) - 1) / max(1, layers) * max(1, layers)
    case .eagle3: 3
    case .dflash: 15
    case .dspark: 7
    }
  }

  /// True where one pass makes all guesses.
  public var guessesBlocks: Bool { self == .dflash || self == .dspark }

  /// True where what guesses shares words and states with the model it was trained for: its own vocabulary may be a part
  /// of the model's.
  public var isMadeForOneModel: Bool { self != .draftModel }

  /// How the file of a draft guesses, by what it holds (`common_speculative_types_from_gguf`, 11434).
  public init(of draft: Model) {
    switch draft.architecture {
    case "eagle3": self = .eagle3
    case "dflash":
      self = draft.tensors.contains { $0.name.contains("markov") } ? .dspark : .dflash
    default:
      let isWithoutTrunk = !draft.layers.isEmpty && draft.layers.allSatisfy(\.isNextTokenPrediction)
      self = isWithoutTrunk || draft.architecture == "gemma4-assistant" ? .predictionLayers : .draftModel
    }
  }
}

/// What guesses, and how far ahead.
public struct SpeculationSettings: Hashable, Sendable, Codable {
  public var method: SpeculationMethod
  /// Tokens guessed for each check.
  public var guesses: Int

  public init(_ method: SpeculationMethod, predictionLayers: Int = 1) {
    self.method = method
    guesses = method.guesses(predictionLayers: predictionLayers)
  }
}

extension EngineSettings {
  /// Tokens guessed for each check; 0 without a draft. Settings that were stored earlier name a draft's file alone.
  public var guesses: Int {
    speculation?.guesses ?? (draftPath == nil ? 0 : SpeculationMethod.draftModel.guesses())
  }

  /// How they are guessed; nil without a draft.
  public var speculationMethod: SpeculationMethod? {
    speculation?.method ?? (draftPath == nil ? nil : .draftModel)
  }

  /// True where the model's own prediction layers are loaded and guess.
  public var usesPredictionLayers: Bool { speculation?.method == .predictionLayers && draftPath == nil }
}
