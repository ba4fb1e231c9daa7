/// The part that sees or hears before a language model, in a file of its own (`mmproj`): whose it is, and what decides the
/// memory of its graph.
public struct Projector: Hashable, Sendable, Codable {
  /// How it projects, in llama.cpp's words (`gemma3`, `qwen2.5vl_merger`); nil where the header does not say.
  public var kind: String?
  /// Width of what it hands to the model: that of the model's own embeddings.
  public var outputLength: Int
  /// The sizes of its blocks.
  public var embeddingLength: Int
  public var feedForwardLength: Int
  public var headCount: Int
  /// Patches of the image that memory is reserved for when it is loaded.
  public var patches: Int
  /// Patches of the largest image that it takes.
  public var mostPatches: Int

  /// True where it belongs to a model of this width and family.
  public func belongs(to model: Model) -> Bool {
    let isWide = model.shape.embeddingLength <= 0 || outputLength == model.shape.embeddingLength
    guard let kind, let families = Self.families.first(where: { kind.hasPrefix($0.kind) })?.architectures else {
      return isWide
    }
    return isWide && families.contains { model.architecture.hasPrefix($0) }
  }

  /// Kinds that one family alone has, by the beginnings of both names.
  private static let families: [(kind: String, architectures: [String])] = [
    ("gemma3", ["gemma3"]), ("gemma4", ["gemma4"]), ("qwen2vl", ["qwen2vl"]), ("qwen2.5vl", ["qwen2vl"]),
    ("qwen3vl", ["qwen3vl", "qwen35"]), ("glm4v", ["glm4"]), ("llama4", ["llama4"]), ("kimivl", ["deepseek2"]),
    ("lfm2", ["lfm2"]), ("pixtral", ["llama", "mistral"]), ("voxtral", ["llama", "mistral"]),
  ]
}

extension Projector {
  /// Reads a projector's header; nil where the file is none.
  init?(_ header: GGUFHeader) {
    guard header.metadata["general.architecture"]?.string == "clip" else { return nil }
    func integer(_ key: String) -> Int? {
      for part in ["vision", "audio"] {
        if let value = header.metadata["clip.\(part).\(key)"]?.integer, (1...1 << 24).contains(value) { return value }
      }
      return nil
    }
    kind =
      (header.metadata["clip.vision.projector_type"] ?? header.metadata["clip.projector_type"]
      ?? header.metadata["clip.audio.projector_type"])?.string
    guard let output = Self.outputLength(header.tensors) ?? integer("projection_dim") else { return nil }
    outputLength = output
    embeddingLength = integer("embedding_length") ?? 0
    feedForwardLength = integer("feed_forward_length") ?? 0
    headCount = integer("attention.head_count") ?? 0
    let side = (integer("image_size") ?? 0) / max(1, integer("patch_size") ?? 1)
    // Those that take images of any size are warmed up with 46 x 46 tokens of four patches, and take 4096.
    let isDynamic = kind.map { kind in Self.dynamic.contains { kind.contains($0) } } ?? false
    patches = isDynamic ? 46 * 46 * 4 : min(side, 1 << 12) * min(side, 1 << 12)
    mostPatches = isDynamic ? 4096 * 4 : patches
  }

  private static let dynamic = ["vl_merger", "qwen2.5o", "kimivl", "glm4v", "youtuvl", "paddleocr"]

  /// The width of the last projection, as the engine takes it from the tensors; nil where none of the usual names is there.
  private static func outputLength(_ tensors: [GGUFTensor]) -> Int? {
    let sizes = Dictionary(tensors.map { ($0.name, $0.dimensions) }, uniquingKeysWith: { first, _ in first })
    if let gemma = sizes["mm.input_projection.weight"], gemma.count == 2 { return gemma[0] }
    let last = ["mm.model.fc.weight", "mm.model.mlp.3.weight", "mm.model.mlp.2.weight", "mm.2.weight", "mm.1.weight"]
    for name in last {
      if let found = sizes[name], found.count == 2 { return found[1] }
    }
    return nil
  }
}
