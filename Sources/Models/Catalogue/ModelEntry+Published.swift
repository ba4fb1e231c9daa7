extension ModelEntry {
  /// Publishers of GGUF files whose repositories hold all the usual quantizations of a model; others often hold a few.
  private static let publishersOfAllForms = ["bartowski", "unsloth", "mradermacher", "lmstudio-community"]

  /// The repositories with GGUF files of it, those that hold the most forms first.
  public var ggufRepositories: [String] {
    func rank(_ repository: String) -> Int {
      let owner = repository.prefix { $0 != "/" }
      return Self.publishersOfAllForms.firstIndex { $0 == owner } ?? Self.publishersOfAllForms.count
    }
    return gguf.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  /// Where its weights are published: as its maker made them, as GGUF, and in quantized forms.
  public var published: PublishedWeights {
    var published = PublishedWeights(formats: [.config: repository], forms: quantized)
    published.formats[.gguf] = ggufRepositories.first
    return published
  }
}

extension ModelEntry {
  /// True where the weights that were published are quantized.
  public var hasQuantizedWeights: Bool { config?["quantization_config"]?.object != nil }

  /// True for the same model with fewer bits: another entry of the family is as large and is not quantized.
  public func isQuantizedCopy(of other: ModelEntry) -> Bool {
    hasQuantizedWeights && !other.hasQuantizedWeights && family == other.family && name != other.name
      && abs(Double(parameters) / Double(other.parameters) - 1) < 0.001
  }
}
