/// Makes the layers of a model from its keys, and from its tensors where they decide.
struct LayerRules: Sendable {
  let keys: Hyperparameters
  let architecture: Architecture
  let tensors: TensorNames
  /// All blocks, those that predict further tokens included.
  let blockCount: Int
  let predictionLayers: Int

  init(_ keys: Hyperparameters, tensors: TensorNames) {
    self.keys = keys
    self.tensors = tensors
    architecture = Architecture.named(keys.architecture) ?? Architecture(keys.architecture)
    // A header may claim any number; llama.cpp allows 512 blocks, and so do we.
    let stored = max(0, min(keys.int("block_count") ?? 0, 512))
    // Nanbeige runs its blocks several times over, and each round has a cache of its own.
    let rounds = keys.architecture == "nanbeige" ? max(1, min(keys.int("num_loops") ?? 1, 64)) : 1
    blockCount = min(stored * rounds, 512)
    var prediction = max(0, min(keys.int("nextn_predict_layers") ?? 0, blockCount))
    if prediction > 0, keys.architecture == "deepseek4",
      !tensors.isEmpty, !tensors.contains("nextn.eh_proj.weight", layer: blockCount - prediction)
    {
      prediction = 0
    }
    predictionLayers = prediction
  }

  /// Layers that the main graph runs.
  var trunkCount: Int { blockCount - predictionLayers }

  /// The window in tokens; nil where none slides.
  var window: Int? {
    let key = keys.int("attention.sliding_window").flatMap { $0 > 0 ? $0 : nil }
    let isOff = keys.int("attention.sliding_window") == 0
    switch architecture.windows {
    case .none: return nil
    case .every(_, _, let standard):
      if keys.architecture == "exaone4" { return trunkCount == 64 ? key ?? 4096 : nil }
      return isOff ? nil : key ?? standard
    case .chunks: return isOff ? nil : 8192
    case .fixed(let window, _, _): return key == nil ? nil : window
    case .pattern, .all: return key
    }
  }

  /// Makes every layer, in order.
  func layers() -> [Layer] {
    let windows = windowPattern()
    var layers = (0..<blockCount).map { layer(at: $0, isWindowed: windows[$0]) }
    shareCaches(&layers)
    return layers
  }

  /// Returns for each layer whether it has a window.
  private func windowPattern() -> [Bool] {
    guard window != nil else { return Array(repeating: false, count: blockCount) }
    let pattern = keys.flags("attention.sliding_window_pattern")
    let period = keys.numbers["attention.sliding_window_pattern"].flatMap { Int(exactly: $0) }
    let decisionHead = trunkCount - (keys.int("decision.block_count") ?? 0)
    return (0..<blockCount).map { index in
      if case .all = architecture.windows { return true }
      if let pattern { return pattern.indices.contains(index) && pattern[index] && index < decisionHead }
      guard index < trunkCount, index < decisionHead else { return false }
      switch architecture.windows {
      case .every(let standard, let fullFirst, _), .fixed(_, let standard, let fullFirst):
        return Self.isWindowed(index, period: period ?? standard, fullFirst: fullFirst)
      case .chunks(let standard): return Self.isWindowed(index, period: period ?? standard, fullFirst: false)
      case .none, .pattern, .all: return false
      }
    }
  }

  private static func isWindowed(_ index: Int, period: Int, fullFirst: Bool) -> Bool {
    guard period > 0 else { return true }
    return fullFirst ? index % period != 0 : index % period < period - 1
  }

  private func isRecurrent(_ index: Int) -> Bool {
    switch architecture.recurrence {
    case .none, .beside: return false
    case .all: return true
    case .withoutHeads:
      return (index < trunkCount || keys.architecture == "glm5-next") && kvHeads(index) == 0
    case .withoutHeadsOrFeedForward:
      return index < trunkCount && kvHeads(index) == 0 && (keys.int("feed_forward_length", layer: index) ?? 0) == 0
    case .allButEvery(let standard):
      if let marked = keys.flags("attention.recurrent_layers") {
        return marked.indices.contains(index) && marked[index]
      }
      let interval = keys.int("full_attention_interval") ?? standard
      return index < trunkCount && interval > 0 && (index + 1) % interval != 0
    }
  }

  private func heads(_ index: Int) -> Int { max(0, keys.int("attention.head_count", layer: index) ?? 0) }

  private func kvHeads(_ index: Int) -> Int {
    max(0, keys.int("attention.head_count_kv", layer: index) ?? heads(index))
  }

  private func layer(at index: Int, isWindowed: Bool) -> Layer {
    let isPrediction = index >= trunkCount
    let kind = kind(at: index, isWindowed: isWindowed)
    let lengths = headLengths(at: index, isWindowed: isWindowed)
    let isLatent = isLatentFamily
    var layer = Layer(
      kind: kind, headCount: heads(index), kvHeadCount: kvHeads(index), keyLength: lengths.key,
      valueLength: isLatent ? 0 : lengths.value, window: isWindowed && kind != .recurrent ? window : nil,
      indexerLength: indexerLength(at: index, isWindowed: isWindowed),
      feedForwardLength: max(0, keys.int("feed_forward_length", layer: index) ?? 0),
      experts: ExpertRules(keys: keys, tensors: tensors, trunkCount: trunkCount).experts(at: index),
      isNextTokenPrediction: isPrediction)
    layer.compressionRatio = keys.int("attention.compress_ratios", layer: index).flatMap { $0 > 0 ? $0 : nil }
    return layer
  }

  /// True where keys and values are one compressed vector for each token (multi-head latent attention).
  private var isLatentFamily: Bool {
    let hasMLA = (keys.int("attention.key_length_mla") ?? 0) > 0 && (keys.int("attention.value_length_mla") ?? 0) > 0
    return hasMLA || keys.architecture == "deepseek4"
  }

  private func kind(at index: Int, isWindowed: Bool) -> Layer.Kind {
    if isRecurrent(index) { return .recurrent }
    if case .beside = architecture.recurrence { return .hybrid }
    if case .withoutHeadsOrFeedForward = architecture.recurrence,
      kvHeads(index) == 0 || (keys.int("feed_forward_length", layer: index) ?? 0) > 0
    {
      return .none
    }
    if isWindowed {
      if case .chunks = architecture.windows { return .chunked }
      return .sliding
    }
    if indexerLength(at: index, isWindowed: isWindowed) != nil { return .sparse }
    if isLatentFamily {
      return architecture.indexing == .marked && hasIndexer && index < trunkCount ? .sparse : .latent
    }
    guard keys.int("attention.head_count", layer: index) != nil else { return .unknown }
    // A layer without heads, as in Deci's pruned models, has no attention.
    return heads(index) == 0 || kvHeads(index) == 0 ? .none : .full
  }

  private var hasIndexer: Bool { (keys.int("attention.indexer.key_length") ?? 0) > 0 }

  private func indexerLength(at index: Int, isWindowed: Bool) -> Int? {
    guard hasIndexer, index < trunkCount, !isRecurrent(index), let length = keys.int("attention.indexer.key_length")
    else { return nil }
    switch architecture.indexing {
    case .none: return nil
    case .afterDense: return index >= (keys.int("leading_dense_block_count") ?? 0) ? length : nil
    case .marked:
      if isWindowed, keys.architecture != "deepseek4" { return nil }
      if let marked = keys.flags("attention.indexer.types") {
        return marked.indices.contains(index) && marked[index] ? length : nil
      }
      return length
    }
  }

  private func headLengths(at index: Int, isWindowed: Bool) -> (key: Int, value: Int) {
    let heads = keys.int("attention.head_count", layer: 0) ?? 0
    let standard = heads > 0 ? (keys.int("embedding_length") ?? 0) / heads : 0
    var key = keys.int("attention.key_length") ?? standard
    var value = keys.int("attention.value_length") ?? standard
    if isWindowed {
      key = keys.int("attention.key_length_swa") ?? key
      value = keys.int("attention.value_length_swa") ?? value
    }
    return (max(0, key), max(0, value))
  }

  /// Points the layers without a cache of their own to the last earlier layer of their kind that has one.
  private func shareCaches(_ layers: inout [Layer]) {
    let owners: Int
    switch architecture.sharing {
    case .none: return
    case .first(let count): owners = count
    case .byKey: owners = blockCount - (keys.int("attention.shared_kv_layers") ?? 0)
    }
    guard owners < layers.count, owners > 0 else { return }
    for index in owners..<layers.count {
      layers[index].sharesCacheOf = layers[..<owners].lastIndex { $0.kind == layers[index].kind }
    }
  }
}
