extension MixRules {
  /// Chooses by the tensor's category.
  mutating func chosenType(_ classified: ClassifiedTensor, _ standard: String) -> String {
    let (tensor, category) = (classified.tensor, classified.category)
    if classified.isHeld { return "Q8_0" }
    if category == .output || (facts.isTied && category == .tokenEmbedding) { return outputType(tensor, standard) }
    if fileType == .mxfp4 { return isExpert(tensor, category) ? "MXFP4" : "Q8_0" }
    if category == .tokenEmbedding { return embeddingType() ?? standard }
    if isSmallest { return smallType(category) ?? standard }
    if category.isValueLike { return valueType(standard) }
    switch category {
    case .key, .query: return keyOrQueryType(category) ?? standard
    case .down: return downType(classified) ?? standard
    case .attentionOutput: return attentionOutputType() ?? standard
    case .gate, .up: return gateOrUpType(classified) ?? standard
    default: return standard
    }
  }

  private func isExpert(_ tensor: Tensor, _ category: TensorCategory) -> Bool {
    guard tensor.dimensions.count > 2, tensor.dimensions[2] > 1 else { return false }
    return architecture != "bailingmoe3" || category == .up || category == .gate || category == .down
  }

  private func outputType(_ tensor: Tensor, _ standard: String) -> String {
    let block = GGUFType.named(standard)?.blockLength ?? 1
    if fileType == .mxfp4 || architecture == "falcon" || (tensor.dimensions.first ?? 0) % block != 0 { return "Q8_0" }
    if isSmallest || fileType == .iq3xxs { return "Q5_K" }
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
    return facts.isSeventyB && (type == "Q3_K" || type == "Q4_K") ? "Q5_K" : type
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
    case .q4km, .q5km: return Self.getsMoreBits(valueIndex, of: facts.valueCount) ? "Q6_K" : nil
    case .q4ks: return valueIndex < 4 ? "Q5_K" : nil
    default: return nil
    }
  }

  private func keyOrQueryType(_ category: TensorCategory) -> String? {
    if category == .key, expertCount == 8 { return "Q8_0" }
    return fileType == .iq3xs ? "IQ3_XXS" : fileType == .iq3xxs ? "IQ2_S" : nil
  }

  private mutating func downType(_ tensor: ClassifiedTensor) -> String? {
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

  private mutating func gateOrUpType(_ tensor: ClassifiedTensor) -> String? {
    let index = layer(of: tensor, counted: tensor.category == .gate ? gateIndex : upIndex)
    if tensor.category == .gate { gateIndex += 1 } else { upIndex += 1 }
    return fileType == .iq3xs && index >= layerCount / 8 && index < 7 * layerCount / 8 ? "IQ3_XXS" : nil
  }

  /// With experts the layer is read from the name; without, tensors are counted.
  private func layer(of tensor: ClassifiedTensor, counted: Int) -> Int {
    expertCount > 1 ? tensor.layer ?? counted : counted
  }

  private static func getsMoreBits(_ index: Int, of count: Int) -> Bool {
    index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2
  }
}
