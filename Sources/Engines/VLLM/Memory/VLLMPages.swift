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
  /// Bytes that each token within reach takes beside the blocks: windows and states of compressed attention.
  var reachBytes = 0

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
    if reachBytes > 0, pageBytes > .zero {
      let reach = min((groups.first?.window ?? 1) - 1 + batchedTokens, tokens)
      let beside = reach.multipliedReportingOverflow(by: reachBytes).partialValue
      return (tokens + blockTokens - 1) / blockTokens + (beside + pageBytes.bytes - 1) / pageBytes.bytes
    }
    return groups.reduce(0) { sum, group in
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
    /// True where the model's own prediction layers guess, and cache what they read.
    public var usesPredictionLayers = false
    /// The model that guesses tokens, whose cache comes out of the same pool; nil where there is none.
    public var draft: Model?

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
    var layers = model.layers.filter { !$0.isNextTokenPrediction && $0.sharesCacheOf == nil && $0.kind != .none }
    if conditions.usesPredictionLayers { layers += model.predictor?.layers.filter { $0.kind != .none } ?? [] }
    layers += Self.standIns(for: conditions.draft, among: layers, model, conditions)
    guard !layers.isEmpty, !model.shape.isEncoderOnly else { return nil }
    if layers.contains(where: { $0.compressionRatio != nil }) {
      self.init(compressed: layers, conditions)
      return
    }
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

  /// A draft's layers, as so many of the model's own as take its bytes for each token: all layers of a pool have pages of one
  /// size (`unify_kv_cache_spec_page_size`).
  private static func standIns(
    for draft: Model?, among layers: [Layer], _ model: Model, _ conditions: Conditions
  ) -> [Layer] {
    guard let draft, let like = layers.first(where: { $0.kind != .recurrent }) else { return [] }
    let each = tokenBytes(like, model, conditions)
    let all = draft.layers.filter { $0.sharesCacheOf == nil && $0.kind != .none && $0.kind != .recurrent }
      .reduce(0) { $0 + tokenBytes($1, draft, conditions) }
    guard each > 0, all > 0 else { return [] }
    return Array(repeating: like, count: (all + each - 1) / each)
  }

  /// Works out the pages of attention to compressed entries (DeepSeek V4): a block of 256 tokens in every layer, and what
  /// windows and the compressors' 32-bit states take for each token that they still reach.
  ///
  /// Layers of unlike pages are padded to one another: requests of five logged starts took 17% more than the parts.
  private init(compressed layers: [Layer], _ conditions: Conditions) {
    let block = 256
    let elementBytes = conditions.cacheElementBytes
    var (blockBytes, reachBytes) = (0, 0)
    for layer in layers {
      // 8-bit vectors keep 64 rotary elements in 16 bits, and 8 bytes of scales.
      let entry = elementBytes == 1 ? layer.keyLength + 64 + 8 : layer.keyLength * elementBytes
      reachBytes += entry
      guard let ratio = layer.compressionRatio, ratio > 0 else { continue }
      let indexer = layer.indexerLength.map { $0 + 4 } ?? 0
      blockBytes += (block + ratio - 1) / ratio * (entry + indexer)
      // Keys and scores; where the indexer picks entries, neighbouring ones overlap and are kept twice.
      let overlap = layer.indexerLength == nil ? 1 : 2
      reachBytes += 2 * 4 * overlap * (layer.keyLength + (layer.indexerLength ?? 0))
    }
    self.init(
      blockTokens: block, pageBytes: ByteCount(blockBytes).scaled(by: 1.17), layersPerGroup: 1,
      groups: [Group(kind: .sliding, window: layers.compactMap(\.compressionRatio).max())])
    self.reachBytes = Int(Double(reachBytes) * 1.17)
  }

  /// Bytes that one token takes in one attention layer of one rank.
  private static func tokenBytes(_ layer: Layer, _ model: Model, _ conditions: Conditions) -> Int {
    let isLatent = layer.kind == .latent || (layer.kind == .sparse && layer.valueLength == 0)
    if isLatent {
      // Kernels for attention that an indexer picks keep 64 rotary elements of an 8-bit vector in 16 bits, and 16 bytes of
      // scales (`fp8_ds_mla`); the indexer's keys are always of 8 bits, with a scale.
      let isPicked = layer.indexerLength != nil
      let own = layer.keyLength * conditions.cacheElementBytes
      let vector = isPicked && conditions.cacheElementBytes == 1 ? own + 64 + 16 : own
      return vector + (layer.indexerLength.map { $0 + 4 } ?? 0)
    }
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
