/// Makes a model's dimensions from its keys.
enum ShapeRules {
  static func shape(
    _ keys: Hyperparameters, layers: [Layer], rules: LayerRules, vocabularySize: Int, hasTiedEmbeddings: Bool
  ) -> ModelShape {
    var shape = ModelShape(
      embeddingLength: max(0, keys.int("embedding_length") ?? 0), vocabularySize: vocabularySize,
      contextLength: max(0, keys.int("context_length") ?? 0))
    shape.hasTiedEmbeddings = hasTiedEmbeddings
    shape.isEncoderOnly = rules.architecture.isEncoderOnly
    shape.nextTokenPredictionLayers = rules.predictionLayers
    shape.slidingWindow = layers.compactMap(\.window).max()
    shape.stateSpace = stateSpace(keys, layers: layers)
    // What no integer holds exactly is no count: rules may turn the rest into one without a check.
    shape.extras = keys.numbers.filter { abs($0.value) <= 9_007_199_254_740_992 }
    // Kept as a mark only: axes of a rotary embedding, where the first two are in use.
    if let sections = keys.arrays["rope.dimension_sections"], sections.count > 1, sections[0] > 0, sections[1] > 0 {
      shape.extras["rope.dimension_sections"] = Double(sections.count)
    }
    return shape
  }

  private static func stateSpace(_ keys: Hyperparameters, layers: [Layer]) -> StateSpaceShape? {
    guard layers.contains(where: { $0.kind == .recurrent || $0.kind == .hybrid }) else { return nil }
    var state = StateSpaceShape()
    state.convolutionKernel = keys.int("ssm.conv_kernel") ?? keys.int("shortconv.l_cache") ?? 0
    state.innerSize = keys.int("ssm.inner_size") ?? 0
    state.stateSize = keys.int("ssm.state_size") ?? 0
    state.groupCount = keys.int("ssm.group_count") ?? 0
    state.timeStepRank = keys.int("ssm.time_step_rank") ?? 0
    return state
  }
}
