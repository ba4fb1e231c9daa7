import Units

/// What the rules need to know of a model, whatever the mix.
struct MixFacts: Sendable {
  let architecture: String
  let isTied: Bool
  let expertCount: Int
  /// Query heads for each key-value head, of the first layer.
  let headGroup: Int
  let layerCount: Int
  let valueCount: Int
  let isSeventyB: Bool

  init(_ model: Model, _ tensors: [ClassifiedTensor]) {
    architecture = model.architecture
    isTied = !tensors.contains { $0.category == .output }
    expertCount = Int(model.shape.extras["expert_count"] ?? 0)
    let first = model.layers.first
    headGroup = first.map { $0.kvHeadCount > 0 ? $0.headCount / $0.kvHeadCount : 0 } ?? 0
    layerCount = model.layers.count
    valueCount = tensors.count { $0.category.isValueLike }
    let trunk = layerCount - model.shape.nextTokenPredictionLayers
    // The shapes that llama.cpp names "70B", by family (`load_arch_hparams`).
    isSeventyB =
      switch model.architecture {
      case "llama": trunk == 80 && expertCount != 8 && first.map { $0.headCount != $0.kvHeadCount } == true
      case "deci", "olmo", "qwen2": trunk == 80
      case "jais2": trunk == 68
      default: false
      }
  }
}

/// The rules of llama-quantize with the counters that they keep while going through the tensors.
struct MixRules {
  /// The type that a tensor gets.
  struct Choice {
    let name: String
    /// Nil for a type that GGUF does not have, kept from another format.
    let type: GGUFType?
    let needsImportanceMatrix: Bool

    func bytes(of tensor: ClassifiedTensor) -> ByteCount? {
      type == nil ? tensor.tensor.bytes : type?.byteCount(dimensions: tensor.tensor.dimensions)
    }
  }

  /// A refusal, as an error of this module.
  struct Refusal: Error {
    let reason: Reason
    init(_ message: String) { reason = Reason(.unsupportedQuantization, message) }
  }

  let fileType: GGUFFileType
  let hasImportanceMatrix: Bool
  let facts: MixFacts
  private let defaultType: GGUFType?
  /// True for the mixes of 2 bits and fewer.
  let isSmallest: Bool

  var valueIndex = 0
  var downIndex = 0
  var gateIndex = 0
  var upIndex = 0

  init(_ fileType: GGUFFileType, facts: MixFacts, hasImportanceMatrix: Bool) {
    self.fileType = fileType
    self.facts = facts
    self.hasImportanceMatrix = hasImportanceMatrix
    defaultType = GGUFType.named(fileType.defaultType)
    isSmallest = [.iq2xxs, .iq2xs, .iq1s, .iq2s, .iq2m, .iq1m].contains(fileType)
  }

  var architecture: String { facts.architecture }
  var expertCount: Int { facts.expertCount }
  var headGroup: Int { facts.headGroup }
  var layerCount: Int { facts.layerCount }

  /// Returns the type that a tensor gets, counting it.
  mutating func type(of tensor: ClassifiedTensor) -> Result<Choice, Refusal> {
    guard let defaultType else { return .failure(Refusal("llama-quantize does not make \(fileType.rawValue)")) }
    guard tensor.isQuantizable else {
      return .success(Choice(name: tensor.tensor.type, type: tensor.type, needsImportanceMatrix: false))
    }
    guard defaultType.isQuantized else {
      return .success(Choice(name: defaultType.name, type: defaultType, needsImportanceMatrix: false))
    }
    let wanted = chosenType(tensor, defaultType.name)
    guard let type = wanted == defaultType.name ? defaultType : GGUFType.named(wanted) else {
      return .failure(Refusal("there is no type \(wanted)"))
    }
    return fitted(type, to: tensor.tensor).map { type in
      Choice(
        name: type.name, type: type,
        needsImportanceMatrix: !hasImportanceMatrix && needsImportanceMatrix(type, tensor.category))
    }
  }

  private func needsImportanceMatrix(_ type: GGUFType, _ category: TensorCategory) -> Bool {
    if category == .output || category == .tokenEmbedding { return false }
    switch type.name {
    case "IQ3_XXS", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_M", "IQ1_S": return true
    case "Q2_K": return fileType == .q2ks
    default: return false
    }
  }

  /// Replaces a type whose blocks do not fit the tensor's rows.
  private func fitted(_ type: GGUFType, to tensor: Tensor) -> Result<GGUFType, Refusal> {
    let row = tensor.dimensions.first ?? 0
    guard row % type.blockLength != 0 else { return .success(type) }
    let substitute: String
    switch type.name {
    case "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS": substitute = "IQ4_NL"
    case "Q2_0", "Q2_K", "Q3_K", "TQ1_0", "TQ2_0": substitute = "Q4_0"
    case "Q4_K": substitute = "Q5_0"
    case "Q5_K": substitute = "Q5_1"
    case "Q6_K": substitute = "Q8_0"
    default:
      guard type.blockLength <= 32 else {
        return .failure(
          Refusal(
            "\(tensor.name) has rows of \(row), no multiple of \(type.blockLength), and \(type.name) has no substitute")
        )
      }
      substitute = type.name
    }
    let fitting = GGUFType.named(substitute).flatMap { row % $0.blockLength == 0 ? $0 : nil }
    return (fitting ?? GGUFType.named("F16")).map { .success($0) } ?? .failure(Refusal("no type fits \(tensor.name)"))
  }
}
