/// What an adapter (LoRA) says of itself: matrices of low rank that are added to a model's own.
public struct Adapter: Hashable, Sendable, Codable {
  /// Who wrote the files, which decides who reads them.
  public enum Form: String, Hashable, Sendable, Codable {
    /// One file that llama.cpp's `convert_lora_to_gguf.py` made.
    case gguf = "GGUF"
    /// A folder that the library `peft` wrote.
    case peft = "PEFT"
    /// A folder that `mlx_lm.lora` wrote.
    case mlx = "MLX"
  }

  public var form: Form
  /// The largest rank over its matrices.
  public var rank: Int
  /// The model that it was trained on, as its folder names it.
  public var baseModel: String?
  /// Widths that its matrices read or write.
  public var lengths: Set<Int>

  public init(form: Form, rank: Int, baseModel: String?, lengths: Set<Int>) {
    self.form = form
    self.rank = rank
    self.baseModel = baseModel
    self.lengths = lengths
  }

  /// True where one of its matrices reads or writes the model's stream, as all of attention's and of feed-forward blocks' do.
  public func belongs(to model: Model) -> Bool {
    let width = model.shape.embeddingLength
    return width <= 0 || lengths.isEmpty || lengths.contains(width)
  }

  /// What it is, for a sentence that begins with its name.
  public var words: String {
    "an adapter of rank \(rank)" + (baseModel.map { " for \($0)" } ?? "")
  }
}

extension Adapter {
  /// Reads the header of a GGUF file; nil where the file is no adapter.
  init?(_ header: GGUFHeader) {
    guard header.metadata["general.type"]?.string == "adapter" else { return nil }
    self.init(
      .gguf, matrices: header.tensors.map { ($0.name, $0.dimensions) }, suffixes: (".lora_a", ".lora_b"), stated: nil,
      baseModel: header.metadata["general.base_model.0.name"]?.string)
  }

  /// Takes what a folder's configuration and its tensors, their contiguous dimension first, say.
  init?(configuration: JSONValue, tensors: [Tensor]) {
    let matrices = tensors.map { ($0.name, $0.dimensions) }
    if configuration["peft_type"] != nil {
      guard configuration["peft_type"]?.string == "LORA" else { return nil }
      self.init(
        .peft, matrices: matrices, suffixes: (".lora_A.weight", ".lora_B.weight"), stated: configuration["r"]?.int,
        baseModel: configuration["base_model_name_or_path"]?.string)
    } else if let parameters = configuration["lora_parameters"] {
      self.init(
        .mlx, matrices: matrices, suffixes: (".lora_a", ".lora_b"), stated: parameters["rank"]?.int,
        baseModel: configuration["model"]?.string)
    } else {
      return nil
    }
  }

  /// The rank is the extent that the two matrices of a pair share: the smaller one of each.
  private init?(
    _ form: Form, matrices: [(name: String, dimensions: [Int])], suffixes: (String, String), stated: Int?,
    baseModel: String?
  ) {
    let first = matrices.filter { $0.name.hasSuffix(suffixes.0) }
    let pairs = first + matrices.filter { $0.name.hasSuffix(suffixes.1) }
    func extents(_ all: [(name: String, dimensions: [Int])]) -> [[Int]] {
      all.map { Array($0.dimensions.prefix(2)) }.filter { $0.count == 2 && $0.allSatisfy { $0 > 0 } }
    }
    guard let rank = extents(pairs).compactMap({ $0.min() }).max() ?? stated, (1...1 << 16).contains(rank) else {
      return nil
    }
    self.form = form
    self.rank = rank
    self.baseModel = baseModel.map { String($0.prefix(200)) }
    lengths = Set(extents(pairs).compactMap { $0.max() })
  }
}
