public import Models

extension Engine {
  public func predicts(_ model: Model) -> Bool { planning.options.contains(.predictionLayers) }
}

extension LlamaCpp {
  public func predicts(_ model: Model) -> Bool {
    model.shape.nextTokenPredictionLayers > 0 && LlamaArchitectureTraits.predicts.contains(model.architecture)
  }
}

extension AmpereLlamaCpp {
  public func predicts(_ model: Model) -> Bool { LlamaCpp().predicts(model) }
}

extension VLLM {
  /// Cohere's is the one family with such layers that vLLM has no class for (`MTPModelTypes`).
  public func predicts(_ model: Model) -> Bool { model.architecture != "cohere2moe" }
}
