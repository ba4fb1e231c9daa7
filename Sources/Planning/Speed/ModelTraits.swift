public import Models
import Units

/// The few numbers of a model that its speed depends on.
public struct ModelTraits: Hashable, Sendable, Codable {
  public var parameters: Double
  /// Parameters that one token passes through.
  public var activeParameters: Double
  public var layers: Double
  public var width: Double
  /// Width of all query heads together, over the layers with attention to everything.
  public var queryWidth: Double
  /// Query heads of one such layer; nil where only their width together is known.
  public var attentionHeads: Double?
  /// Elements that one token adds to the cache in one layer, keys and values together.
  public var cacheElements: Double
  /// Layers that attend to everything before.
  public var fullLayers: Double
  /// Layers that attend to a window; they are the rest where a window exists.
  public var windowLayers: Double
  public var window: Double
  public var vocabulary: Double
  public var hasTiedEmbeddings: Bool
  /// Experts of a layer, 0 for a dense model.
  public var experts: Double
  public var usedExperts: Double
  /// Multi-head latent attention: one small vector to store, many heads to compute.
  public var isLatent: Bool

  public init(
    parameters: Double, activeParameters: Double, layers: Double, width: Double, queryWidth: Double,
    cacheElements: Double, fullLayers: Double, windowLayers: Double = 0, window: Double = 0, vocabulary: Double,
    hasTiedEmbeddings: Bool = false, experts: Double = 0, usedExperts: Double = 0, isLatent: Bool = false,
    attentionHeads: Double? = nil
  ) {
    self.parameters = parameters
    self.activeParameters = activeParameters
    self.layers = layers
    self.width = width
    self.queryWidth = queryWidth
    self.attentionHeads = attentionHeads
    self.cacheElements = cacheElements
    self.fullLayers = fullLayers
    self.windowLayers = windowLayers
    self.window = window
    self.vocabulary = vocabulary
    self.hasTiedEmbeddings = hasTiedEmbeddings
    self.experts = experts
    self.usedExperts = usedExperts
    self.isLatent = isLatent
  }

  /// Creates the traits of an ordinary model of a size, for one whose shape is not known.
  ///
  /// Depth and width grow with the size as they do over the published dense models from 0.5 to 400 billion; heads come in
  /// eights of about 128 elements, so that they divide as those of published models do.
  public init(ordinaryWith parameters: Double, active: Double) {
    let isSparse = active < 0.6 * parameters
    let dense = (isSparse ? (parameters * active).squareRoot() : parameters) / 8e9
    let width = 4096 * power(dense, 0.32)
    self.init(
      parameters: parameters, activeParameters: active, layers: (32 * power(dense, 0.36)).rounded(), width: width,
      queryWidth: width, cacheElements: 2048, fullLayers: (32 * power(dense, 0.36)).rounded(), vocabulary: 128_256,
      experts: isSparse ? 128 : 0, usedExperts: isSparse ? 8 : 0,
      attentionHeads: max(8, (width / 1024).rounded() * 8))
  }

  /// Creates the traits of a model whose file or configuration was read.
  ///
  /// Nil where it has no layers or its parameters are not known and cannot be counted from its shape.
  public init?(_ model: Model) {
    let blocks = model.layers.filter { !$0.isNextTokenPrediction }
    guard !blocks.isEmpty else { return nil }
    let counted = ModelTraits.countedParameters(of: model)
    let total = model.parameters.map { Double($0.value) } ?? counted.total
    let active = model.activeParameters.map { Double($0.value) } ?? min(total, counted.active)
    guard total > 0 else { return nil }
    let full = blocks.filter { [.full, .latent, .sparse, .hybrid].contains($0.kind) }
    let windowed = blocks.filter { $0.kind == .sliding || $0.kind == .chunked }
    let attending = full.first ?? windowed.first
    let owners = full.filter { $0.sharesCacheOf == nil }.count
    let experts = blocks.lazy.compactMap(\.experts).first
    let isLatent = full.contains { $0.kind == .latent }
    // Latent heads are counted at 128, the width of their own part; `attentionWidth` adds the compressed vector.
    let headLength = isLatent ? 128 : attending?.keyLength ?? 0
    self.init(
      parameters: total, activeParameters: active, layers: Double(blocks.count),
      width: Double(model.shape.embeddingLength),
      queryWidth: Double((attending?.headCount ?? 0) * headLength),
      cacheElements: Double(
        (attending?.kvHeadCount ?? 0) * ((attending?.keyLength ?? 0) + (attending?.valueLength ?? 0))),
      fullLayers: Double(owners), windowLayers: Double(windowed.count),
      window: Double(windowed.compactMap(\.window).max() ?? 0), vocabulary: Double(model.shape.vocabularySize),
      hasTiedEmbeddings: model.shape.hasTiedEmbeddings, experts: Double(experts?.count ?? 0),
      usedExperts: Double(experts?.usedCount ?? 0), isLatent: isLatent,
      attentionHeads: attending.map { Double($0.headCount) })
  }

  /// The vocabulary over a usual one, of 128 Ki tokens; 1 where it is not known.
  var vocabularyShare: Double { vocabulary > 0 ? vocabulary / 128_256 : 1 }

  /// Query heads of a layer with attention: as stated, else of 128 elements each, as most models have them.
  var heads: Double { attentionHeads ?? max(1, (queryWidth / 128).rounded()) }

  /// Share of the weights that lies in experts of which a token uses a few.
  var expertShare: Double {
    guard experts > 0 else { return 0 }
    let used = min(usedExperts / experts, 0.999)
    return min(max((1 - activeParameters / parameters) / (1 - used), 0), 0.98)
  }

  /// Share of a layer's experts that a batch of tokens touches: 1 - (1 - k/n)^b.
  func touchedExperts(tokens: Double) -> Double {
    guard experts > 0 else { return 1 }
    return 1 - power(1 - min(usedExperts / experts, 1), tokens)
  }

  /// Share of the weights that one step over so many tokens reads.
  func readShare(tokens: Double) -> Double {
    let share = expertShare
    return (1 - share) + share * touchedExperts(tokens: tokens)
  }

  /// Parameters that every token of a prompt is multiplied with: the head is computed for the last one only, and the
  /// table of input embeddings is looked up.
  package var promptParameters: Double {
    let tables = vocabulary * width * (hasTiedEmbeddings ? 1 : 2)
    return max(activeParameters - tables, activeParameters * 0.3)
  }

  /// Share of the weights that decoding reads at most: the input embedding is a table of which it reads one row.
  var decodedShare: Double {
    hasTiedEmbeddings ? 1 : max(0.5, 1 - vocabulary * width / parameters)
  }

  /// Cached tokens that one new token at a length attends to, summed over the layers.
  func attendedTokens(at length: Double) -> Double {
    fullLayers * length + windowLayers * min(length, window > 0 ? window : length)
  }

  /// Multiplied width of attention: for latent attention heads are as wide as the compressed vector.
  var attentionWidth: Double { isLatent ? queryWidth * 1088 / 256 : queryWidth }
}
