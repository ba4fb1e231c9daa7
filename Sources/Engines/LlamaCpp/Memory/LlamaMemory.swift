public import Models
public import Units
import Synchronization

/// What llama.cpp allocates for a context on a model, read from the rules of its own source.
///
/// Caches and states are exact. The compute buffer is that of the engine's own allocator run over the graph that it
/// would build; it is exact for the families whose graph is described, and has a band for others.
public struct LlamaMemory: Sendable {
  let facts: LlamaModelFacts
  private let graphs = GraphFigures()

  public init(_ model: Model) {
    facts = LlamaModelFacts(model)
  }

  /// Bytes of one context, by layer where they can lie on different devices.
  public struct Needs: Hashable, Sendable {
    /// Keys and values of each layer.
    public var cache: [ByteCount]
    /// Recurrent state of each layer; with guesses, a copy for each of them to come back to.
    public var state: [ByteCount]
    /// Buffers of the context in which the model's own prediction layers guess; nil where they do not.
    var prediction: Figure<ByteCount>?
    /// The graph's buffer; with its band.
    public var compute: Figure<ByteCount>
    /// The graph's buffers where devices compute it; nil where the host does.
    var split: GraphAllocator.SplitPeaks?
    /// Scores of a prompt's tokens against all cells, which flash attention does without.
    var scores: ByteCount
    /// Logits in the host's memory.
    public var output: ByteCount
    /// One copy of what a slot cannot roll back: the cells within the window, and the recurrent state.
    public var checkpoint: ByteCount

    public var cacheTotal: ByteCount { cache.reduce(.zero, +) }
    public var stateTotal: ByteCount { state.reduce(.zero, +) }
  }

  /// Returns what a context needs, or why the engine refuses it.
  ///
  /// - Parameters:
  ///   - contextLength: cells over all sequences; 0 is the length that the model was trained for.
  ///   - sequences: slots of the server.
  ///   - work: who computes the graph.
  func needs(
    contextLength: Int, sequences: Int, kvType: KVCacheType, settings: EngineSettings, work: GraphWork = .host
  ) -> Result<Needs, Reason> {
    guard facts.isPlausible else {
      return .failure(Reason(.tooLarge, "a size in the header is impossibly large"))
    }
    guard let keyRow = CacheRow.named(kvType.key), let valueRow = CacheRow.named(kvType.value) else {
      return .failure(
        Reason(
          .unsupportedKVType, "llama.cpp has no cache type \(kvType.words)", remedy: "use f16, q8_0 or q4_0"))
    }
    var settings = settings
    // With an encoder in the file every row of a batch is output.
    if Self.withEncoder.contains(facts.model.architecture) { settings.outputRows = 0 }
    guard
      let shape = LlamaContextShape(
        contextLength: contextLength, sequences: sequences, settings: settings,
        trainedLength: facts.shape.contextLength, window: facts.shape.slidingWindow ?? 0,
        isCausal: !facts.shape.isEncoderOnly)
    else {
      return .failure(
        Reason(.unsupportedContext, "llama.cpp cannot make a context of \(contextLength) tokens for \(sequences)"))
    }
    let flash = settings.flashAttention && facts.model.architecture != "grok"
    if let refusal = refusal(kvType, keyRow, valueRow, flash: flash) { return .failure(refusal) }
    let rollbacks = rollbacks(settings)
    let request = LlamaGraphRequest(
      sequences: sequences, cells: shape.cells, slidingCells: shape.slidingCells, isUnified: shape.isUnified,
      flashAttention: flash, keyRow: keyRow, valueRow: valueRow, tokens: shape.tokens, outputs: shape.outputs,
      rollbacks: rollbacks)
    let widest = facts.trunk.map(\.headCount).max() ?? 0
    let scores = flash ? ByteCount.zero : ByteCount(4 * widest) * shape.cells * shape.tokens
    var prediction: Figure<ByteCount>?
    if settings.usesPredictionLayers {
      switch predictionBuffers(request) {
      case .failure(let reason): return .failure(reason)
      case .success(let figure): prediction = figure
      }
    }
    return compute(request, work).map { compute, split in
      Needs(
        cache: facts.model.layers.map {
          $0.isNextTokenPrediction && settings.usesPredictionLayers
            ? predictionCache($0, shape, request, settings) : cacheBytes($0, shape, request, settings)
        },
        state: facts.model.layers.enumerated().map {
          stateBytes($1, sequences) * (1 + rollbacks) + historyBytes($0, sequences)
        },
        prediction: prediction, compute: compute, split: split, scores: scores,
        output: ByteCount(4) * facts.shape.vocabularySize * sequences,
        checkpoint: facts.model.layers.reduce(.zero) { $0 + checkpointBytes($1, shape, request, settings) })
    }
  }

  private static let withEncoder: Set<String> = ["t5", "t5encoder", "eagle3", "dflash"]

  /// Returns why the engine would refuse these cache types for this model.
  private func refusal(_ kvType: KVCacheType, _ key: CacheRow, _ value: CacheRow, flash: Bool) -> Reason? {
    if value.isQuantized, !flash {
      return Reason(
        .quantizedValuesNeedFlashAttention,
        "values of type \(kvType.value) can be cached with flash attention only",
        remedy: "leave flash attention on, or cache values as f16")
    }
    if facts.isLatent, kvType.key != kvType.value {
      return Reason(
        .kvTypesDiffer, "this model caches keys and values as one vector: both types must be the same",
        remedy: "use --kv-type \(kvType.key)")
    }
    guard flash else { return nil }
    for layer in facts.trunk where layer.kind != .recurrent && layer.kind != .none {
      if layer.keyLength % key.blockElements != 0 || layer.valueLength % value.blockElements != 0 {
        return Reason(
          .unsupportedKVType,
          "heads of \(layer.keyLength) elements do not divide into blocks of type \(kvType.words)",
          remedy: "use --kv-type f16")
      }
    }
    return nil
  }

  // MARK: Caches

  /// Returns the bytes of one layer's keys and values over all sequences.
  private func cacheBytes(
    _ layer: Layer, _ shape: LlamaContextShape, _ request: LlamaGraphRequest, _ settings: EngineSettings
  ) -> ByteCount {
    guard !isCompressed else {
      return compressedCacheBytes(
        layer, shape, request, window: facts.shape.slidingWindow ?? 0, keepsAll: settings.swaFull)
    }
    // An encoder of the T5 kind is given a cache all the same.
    let isCached = !facts.shape.isEncoderOnly || facts.model.architecture == "t5encoder"
    guard isCached, !facts.isWithoutCache(layer) else { return .zero }
    let cells = layer.hasWindow ? shape.slidingCells : shape.cells
    return ByteCount(rowBytes(layer, request)) * cells * shape.streams
  }

  /// Returns the keys and values of a prediction layer, which has a context of its own: in 16 bits, whatever the model's are
  /// cached in (`common_base_params_to_speculative`, 11434).
  private func predictionCache(
    _ layer: Layer, _ shape: LlamaContextShape, _ request: LlamaGraphRequest, _ settings: EngineSettings
  ) -> ByteCount {
    guard let half = CacheRow.named("f16") else { return .zero }
    var (own, asked) = (layer, request)
    own.isNextTokenPrediction = false
    (asked.keyRow, asked.valueRow) = (half, half)
    let cells = own.hasWindow ? shape.slidingCells : shape.cells
    return ByteCount(rowBytes(own, asked)) * cells * shape.streams
  }

  /// Returns the buffer of the graph in which prediction layers guess: one block of the model's widths, which takes no more than the
  /// model's own graph without room for guesses, and mostly nine tenths of it.
  private func predictionBuffers(_ request: LlamaGraphRequest) -> Result<Figure<ByteCount>, Reason> {
    var plain = request
    (plain.rollbacks, plain.outputs) = (0, request.sequences)
    return compute(plain, .host).map { whole, _ in
      let most = whole.high ?? whole.value
      return Figure(
        whole.value.scaled(by: 0.9), Source(.assumed, "one block of the model's graph: nine tenths of its buffer"),
        low: (whole.low ?? whole.value).scaled(by: 0.35), high: most)
    }
  }

  /// How many earlier states each sequence keeps, so that guesses can be taken back (`need_n_rs_seq`, 11434).
  private func rollbacks(_ settings: EngineSettings) -> Int {
    guard let method = settings.speculationMethod, method != .draftModel,
      LlamaArchitectureTraits.keepsEarlierStates.contains(facts.model.architecture)
    else { return 0 }
    return settings.guesses
  }

  /// Returns what the server copies of one layer when it remembers how far a slot had come.
  private func checkpointBytes(
    _ layer: Layer, _ shape: LlamaContextShape, _ request: LlamaGraphRequest, _ settings: EngineSettings
  ) -> ByteCount {
    let state = stateBytes(layer, 1)
    guard layer.hasWindow, !settings.swaFull, !facts.shape.isEncoderOnly, !facts.isWithoutCache(layer) else {
      return state
    }
    return state + ByteCount(rowBytes(layer, request)) * min(facts.shape.slidingWindow ?? 0, shape.slidingCells)
  }

  /// Returns the bytes of one cell of a layer: its key, its value, and what an indexer keeps.
  private func rowBytes(_ layer: Layer, _ request: LlamaGraphRequest) -> Int {
    // Without flash attention values are stored as wide as the widest layer's.
    let values =
      request.flashAttention || layer.valueLength == 0
      ? layer.valueLength * layer.kvHeadCount : facts.widestValues
    var row = request.keyRow.bytes(layer.keyLength * layer.kvHeadCount) + request.valueRow.bytes(values)
    if let indexer = layer.indexerLength { row += indexerRow(indexer, layer, request) }
    return row
  }

  /// Returns the bytes of an indexer's key for one cell; some families keep more beside it.
  private func indexerRow(_ length: Int, _ layer: Layer, _ request: LlamaGraphRequest) -> Int {
    switch facts.model.architecture {
    // The raw key, its pooled form, and the gate.
    case "glm5-next": request.keyRow.bytes(3 * length)
    case "qwen4exp": request.keyRow.bytes(2 * length)
    // A cache of the plain kind with one head, values and all.
    case "minimax-m3": request.keyRow.bytes(length) + request.valueRow.bytes(layer.valueLength)
    default: request.keyRow.bytes(length)
    }
  }

  /// Returns the bytes of one layer's state, always stored as 32-bit numbers.
  private func stateBytes(_ layer: Layer, _ sequences: Int) -> ByteCount {
    guard !isCompressed else { return compressorBytes(layer, sequences) }
    guard layer.kind == .recurrent || layer.kind == .hybrid, !layer.isNextTokenPrediction else { return .zero }
    let widths = facts.stateWidths(layer)
    return ByteCount(4) * widths.convolution * sequences + ByteCount(4) * widths.state * sequences
  }

  /// Returns the bytes of the n-grams' history that a layer with embeddings of them keeps, as 32-bit numbers.
  private func historyBytes(_ index: Int, _ sequences: Int) -> ByteCount {
    guard facts.has("ple_conv1d.weight", index), let kernel = facts.integer("ple.conv_kernel"), kernel > 1 else {
      return .zero
    }
    let length = facts.integer("ple.ngram_size") ?? 0
    let streams = facts.integer("hyper_connection.count") ?? 1
    return ByteCount(4 * facts.embedding) * (kernel - 1) * length * streams * sequences
  }

  // MARK: Compute

  private func compute(_ request: LlamaGraphRequest, _ work: GraphWork) -> Result<GraphFigures.Found, Reason> {
    graphs.figure(for: request, work) { allocated(request, work) }
  }

  private func allocated(_ request: LlamaGraphRequest, _ work: GraphWork) -> Result<GraphFigures.Found, Reason> {
    let graph = LlamaGraph.build(facts, request)
    return computed(graph, request).map { figure in
      switch work {
      case .host: return (figure, nil)
      case .devices: return (figure, GraphAllocator.splitPeaks(of: graph))
      case .pipeline(let firstBlocks):
        return (
          figure, GraphAllocator.splitPeaks(of: graph, firstBlocks: firstBlocks, copies: Self.pipelineCopies)
        )
      }
    }
  }

  /// `GGML_SCHED_MAX_COPIES`.
  private static let pipelineCopies = 4

  private func computed(_ graph: ComputeGraph, _ request: LlamaGraphRequest) -> Result<Figure<ByteCount>, Reason> {
    let bytes = GraphAllocator.peakBytes(of: graph)
    guard !graph.hasOverflowed, bytes < Int.max / 8 else {
      return .failure(Reason(.tooLarge, "the compute buffer does not fit in 63 bits"))
    }
    guard !LlamaArchitectureTraits.described.contains(facts.model.architecture) else {
      return .success(Figure(ByteCount(bytes), .computed, "llama.cpp's allocator over this model's graph"))
    }
    // A family whose graph is not described: that of a similar one, with what an indexer adds, and a wide band.
    let similar = (ByteCount(bytes) + indexerScratch(request)).scaled(by: Self.heavier(facts.model.architecture))
    return .success(
      Figure(
        similar.scaled(by: 1.35), Source(.assumed, "llama.cpp's allocator over a similar family's graph, and a third"),
        low: similar.scaled(by: 0.7), high: similar.scaled(by: 2.5)))
  }

  /// How many times a similar family's graph takes, as seen in the engine, for families that need more.
  private static func heavier(_ architecture: String) -> Double {
    switch architecture {
    case "cogvlm": 3.2
    case "minimax-m3": 2
    case "qwen4exp": 1.5
    default: 1
    }
  }

  /// Scratch of a sparse layer's indexer: its queries, scores of all cells, the choice, and a mask made from it.
  private func indexerScratch(_ request: LlamaGraphRequest) -> ByteCount {
    guard let length = facts.model.layers.compactMap(\.indexerLength).first else { return .zero }
    let heads = facts.integer("attention.indexer.head_count") ?? 1
    let kept = min(request.cells, facts.integer("attention.indexer.top_k") ?? request.cells)
    let perToken = ByteCount(heads * length * 12) + ByteCount(request.cells) * 14 + ByteCount(kept) * 8
    return perToken * request.tokens
  }
}

/// Who computes a graph.
enum GraphWork: Hashable, Sendable {
  case host
  /// Devices, all but look-ups in tables.
  case devices
  /// Several devices that have all layers, and work on several evaluations at once: the first layer of each, the output as
  /// one more.
  case pipeline(firstLayers: [Int])
}

/// The buffers of graphs already built, so that a table of quantizations builds each once.
private final class GraphFigures: Sendable {
  typealias Found = (whole: Figure<ByteCount>, split: GraphAllocator.SplitPeaks?)

  private struct Key: Hashable {
    var request: LlamaGraphRequest
    var work: GraphWork
  }

  private let known = Mutex<[Key: Result<Found, Reason>]>([:])

  func figure(for request: LlamaGraphRequest, _ work: GraphWork, _ make: () -> Result<Found, Reason>)
    -> Result<Found, Reason>
  {
    let key = Key(request: request, work: work)
    if let found = known.withLock({ $0[key] }) { return found }
    let made = make()
    known.withLock { $0[key] = made }
    return made
  }
}

extension Layer {
  /// True where only the last cells are kept.
  fileprivate var hasWindow: Bool { kind == .sliding || kind == .chunked }
}
