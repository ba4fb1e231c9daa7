public import Models
import Units

extension Model {
  /// Creates the model that traits stand for, with the tensors that such a model has, so that it is planned and sized as
  /// any other where only a name or a size is known.
  ///
  /// The width of its feed-forward blocks is what is left of the parameters. The context that it was trained for is not
  /// among the traits, and is unknown.
  public init(_ traits: ModelTraits, name: String) {
    let shape = TraitsShape(traits)
    let full = min(Self.whole(traits.fullLayers), 10_000)
    let windowed = min(Self.whole(traits.windowLayers), 10_000)
    let others = max(0, min(Self.whole(traits.layers), 10_000) - full - windowed)
    self.init(
      name: name, format: .config, architecture: traits.experts > 0 ? "qwen3moe" : "llama",
      shape: ModelShape(
        embeddingLength: shape.width, vocabularySize: shape.vocabulary, contextLength: 0),
      layers: Array(repeating: shape.layer(traits.isLatent ? .latent : .full), count: full)
        + Array(repeating: shape.layer(.sliding), count: windowed)
        + Array(repeating: shape.layer(.recurrent), count: others))
    self.shape.hasTiedEmbeddings = traits.hasTiedEmbeddings
    quantization = Figure("BF16", .assumed, "the model's name or size")
    parameters = Figure(Self.whole(traits.parameters), .assumed, "the model's name or size")
    activeParameters = Figure(Self.whole(traits.activeParameters), .assumed, "the model's name or size")
    tensors = shape.tensors(of: layers, isTied: traits.hasTiedEmbeddings)
    tensorBytes = Figure(
      tensors.reduce(.zero) { $0 + $1.bytes }, .computed, "an ordinary model of that size, in BF16")
  }

  fileprivate static func whole(_ value: Double) -> Int { Int(min(max(value.rounded(), 0), 1e17)) }
}

/// Whole numbers that traits stand for.
private struct TraitsShape {
  let traits: ModelTraits
  /// In whole blocks of quantization.
  let width: Int
  let vocabulary: Int
  let heads: Int
  let headLength: Int
  let keyLength: Int
  let stored: Int
  /// Of a dense layer, or of one expert.
  let inner: Int

  init(_ traits: ModelTraits) {
    self.traits = traits
    width = max(256, Self.rounded(traits.width, to: 256))
    vocabulary = max(1, min(Model.whole(traits.vocabulary), 10_000_000))
    heads = max(1, min(Model.whole(traits.heads), 100_000))
    let query = Model.whole(traits.queryWidth)
    // The width of an ordinary model of a size is no whole number of heads.
    headLength = query > 0 && query % heads == 0 && query / heads <= 4096 ? query / heads : 128
    keyLength = traits.isLatent ? Model.whole(traits.cacheElements) : headLength
    stored = traits.isLatent ? 1 : max(1, Model.whole(traits.cacheElements / 2) / headLength)
    let attention = Double(width) * Double(2 * heads * headLength + 2 * stored * keyLength)
    let tables = Double(width) * Double(vocabulary) * (traits.hasTiedEmbeddings ? 1 : 2)
    let each = (traits.parameters - tables) / max(1, traits.layers) - attention
    // Experts are narrow and many: half a block more or less in each is much of the whole.
    let block = traits.experts > 0 ? 128 : 256
    inner = max(256, Self.rounded(each / (3 * Double(width) * max(1, traits.experts)), to: block))
  }

  private static func rounded(_ value: Double, to block: Int) -> Int {
    Int(min(max((value / Double(block)).rounded(), 1), 1e6)) * block
  }

  func layer(_ kind: Layer.Kind) -> Layer {
    var layer = Layer(
      kind: kind, headCount: kind == .recurrent ? 0 : heads, kvHeadCount: kind == .recurrent ? 0 : stored,
      keyLength: keyLength, valueLength: traits.isLatent ? 0 : headLength,
      feedForwardLength: traits.experts > 0 ? 0 : inner)
    if kind == .sliding { layer.window = Model.whole(traits.window) }
    if traits.experts > 0 {
      layer.experts = Experts(
        count: Model.whole(traits.experts), usedCount: Model.whole(traits.usedExperts), sharedCount: 0,
        feedForwardLength: inner, sharedFeedForwardLength: 0)
    }
    return layer
  }

  func tensors(of layers: [Layer], isTied: Bool) -> [Tensor] {
    var tensors: [Tensor] = []
    func add(_ name: String, _ dimensions: [Int]) {
      let elements = dimensions.reduce(1.0) { $0 * Double($1) }
      tensors.append(
        Tensor(name: name, dimensions: dimensions, type: "BF16", bytes: ByteCount(Int(min(elements * 2, 1e17)))))
    }
    add("model.embed_tokens.weight", [width, vocabulary])
    for (index, layer) in layers.enumerated() {
      let block = "model.layers.\(index)."
      add(block + "input_layernorm.weight", [width])
      if layer.headCount > 0 {
        add(block + "self_attn.q_proj.weight", [width, heads * headLength])
        add(block + "self_attn.k_proj.weight", [width, stored * keyLength])
        add(block + "self_attn.v_proj.weight", [width, stored * keyLength])
        add(block + "self_attn.o_proj.weight", [heads * headLength, width])
      }
      add(block + "post_attention_layernorm.weight", [width])
      addFeedForward(block, layer, add)
    }
    add("model.norm.weight", [width])
    if !isTied { add("lm_head.weight", [width, vocabulary]) }
    return tensors
  }

  private func addFeedForward(_ block: String, _ layer: Layer, _ add: (String, [Int]) -> Void) {
    let matrices = [("gate_proj", [width, inner]), ("up_proj", [width, inner]), ("down_proj", [inner, width])]
    guard let experts = layer.experts else {
      for (name, dimensions) in matrices { add(block + "mlp.\(name).weight", dimensions) }
      return
    }
    add(block + "mlp.gate.weight", [width, experts.count])
    for (name, dimensions) in matrices { add(block + "mlp.experts.\(name)", dimensions + [experts.count]) }
  }
}
