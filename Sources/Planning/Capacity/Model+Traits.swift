public import Models
import Units

extension Model {
  /// Creates the model that traits stand for, so that engines can be asked about one of which only the name or size is known.
  ///
  /// Widths of feed-forward blocks are not among the traits: a rule about them is not applied.
  public init(_ traits: ModelTraits, name: String) {
    let heads = max(1, Self.whole(traits.heads))
    let width = Self.whole(traits.queryWidth)
    // The width of an ordinary model of a size is no whole number of heads.
    let headLength = width > 0 && width % heads == 0 ? width / heads : 128
    let keyLength = traits.isLatent ? Self.whole(traits.cacheElements) : headLength
    let stored = traits.isLatent ? 1 : max(1, Self.whole(traits.cacheElements / 2) / headLength)
    func layer(_ kind: Layer.Kind) -> Layer {
      var layer = Layer(
        kind: kind, headCount: kind == .recurrent ? 0 : heads, kvHeadCount: kind == .recurrent ? 0 : stored,
        keyLength: keyLength, valueLength: traits.isLatent ? 0 : headLength, feedForwardLength: 0)
      if kind == .sliding { layer.window = Self.whole(traits.window) }
      if traits.experts > 0 {
        layer.experts = Experts(
          count: Self.whole(traits.experts), usedCount: Self.whole(traits.usedExperts), sharedCount: 0,
          feedForwardLength: 0, sharedFeedForwardLength: 0)
      }
      return layer
    }
    let full = min(Self.whole(traits.fullLayers), 10_000)
    let windowed = min(Self.whole(traits.windowLayers), 10_000)
    let others = max(0, min(Self.whole(traits.layers), 10_000) - full - windowed)
    self.init(
      name: name, format: .config, architecture: "llama",
      shape: ModelShape(
        embeddingLength: Self.whole(traits.width), vocabularySize: Self.whole(traits.vocabulary),
        contextLength: 0),
      layers: Array(repeating: layer(traits.isLatent ? .latent : .full), count: full)
        + Array(repeating: layer(.sliding), count: windowed) + Array(repeating: layer(.recurrent), count: others))
    shape.hasTiedEmbeddings = traits.hasTiedEmbeddings
    parameters = Figure(Self.whole(traits.parameters), .assumed, "the model's name or size")
    activeParameters = Figure(Self.whole(traits.activeParameters), .assumed, "the model's name or size")
  }

  private static func whole(_ value: Double) -> Int { Int(min(max(value.rounded(), 0), 1e17)) }
}
