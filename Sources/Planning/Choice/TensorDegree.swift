import Models
import Units

/// Into how many ways a model's tensors can be cut.
struct TensorDegree: Sendable {
  let model: Model
  let quantization: String

  /// Says why the model cannot be cut into so many ways, or nil where it can.
  ///
  /// Attention heads must divide; key-value heads may be replicated, so either number may divide the other; slices of
  /// experts and feed-forward blocks must be whole quantization blocks.
  func refusal(_ ways: Int) -> Reason? {
    guard ways > 1 else { return nil }
    for layer in model.layers where layer.kind != .recurrent && layer.kind != .none && layer.headCount > 0 {
      guard layer.headCount % ways == 0 else {
        return Reason("heads-do-not-divide", "\(layer.headCount) attention heads cannot be cut into \(ways)")
      }
      let stored = max(1, layer.kvHeadCount)
      guard layer.kind == .latent || stored % ways == 0 || ways % stored == 0 else {
        return Reason("kv-heads-do-not-divide", "\(stored) key-value heads and \(ways) ways do not divide each other")
      }
    }
    if let heads = model.visionHeadCount, model.seesImages, heads % ways != 0 {
      return Reason(
        "vision-heads-do-not-divide", "\(heads) attention heads of the part that sees cannot be cut into \(ways)",
        remedy: "vLLM's --mm-encoder-tp-mode data keeps that part whole on each device")
    }
    guard let block = quantizationBlock else { return nil }
    for layer in model.layers {
      let shared = layer.experts?.sharedFeedForwardLength ?? 0
      for width in [layer.experts?.feedForwardLength ?? layer.feedForwardLength, shared] {
        guard width > 0, width % (ways * block) != 0 else { continue }
        return Reason(
          "blocks-do-not-divide", "a width of \(width) cut into \(ways) is no whole number of blocks of \(block)",
          remedy: layer.experts == nil || width == shared ? nil : "expert parallelism keeps experts whole")
      }
    }
    return nil
  }

  /// Rows that share one scale in formats whose slices must be whole blocks.
  private var quantizationBlock: Int? {
    let name = quantization.uppercased()
    if name.contains("FP8") {
      // A scale for each row, as llm-compressor's, sets no limit; experts are stored in blocks by all who publish them.
      if let block = model.shape.extras["quantization.block"], block >= 1, block <= 65_536 { return Int(block) }
      return model.layers.contains { $0.experts != nil } || hasBlockScales ? 128 : nil
    }
    if name.contains("AWQ") || name.contains("GPTQ") { return 128 }
    // MXFP4 sets none: vLLM fills each slice up to whole blocks (gpt-oss runs in 2, 4 and 8 ways).
    return name.contains("NVFP4") ? 16 : nil
  }

  /// DeepSeek's form of FP8 names the scales of its blocks so.
  private var hasBlockScales: Bool { model.tensors.contains { $0.name.hasSuffix("weight_scale_inv") } }

  /// The degrees up to a number that the model allows, smallest first.
  func degrees(upTo most: Int) -> [Int] { (1...max(1, most)).filter { refusal($0) == nil } }
}
