import Models

/// The facts of a model that its compute graph depends on, looked up by GGUF's names.
struct LlamaModelFacts: Sendable {
  let model: Model
  private let dimensions: [String: [Int]]
  /// What stands before a block's name: the T5 family tells the encoder's blocks from the decoder's.
  private let side: String

  /// Indexes a model's tensors, by their GGUF names.
  init(_ model: Model) {
    self.model = model
    side =
      switch model.architecture {
      case "t5": "dec."
      case "t5encoder": "enc."
      default: ""
      }
    dimensions = Dictionary(model.tensors.map { ($0.name, $0.dimensions) }, uniquingKeysWith: { first, _ in first })
  }

  var shape: ModelShape { model.shape }
  /// Layers without those that predict further ahead.
  var trunk: ArraySlice<Layer> { model.layers.prefix(model.layers.count - shape.nextTokenPredictionLayers) }

  func has(_ name: String) -> Bool { dimensions[name] != nil }
  func has(_ name: String, _ layer: Int) -> Bool { dimensions[named(name, layer)] != nil }
  /// A block's tensor by its full name.
  private func named(_ name: String, _ layer: Int) -> String { "\(side)blk.\(layer).\(name)" }

  /// Returns a tensor's extent in one dimension; nil where there is no such tensor.
  func extent(_ name: String, _ dimension: Int) -> Int? {
    guard let found = dimensions[name] else { return nil }
    return dimension < found.count ? found[dimension] : 1
  }

  /// Returns the rows of a layer's weight.
  func rows(_ name: String, _ layer: Int) -> Int? { extent(named("\(name).weight", layer), 1) }
  func columns(_ name: String, _ layer: Int) -> Int? { extent(named("\(name).weight", layer), 0) }

  /// Returns a number of the header by its key without the architecture's prefix.
  func number(_ key: String) -> Double? { shape.extras[key] }
  /// Returns a size of the header; nil for one that no model could have.
  func integer(_ key: String) -> Int? {
    shape.extras[key].flatMap { $0.magnitude < Double(Self.largestSize) ? Int($0) : nil }
  }
  /// True where the key is there and not zero.
  func isSet(_ key: String) -> Bool { (shape.extras[key] ?? 0) != 0 }

  private static let largestSize = 1 << 24

  /// False where a size is beyond any model, so that products of sizes could leave the range of numbers.
  var isPlausible: Bool {
    let state = shape.stateSpace ?? StateSpaceShape()
    let sizes = [state.convolutionKernel, state.innerSize, state.stateSize, state.groupCount, state.timeStepRank]
    return ([shape.embeddingLength] + sizes).allSatisfy { $0 <= Self.largestSize }
      && shape.vocabularySize <= Self.largestSize << 4
      && model.layers.allSatisfy { layer in
        [layer.headCount, layer.kvHeadCount, layer.keyLength, layer.valueLength].allSatisfy { $0 <= 1 << 20 }
          && (layer.experts.map { max($0.count, $0.usedCount) } ?? 0) <= 1 << 20
      }
  }

  /// True where keys and values are one compressed vector for each token.
  var isLatent: Bool {
    (isSet("attention.key_length_mla") && isSet("attention.value_length_mla"))
      || model.architecture == "deepseek4"
  }

  /// The widest row of values over the layers.
  var widestValues: Int { model.layers.map { $0.valueLength * $0.kvHeadCount }.max() ?? 0 }

  /// True for a layer that keeps no keys and values of its own in the target's context.
  func isWithoutCache(_ layer: Layer) -> Bool {
    layer.kind == .recurrent || layer.kind == .none || layer.sharesCacheOf != nil || layer.isNextTokenPrediction
  }

  /// Returns the elements of a recurrent layer's state for one sequence: of its convolution, and of the rest.
  func stateWidths(_ layer: Layer) -> (convolution: Int, state: Int) {
    let state = shape.stateSpace ?? StateSpaceShape()
    let heads = model.layers.first?.headCount ?? 0
    switch model.architecture {
    case "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7":
      let shifts = integer("token_shift_count") ?? 2
      return (shifts * embedding, embedding * (integer("wkv.head_size") ?? 0))
    case "lfm2", "lfm2moe":
      return (embedding * max(0, (integer("shortconv.l_cache") ?? 1) - 1), 0)
    case "kimi-linear", "kimi-k3", "bailingmoe3", "glm5-next":
      let length = integer("kda.head_dim") ?? 0
      let taps = state.convolutionKernel > 0 ? state.convolutionKernel - 1 : 3
      return (3 * taps * heads * length, length * length * heads)
    default: break
    }
    let taps = max(0, state.convolutionKernel - 1)
    // The first kind of state space has no groups, whatever a header says.
    let groups = ["mamba", "jamba"].contains(model.architecture) ? 0 : state.groupCount
    let convolution = taps * (state.innerSize + 2 * groups * state.stateSize)
    guard model.architecture != "minimax-01" else {
      let length = model.layers.first?.keyLength ?? 0
      return (convolution, length * length * heads)
    }
    return (convolution, state.stateSize * state.innerSize)
  }

  var embedding: Int { shape.embeddingLength }
  var vocabulary: Int { extent("output.weight", 1) ?? extent("token_embd.weight", 1) ?? shape.vocabularySize }
  var hasSlidingCache: Bool { model.layers.contains { $0.kind == .sliding || $0.kind == .chunked } }
}
