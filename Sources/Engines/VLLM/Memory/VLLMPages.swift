public import Models
public import Units

/// How vLLM cuts its cache into pages: the size of a page, the layers that share a pool, and what one request takes.
///
/// The rules are those of `vllm/v1/core/kv_cache_utils.py` and of its hybrid models; block counts are exact.
public struct VLLMPages: Hashable, Sendable {
  /// Tokens in one block.
  public var blockTokens: Int
  /// Bytes of one block of one layer.
  public var pageBytes: ByteCount
  /// Layers of one group; each block of the pool holds a page for each of them.
  public var layersPerGroup: Int
  public var groups: [Group]

  /// Layers that hold the same tokens.
  public struct Group: Hashable, Sendable {
    public var kind: Layer.Kind
    public var window: Int?
  }

  /// Returns how many blocks a pool of this size has, on one of so many pipeline stages.
  public func blocks(in pool: ByteCount, stages: Int = 1) -> Int {
    let each = (pageBytes * ((layersPerGroup + stages - 1) / stages)).bytes
    return each > 0 ? pool.bytes / each : 0
  }

  /// Returns the blocks that one request of this many tokens takes over all groups.
  public func blocksPerRequest(tokens: Int, batchedTokens: Int) -> Int {
    groups.reduce(0) { sum, group in
      switch group.kind {
      case .sliding, .chunked:
        let reach = min((group.window ?? tokens) - 1 + batchedTokens, tokens)
        return sum + (reach + blockTokens - 1) / blockTokens + 1
      case .recurrent: return sum + 1
      default: return sum + (tokens + blockTokens - 1) / blockTokens
      }
    }
  }
}

extension VLLMPages {
  /// What decides the pages besides the model.
  public struct Conditions: Hashable, Sendable {
    /// Tokens of a block unless the model's layers ask for more.
    public var blockTokens: Int
    /// Bytes of one cached element, and of one element of the model's own type.
    public var cacheElementBytes: Int
    public var modelElementBytes: Int
    public var tensorParallel: Int
    public var contextLength: Int

    public init(
      blockTokens: Int, cacheElementBytes: Int, modelElementBytes: Int, tensorParallel: Int, contextLength: Int
    ) {
      self.blockTokens = blockTokens
      self.cacheElementBytes = cacheElementBytes
      self.modelElementBytes = modelElementBytes
      self.tensorParallel = tensorParallel
      self.contextLength = contextLength
    }
  }

  /// Works out the pages of a model; nil for one that keeps no cache.
  public init?(_ model: Model, _ conditions: Conditions) {
    let layers = model.layers.filter { !$0.isNextTokenPrediction && $0.sharesCacheOf == nil && $0.kind != .none }
    guard !layers.isEmpty, !model.shape.isEncoderOnly else { return nil }
    let statePage = Self.statePage(model, conditions)
    guard let attention = layers.first(where: { $0.kind != .recurrent }) else {
      self.init(
        blockTokens: conditions.contextLength, pageBytes: statePage, layersPerGroup: layers.count,
        groups: [Group(kind: .recurrent)])
      return
    }
    let tokenBytes = Self.tokenBytes(attention, model, conditions)
    guard tokenBytes > 0 else { return nil }
    var block = conditions.blockTokens
    // A block of attention grows until it covers one recurrent state; both then use the larger page.
    let hasStates = layers.contains { $0.kind == .recurrent || $0.kind == .hybrid }
    while hasStates, block * tokenBytes < statePage.bytes { block += conditions.blockTokens }
    let (size, groups) = Self.grouped(layers)
    self.init(
      blockTokens: block, pageBytes: ByteCount(tokenBytes) * block, layersPerGroup: size, groups: groups)
  }

  /// Bytes that one token takes in one attention layer of one rank.
  private static func tokenBytes(_ layer: Layer, _ model: Model, _ conditions: Conditions) -> Int {
    let isLatent = layer.kind == .latent || (layer.kind == .sparse && layer.valueLength == 0)
    if isLatent { return layer.keyLength * conditions.cacheElementBytes }
    // Heads are copied once there are more ranks than heads.
    let heads = max(1, layer.kvHeadCount / max(1, conditions.tensorParallel))
    return heads * (layer.keyLength + layer.valueLength) * conditions.cacheElementBytes
  }

  /// Bytes of one recurrent layer's state: the convolution's in the model's type, the rest in 32 bits.
  private static func statePage(_ model: Model, _ conditions: Conditions) -> ByteCount {
    guard let state = model.shape.stateSpace else { return .zero }
    let ranks = max(1, conditions.tensorParallel)
    let taps = max(0, state.convolutionKernel - 1)
    let channels = state.innerSize + 2 * state.groupCount * state.stateSize
    let convolution = ByteCount(taps * channels / ranks) * conditions.modelElementBytes
    return convolution + ByteCount(state.innerSize * state.stateSize / ranks) * 4
  }

  /// Puts layers into groups of one size, as the cache manager does so that all share one pool.
  private static func grouped(_ layers: [Layer]) -> (size: Int, groups: [Group]) {
    struct Kind: Hashable {
      var kind: Layer.Kind
      var window: Int?
    }
    var counts: [Kind: Int] = [:]
    var order: [Kind] = []
    for layer in layers {
      let kind = Kind(kind: layer.kind == .latent ? .full : layer.kind, window: layer.window)
      if counts[kind] == nil { order.append(kind) }
      counts[kind, default: 0] += 1
    }
    let smallest = counts.values.min() ?? 1
    let largest = counts.values.max() ?? 1
    // Nearly equal kinds are padded to the larger, so that there are few groups.
    let size = 2 * largest < 3 * smallest ? largest : smallest
    let groups = order.flatMap { kind in
      Array(
        repeating: Group(kind: kind.kind, window: kind.window),
        count: ((counts[kind] ?? 0) + size - 1) / size)
    }
    return (size, groups)
  }
}
