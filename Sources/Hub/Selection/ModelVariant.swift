public import Units

/// One runnable choice within a repository: a quantization with all its parts and what belongs to it.
public struct ModelVariant: Hashable, Sendable, Codable {
  /// `Q4_K_M`, `BF16`; the format's name where no label is found.
  public var label: String
  /// `gguf`, `safetensors`, `mlx` or `pytorch`.
  public var format: String
  /// The weights in order; an engine is given the first.
  public var weights: [HubFile]
  /// Tokenizer, configuration, projector: what is needed beside the weights.
  public var companions: [HubFile]

  /// All files to fetch.
  public var files: [HubFile] { weights + companions }
  /// The weights alone.
  public var weightBytes: ByteCount { weights.reduce(.zero) { $0 + $1.bytes } }
  /// Everything to fetch; the same content under two names is one.
  public var bytes: ByteCount { files.contentBytes }
  /// The projector among the companions.
  public var projector: HubFile? { companions.first { FileRole($0.path) == .projector } }

  /// True where a label or a format names it.
  func isCalled(_ name: String) -> Bool { label.lowercased() == name.lowercased() || format == name.lowercased() }
}

extension Sequence<HubFile> {
  /// What the files take in the cache, where the same content under several names is kept once.
  public var contentBytes: ByteCount {
    var seen: Set<String> = []
    // A plain file of the cache has no hash to be told by.
    return reduce(.zero) { $0 + ($1.etag.isEmpty || seen.insert($1.etag).inserted ? $1.bytes : .zero) }
  }
}

/// What a file of a repository is for, by its name.
enum FileRole: Hashable {
  case ggufWeights, projector, importanceMatrix, draft, adapter
  case safetensors, pytorch, otherFormat, support, ignored

  /// Judges a path.
  init(_ path: String) {
    let lower = path.lowercased()
    let name = lower.split(separator: "/").last.map { String($0) } ?? lower
    let folder = lower.contains("/") ? lower.split(separator: "/").dropLast().joined(separator: "/") : ""
    if name.contains("imatrix") {
      self = .importanceMatrix
    } else if name.hasSuffix(".gguf") {
      self = Self.gguf(name)
    } else if Self.foreignFolders.contains(where: { folder == $0 || folder.hasPrefix("\($0)/") }) {
      self = .otherFormat
    } else if name.hasSuffix(".safetensors") {
      self = name.hasPrefix("adapter_") ? .adapter : name.hasPrefix("consolidated") ? .otherFormat : .safetensors
    } else if name.hasSuffix(".bin") && name.hasPrefix("pytorch_model") {
      self = .pytorch
    } else if Self.otherEndings.contains(where: name.hasSuffix) {
      self = .otherFormat
    } else {
      self = Self.isSupport(name) ? .support : .ignored
    }
  }

  private static func gguf(_ name: String) -> FileRole {
    if name.contains("mmproj") { return .projector }
    if name.contains("lora") || name.hasPrefix("adapter") { return .adapter }
    return name.contains("draft") || name.hasPrefix("mtp-") ? .draft : .ggufWeights
  }

  private static let foreignFolders = ["original", "onnx", "openvino", "coreml", "metal", "tflite", "runs", ".cache"]
  private static let otherEndings = [
    ".pth", ".pt", ".ckpt", ".h5", ".msgpack", ".onnx", ".onnx_data", ".tflite", ".ot", ".mlmodel", ".bin", ".pkl",
  ]

  /// Configurations, tokenizers, chat templates and the index of shards; code only where a configuration may ask for it.
  private static func isSupport(_ name: String) -> Bool {
    let endings = [".json", ".txt", ".model", ".jinja", ".tiktoken", ".py", ".vocab"]
    return endings.contains(where: name.hasSuffix) && !name.hasPrefix("readme") && !name.hasPrefix("license")
      && name != "requirements.txt"
  }
}
