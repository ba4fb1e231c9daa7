import Units

/// The rules of llama-quantize with the counters that they keep while going through the tensors.
struct MixRules {
  let fileType: GGUFFileType
  let architecture: String
  let hasImportanceMatrix: Bool
  let isTied: Bool
  let expertCount: Int
  /// Query heads for each key-value head, of the first layer.
  let headGroup: Int
  let layerCount: Int
  let valueCount: Int
  let isSeventyB: Bool
  private let defaultType: GGUFType?

  private var valueIndex = 0
  private var downIndex = 0
  private var gateIndex = 0
  private var upIndex = 0

  init(_ fileType: GGUFFileType, model: Model, tensors: [Tensor], hasImportanceMatrix: Bool) {
    self.fileType = fileType
    self.hasImportanceMatrix = hasImportanceMatrix
    architecture = model.architecture
    defaultType = GGUFType.named(fileType.defaultType)
    isTied = !tensors.contains { $0.name == "output.weight" }
    expertCount = model.layers.compactMap(\.experts?.count).max() ?? 0
    let first = model.layers.first
    headGroup = first.map { $0.kvHeadCount > 0 ? $0.headCount / $0.kvHeadCount : 0 } ?? 0
    layerCount = model.layers.count
    valueCount = tensors.count { TensorCategory($0.name).isValueLike }
    isSeventyB = Self.isSeventyB(model, experts: expertCount)
  }

  /// True for the shapes that llama.cpp names "70B", which get better values (`load_arch_hparams` of each family).
  private static func isSeventyB(_ model: Model, experts: Int) -> Bool {
    let count = model.layers.count - model.shape.nextTokenPredictionLayers
    switch model.architecture {
    case "llama": return count == 80 && experts != 8 && model.layers.first.map { $0.headCount != $0.kvHeadCount } == true
    case "deci", "olmo", "qwen2": return count == 80
    case "jais2": return count == 68
    default: return false
    }
  }

  /// Sorts tensors as the loader holds them: by layer, then by name; those of no layer first.
  static func inLoaderOrder(_ tensors: [Tensor]) -> [Tensor] {
    tensors.map { (TensorNames.layer(of: $0.name) ?? -1, $0) }
      .sorted { ($0.0, $0.1.name) < ($1.0, $1.1.name) }
      .map(\.1)
  }

  /// Returns the type that a tensor gets, counting it.
  mutating func type(of tensor: Tensor) -> Result<GGUFType, Reason> {
    guard let defaultType else { return .failure(refusal("llama-quantize does not make \(fileType.rawValue)")) }
    guard TensorCategory.isQuantizable(tensor, architecture: architecture) else {
      return GGUFType.named(tensor.type).map { .success($0) }
        ?? .failure(refusal("\(tensor.name) is stored as \(tensor.type), which GGUF does not have"))
    }
    guard defaultType.isQuantized else { return .success(defaultType) }
    let category = TensorCategory(tensor.name)
    let wanted = chosenType(tensor, category, defaultType.name)
    guard let type = GGUFType.named(wanted) else { return .failure(refusal("there is no type \(wanted)")) }
    return fitted(type, to: tensor).flatMap { type in
      guard !hasImportanceMatrix, needsImportanceMatrix(type, category) else { return .success(type) }
      return .failure(
        Reason(
          "importance-matrix-required",
          "\(fileType.rawValue) needs an importance matrix: \(tensor.name) would be \(type.name)",
          remedy: "make one with llama-imatrix and give --imatrix"))
    }
  }

  private func refusal(_ message: String) -> Reason { Reason("unsupported-quantization", message) }

  private func needsImportanceMatrix(_ type: GGUFType, _ category: TensorCategory) -> Bool {
    if category == .output || category == .tokenEmbedding { return false }
    switch type.name {
    case "IQ3_XXS", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_M", "IQ1_S": return true
    case "Q2_K": return fileType == .q2ks
    default: return false
    }
  }

  /// Replaces a type whose blocks do not fit the tensor's rows.
  private func fitted(_ type: GGUFType, to tensor: Tensor) -> Result<GGUFType, Reason> {
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
          refusal("\(tensor.name) has rows of \(row), no multiple of \(type.blockLength), and \(type.name) has no substitute"))
      }
      substitute = type.name
    }
    let fitting = GGUFType.named(substitute).flatMap { row % $0.blockLength == 0 ? $0 : nil }
    return (fitting ?? GGUFType.named("F16")).map { .success($0) } ?? .failure(refusal("no type fits \(tensor.name)"))
  }
}

extension MixRules {
  /// Chooses by the tensor's category; nil of a rule means the default type.
  private mutating func chosenType(_ tensor: Tensor, _ category: TensorCategory, _ standard: String) -> String {
    if architecture == "glm5-next",
      ["attn_q_a", "attn_q_b", "nextn.eh_proj"].contains(where: { tensor.name.contains($0) })
    {
      return "Q8_0"
    }
    if category == .output || (isTied && category == .tokenEmbedding) { return outputType(tensor, standard) }
    if fileType == .mxfp4 { return isExpert(tensor, category) ? "MXFP4" : "Q8_0" }
    if category == .tokenEmbedding { return embeddingType() ?? standard }
    if Self.smallest.contains(fileType) { return smallType(category) ?? standard }
    if category.isValueLike { return valueType(standard) }
    switch category {
    case .key, .query: return keyOrQueryType(category) ?? standard
    case .down: return downType(tensor) ?? standard
    case .attentionOutput: return attentionOutputType() ?? standard
    case .gate, .up: return gateOrUpType(tensor, category) ?? standard
    default: return standard
    }
  }

  private static let smallest: Set<GGUFFileType> = [.iq2xxs, .iq2xs, .iq1s, .iq2s, .iq2m, .iq1m]

  private func isExpert(_ tensor: Tensor, _ category: TensorCategory) -> Bool {
    guard tensor.dimensions.count > 2, tensor.dimensions[2] > 1 else { return false }
    return architecture != "bailingmoe3" || category == .up || category == .gate || category == .down
  }

  private func outputType(_ tensor: Tensor, _ standard: String) -> String {
    let block = GGUFType.named(standard)?.blockLength ?? 1
    if fileType == .mxfp4 || architecture == "falcon" || (tensor.dimensions.first ?? 0) % block != 0 { return "Q8_0" }
    if Self.smallest.contains(fileType) || fileType == .iq3xxs { return "Q5_K" }
    return standard == "Q8_0" ? standard : "Q6_K"
  }

  private func embeddingType() -> String? {
    switch fileType {
    case .iq2xxs, .iq2xs, .iq1s, .iq1m: "Q2_K"
    case .iq2s, .iq2m, .iq3xxs: "IQ3_S"
    case .tq10, .tq20, .q20: "Q4_K"
    default: nil
    }
  }

  /// The mixes of 2 bits and fewer.
  private mutating func smallType(_ category: TensorCategory) -> String? {
    let isLarger = fileType == .iq2s || fileType == .iq2m
    if category.isValueLike {
      valueIndex += 1
      return headGroup >= 4 || expertCount >= 4 ? "Q4_K" : isLarger ? "IQ3_S" : "Q2_K"
    }
    switch category {
    case .key: return expertCount == 8 ? "Q4_K" : nil
    case .down:
      // The plain counter here, with experts too.
      defer { downIndex += 1 }
      return downIndex < layerCount / 8 ? (isLarger ? "IQ3_S" : "Q2_K") : nil
    case .attentionOutput:
      if expertCount == 8 { return "Q5_K" }
      return fileType == .iq1s || fileType == .iq1m ? "IQ2_XXS" : isLarger ? "IQ3_S" : nil
    default: return nil
    }
  }

  private mutating func valueType(_ standard: String) -> String {
    defer { valueIndex += 1 }
    if expertCount == 8 { return "Q8_0" }
    let type = valueTypeByMix() ?? standard
    return isSeventyB && (type == "Q3_K" || type == "Q4_K") ? "Q5_K" : type
  }

  private func valueTypeByMix() -> String? {
    let isGrouped = headGroup >= 4
    switch fileType {
    case .q2k: return isGrouped ? "Q4_K" : "Q3_K"
    case .q2ks: return isGrouped ? "Q4_K" : nil
    case .iq3xxs: return isGrouped ? "Q4_K" : hasImportanceMatrix ? "IQ3_XXS" : "IQ3_S"
    case .iq3xs, .iq3s: return isGrouped ? "Q4_K" : nil
    case .iq3m: return "Q4_K"
    case .q3km: return valueIndex < 2 ? "Q5_K" : "Q4_K"
    case .q3kl: return "Q5_K"
    case .iq4nl, .iq4xs: return isGrouped ? "Q5_K" : nil
    case .q4km, .q5km: return Self.getsMoreBits(valueIndex, of: valueCount) ? "Q6_K" : nil
    case .q4ks: return valueIndex < 4 ? "Q5_K" : nil
    default: return nil
    }
  }

  private func keyOrQueryType(_ category: TensorCategory) -> String? {
    if category == .key, expertCount == 8 { return "Q8_0" }
    return fileType == .iq3xs ? "IQ3_XXS" : fileType == .iq3xxs ? "IQ2_S" : nil
  }

  private mutating func downType(_ tensor: Tensor) -> String? {
    let index = layer(of: tensor, counted: downIndex)
    downIndex += 1
    let isEarly = index < layerCount / 8
    let getsMore = Self.getsMoreBits(index, of: layerCount)
    let isFalcon = architecture == "falcon"
    switch fileType {
    case .q2k: return "Q3_K"
    case .q2ks: return isEarly ? "Q4_K" : nil
    case .iq3xxs: return hasImportanceMatrix ? nil : isEarly ? "Q4_K" : "Q3_K"
    case .q3km: return index < layerCount / 16 ? "Q5_K" : !isFalcon || getsMore ? "Q4_K" : "Q3_K"
    case .iq3m: return isEarly || (expertCount == 8 && getsMore) ? "Q4_K" : nil
    case .q3kl: return isFalcon ? "Q4_K" : "Q5_K"
    case .q4km:
      if isFalcon { return index < layerCount / 16 ? "Q6_K" : getsMore ? "Q5_K" : "Q4_K" }
      return getsMore ? "Q6_K" : nil
    case .iq4nl, .iq4xs: return isEarly && !hasImportanceMatrix ? "Q5_K" : nil
    case .q5km: return getsMore ? "Q6_K" : nil
    case .q4ks: return !isFalcon && isEarly ? "Q5_K" : nil
    case .q40: return hasImportanceMatrix && isEarly ? "Q4_1" : nil
    case .q50: return hasImportanceMatrix && isEarly ? "Q5_1" : nil
    default: return nil
    }
  }

  private func attentionOutputType() -> String? {
    if architecture == "falcon" { return fileType == .q3kl ? "Q4_K" : nil }
    if expertCount == 8 {
      let raised: Set<GGUFFileType> = [
        .q2k, .iq3xs, .iq3xxs, .q3ks, .q3km, .iq4nl, .q4ks, .q4km, .iq3s, .iq3m, .iq4xs,
      ]
      return raised.contains(fileType) ? "Q5_K" : nil
    }
    switch fileType {
    case .q2k: return "Q3_K"
    case .iq3xxs: return "IQ3_S"
    case .q3km, .iq3m: return "Q4_K"
    case .q3kl: return "Q5_K"
    default: return nil
    }
  }

  private mutating func gateOrUpType(_ tensor: Tensor, _ category: TensorCategory) -> String? {
    let index = layer(of: tensor, counted: category == .gate ? gateIndex : upIndex)
    if category == .gate { gateIndex += 1 } else { upIndex += 1 }
    return fileType == .iq3xs && index >= layerCount / 8 && index < 7 * layerCount / 8 ? "IQ3_XXS" : nil
  }

  /// With experts the layer is read from the name; without, tensors are counted.
  private func layer(of tensor: Tensor, counted: Int) -> Int {
    expertCount > 1 ? TensorNames.layer(of: tensor.name) ?? counted : counted
  }

  private static func getsMoreBits(_ index: Int, of count: Int) -> Bool {
    index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2
  }
}
