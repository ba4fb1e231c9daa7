public import Units

/// A language model as its files describe it, the same whatever the format.
public struct Model: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.model/1"

  public var schema: String = Model.schema
  /// The model's own name, else the file's.
  public var name: String
  /// What its header calls it, where that differs: the makers' word, which a file's name is not.
  public var statedName: String?
  public var format: ModelFormat
  /// The local files or remote addresses it consists of, in order.
  public var files: [ModelFile] = []
  /// The family in GGUF's spelling: `llama`, `qwen3moe`, `gemma3`; for other formats translated to it where known.
  public var architecture: String
  /// False where the architecture has no entry in the table and is taken as full attention on all layers.
  public var isArchitectureKnown: Bool = true
  /// How the weights are stored: `Q4_K_M`, `BF16`, `FP8`, `AWQ`; as the header says it.
  public var quantization: Figure<String>?
  /// Inputs that share a scale in a checkpoint of fewer bits: slices of a matrix must be whole groups. 1 where whole rows
  /// or matrices share one; nil where the weights are plain or their grouping is not known.
  public var weightGroup: Int?
  /// Numbers that the estimates need.
  public var shape: ModelShape
  /// One for each block, in order, next-token-prediction layers last.
  public var layers: [Layer]
  /// Every tensor with its type and exact bytes; empty for a bare configuration.
  public var tensors: [Tensor] = []
  public var parameters: Figure<Int>?
  /// Parameters that one token passes through.
  public var activeParameters: Figure<Int>?
  /// Sum of the tensors' bytes.
  public var tensorBytes: Figure<ByteCount>?
  public var tokenizer: Figure<String>?
  public var hasChatTemplate: Bool?
  /// Vision projector, draft model, adapter files found beside it.
  public var companions: [Companion] = []
  /// SHA-256 of the header's bytes, in hexadecimal: the model's identity in records.
  public var headerDigest: String?
  public var warnings: [Reason] = []

  public init(name: String, format: ModelFormat, architecture: String, shape: ModelShape, layers: [Layer]) {
    self.name = name
    self.format = format
    self.architecture = architecture
    self.shape = shape
    self.layers = layers
  }
}

/// The container that the weights are stored in.
public enum ModelFormat: String, Hashable, Sendable, Codable, CaseIterable {
  case gguf, safetensors, pytorch, mlx, config
}

/// One file of a model.
public struct ModelFile: Hashable, Sendable, Codable {
  public var path: String
  public var bytes: ByteCount

  public init(path: String, bytes: ByteCount) {
    self.path = path
    self.bytes = bytes
  }
}

/// A file that belongs to a model without being part of its weights.
public struct Companion: Hashable, Sendable, Codable {
  public enum Role: String, Hashable, Sendable, Codable { case projector, draft, adapter, importanceMatrix }
  public var role: Role
  public var file: ModelFile
  /// What a projector's header says; nil where it was not read.
  public var projector: Projector?
  /// What an adapter's files say; nil where they were not read.
  public var adapter: Adapter?

  public init(role: Role, file: ModelFile, projector: Projector? = nil, adapter: Adapter? = nil) {
    self.role = role
    self.file = file
    self.projector = projector
    self.adapter = adapter
  }
}

/// The dimensions of a model. Nil means that the file does not say and the architecture has no default.
public struct ModelShape: Hashable, Sendable, Codable {
  /// Width of the residual stream.
  public var embeddingLength: Int
  public var vocabularySize: Int
  /// The longest context it was trained for.
  public var contextLength: Int
  /// True where input embedding and output matrix are one tensor.
  public var hasTiedEmbeddings: Bool = false
  /// Encoders keep no cache at all.
  public var isEncoderOnly: Bool = false
  /// Layers at the end that predict tokens further ahead; part of `layers`.
  public var nextTokenPredictionLayers: Int = 0
  /// The largest window over the layers; nil where none slides.
  public var slidingWindow: Int?
  /// Sizes of a recurrent layer's state, where there is one.
  public var stateSpace: StateSpaceShape?
  /// Header keys of the architecture that a rule may need, without the architecture's prefix, numbers only.
  public var extras: [String: Double] = [:]

  /// Width of what the experts read and write: that of the residual stream, but for families that shrink it before them
  /// (Nemotron 3's `moe_latent_size`).
  public var expertInputLength: Int {
    let latent = extras["moe_latent_size"].flatMap { Int(exactly: $0) } ?? 0
    return latent > 0 ? latent : embeddingLength
  }

  public init(embeddingLength: Int, vocabularySize: Int, contextLength: Int) {
    self.embeddingLength = embeddingLength
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
  }
}

/// Sizes of recurrent layers, in the terms of GGUF's `ssm.*` keys.
public struct StateSpaceShape: Hashable, Sendable, Codable {
  /// `ssm.conv_kernel`, or the short convolution's length.
  public var convolutionKernel: Int = 0
  public var innerSize: Int = 0
  public var stateSize: Int = 0
  public var groupCount: Int = 0
  public var timeStepRank: Int = 0

  public init() {}
}

/// One block of a model.
public struct Layer: Hashable, Sendable, Codable {
  /// How a layer looks at earlier tokens; it decides what the cache holds.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Every earlier token.
    case full
    /// The last `window` tokens.
    case sliding
    /// The current chunk of `window` tokens.
    case chunked
    /// Multi-head latent attention: one compressed vector for each token.
    case latent
    /// Attention to tokens that an indexer picks; the whole cache is kept, and the indexer's keys.
    case sparse
    /// A state of fixed size (Mamba, gated delta net, RWKV, short convolution).
    case recurrent
    /// Attention and a recurrent state side by side (Falcon-H1).
    case hybrid
    /// No mixing of tokens: a feed-forward block alone.
    case none
    /// The file does not say how many heads it has, so its cache is not known and nothing is planned with it.
    case unknown
  }

  public var kind: Kind
  public var headCount: Int
  public var kvHeadCount: Int
  /// Length of one key head; for latent layers the compressed vector with its rotary part.
  public var keyLength: Int
  /// Length of one value head; 0 where no values are stored.
  public var valueLength: Int
  public var window: Int?
  /// The earlier layer whose cache this one uses, for shared caches.
  public var sharesCacheOf: Int?
  /// Length of the indexer's key for each token, for sparse layers.
  public var indexerLength: Int?
  /// Tokens that a compressed entry of the cache stands for, for layers that keep such entries beside their window.
  public var compressionRatio: Int?
  public var feedForwardLength: Int
  public var experts: Experts?
  public var isNextTokenPrediction: Bool

  public init(
    kind: Kind, headCount: Int, kvHeadCount: Int, keyLength: Int, valueLength: Int, window: Int? = nil,
    sharesCacheOf: Int? = nil, indexerLength: Int? = nil, feedForwardLength: Int, experts: Experts? = nil,
    isNextTokenPrediction: Bool = false
  ) {
    self.kind = kind
    self.headCount = headCount
    self.kvHeadCount = kvHeadCount
    self.keyLength = keyLength
    self.valueLength = valueLength
    self.window = window
    self.sharesCacheOf = sharesCacheOf
    self.indexerLength = indexerLength
    self.feedForwardLength = feedForwardLength
    self.experts = experts
    self.isNextTokenPrediction = isNextTokenPrediction
  }
}

/// The experts of one layer.
public struct Experts: Hashable, Sendable, Codable {
  public var count: Int
  /// Experts that each token uses, shared ones not counted.
  public var usedCount: Int
  public var sharedCount: Int
  /// Width of one expert.
  public var feedForwardLength: Int
  /// Width of the shared expert or experts together; 0 where there is none.
  public var sharedFeedForwardLength: Int

  public init(count: Int, usedCount: Int, sharedCount: Int, feedForwardLength: Int, sharedFeedForwardLength: Int) {
    self.count = count
    self.usedCount = usedCount
    self.sharedCount = sharedCount
    self.feedForwardLength = feedForwardLength
    self.sharedFeedForwardLength = sharedFeedForwardLength
  }
}

/// One tensor of a file.
public struct Tensor: Hashable, Sendable, Codable {
  /// The name as the file spells it.
  public var name: String
  /// GGUF's order: the contiguous dimension first.
  public var dimensions: [Int]
  /// The type's name as its format spells it: `Q4_K`, `BF16`, `F8_E4M3`.
  public var type: String
  public var bytes: ByteCount

  public init(name: String, dimensions: [Int], type: String, bytes: ByteCount) {
    self.name = name
    self.dimensions = dimensions
    self.type = type
    self.bytes = bytes
  }
}

/// The tensors of one type together.
public struct TypeBytes: Hashable, Sendable, Codable {
  public var type: String
  public var tensors: Int
  public var bytes: ByteCount
}

extension Model {
  /// The tensors by type, those with most bytes first.
  public var typeBytes: [TypeBytes] {
    Self.sums(of: tensors).sorted { ($0.bytes, $1.type) > ($1.bytes, $0.type) }
  }

  /// Sums by type, in the order in which types come: a search of the few there are, which costs less than hashing.
  static func sums(of tensors: [Tensor]) -> [TypeBytes] {
    var sums: [TypeBytes] = []
    for tensor in tensors {
      if let index = sums.firstIndex(where: { $0.type == tensor.type }) {
        sums[index].tensors += 1
        sums[index].bytes += tensor.bytes
      } else {
        sums.append(TypeBytes(type: tensor.type, tensors: 1, bytes: tensor.bytes))
      }
    }
    return sums
  }
}
