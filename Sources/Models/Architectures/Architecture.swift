/// What is particular to one family of models: the defaults for what its header does not say.
///
/// The facts are those of llama.cpp's loaders (`src/models/*.cpp`), which decide what is really allocated.
struct Architecture: Sendable, Hashable {
  /// Which layers look back only over a window.
  enum Windows: Sendable, Hashable {
    case none
    /// A header without pattern means that layer `il` is full where `il % period == period - 1`, or `== 0` where the
    /// full layer comes first; `window` stands in for a missing key, nil meaning that all layers are full then.
    case every(Int, fullFirst: Bool = false, window: Int? = nil)
    /// As `every`, in chunks of 8192 tokens whatever the key says, unless it is 0.
    case chunks(Int)
    /// The window is this one whatever the key says, unless the key is missing or 0.
    case fixed(Int, period: Int, fullFirst: Bool)
    /// The header must hold the pattern.
    case pattern
    /// Every layer that attends at all.
    case all
  }

  /// Which layers keep a state of fixed size instead of a cache.
  enum Recurrence: Sendable, Hashable {
    case none
    case all
    /// Those whose count of key-value heads is 0.
    case withoutHeads
    /// Those without heads and without a feed-forward part; the others without heads mix no tokens at all.
    case withoutHeadsOrFeedForward
    /// All but each n-th, n from `full_attention_interval`, else this.
    case allButEvery(Int)
    /// A state beside the attention, in every layer.
    case beside
  }

  /// Which layers own a cache, where some use that of an earlier one.
  enum Sharing: Sendable, Hashable {
    case none
    /// The first so many own one.
    case first(Int)
    /// All but the last `attention.shared_kv_layers`.
    case byKey
  }

  /// How an indexer chooses tokens for the attention.
  enum Indexing: Sendable, Hashable {
    case none
    /// On the layers that `attention.indexer.types` marks, else on all.
    case marked
    /// On the layers after the leading dense ones.
    case afterDense
  }

  var names: [String]
  var windows: Windows = .none
  var recurrence: Recurrence = .none
  var sharing: Sharing = .none
  var indexing: Indexing = .none
  var isEncoderOnly = false
  /// Blocks with a next-token-prediction head keep no cache in the target's context.
  var splitsPrediction = true

  init(
    _ names: String..., windows: Windows = .none, recurrence: Recurrence = .none, sharing: Sharing = .none,
    indexing: Indexing = .none, isEncoderOnly: Bool = false
  ) {
    self.names = names
    self.windows = windows
    self.recurrence = recurrence
    self.sharing = sharing
    self.indexing = indexing
    self.isEncoderOnly = isEncoderOnly
  }

  private static let byName = Dictionary(
    all.flatMap { entry in entry.names.map { ($0, entry) } }, uniquingKeysWith: { first, _ in first })

  /// Returns the entry for an architecture in GGUF's spelling, or nil for an unknown one.
  static func named(_ name: String) -> Architecture? { byName[name] }
}
