import Engines
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
    return headRefusal(ways) ?? blockRefusal(ways) ?? expertRefusal(ways)
  }

  private func headRefusal(_ ways: Int) -> Reason? {
    for layer in model.layers where layer.kind != .recurrent && layer.kind != .none && layer.headCount > 0 {
      guard layer.headCount % ways == 0 else {
        return Reason(.headsDoNotDivide, "\(layer.headCount) attention heads cannot be cut into \(ways)")
      }
      let stored = max(1, layer.kvHeadCount)
      guard layer.kind == .latent || stored % ways == 0 || ways % stored == 0 else {
        return Reason(.kvHeadsDoNotDivide, "\(stored) key-value heads and \(ways) ways do not divide each other")
      }
    }
    if let heads = model.dividedVisionHeadCount, model.seesImages, heads % ways != 0 {
      return Reason(
        .visionHeadsDoNotDivide, "\(heads) attention heads of the vision encoder cannot be cut into \(ways)",
        remedy: "vLLM's --mm-encoder-tp-mode data keeps that part whole on each device")
    }
    return nil
  }

  /// The blocks of what is always cut: dense layers, and experts that every token passes through.
  private func blockRefusal(_ ways: Int) -> Reason? {
    let widths = model.layers.map { $0.experts?.sharedFeedForwardLength ?? $0.feedForwardLength }
    return Self.unevenWidth(widths, ways, quantizationBlock).map { width, block in
      Reason(.blocksDoNotDivide, "a width of \(width) cut into \(ways) is not a whole number of blocks of \(block)")
    }
  }

  /// The blocks of experts that are cut because they are not spread whole.
  private func expertRefusal(_ ways: Int) -> Reason? {
    let widths = model.layers.compactMap { $0.experts?.feedForwardLength }
    return Self.unevenWidth(widths, ways, quantizationBlock).map { width, block in
      Reason(
        .blocksDoNotDivide, "a width of \(width) cut into \(ways) is not a whole number of blocks of \(block)",
        remedy: "expert parallelism keeps experts whole")
    }
  }

  private static func unevenWidth(_ widths: [Int], _ ways: Int, _ block: Int?) -> (width: Int, block: Int)? {
    guard let block else { return nil }
    return widths.first { $0 > 0 && $0 % (ways * block) != 0 }.map { ($0, block) }
  }

  /// Inputs that share one scale in formats whose slices must be whole blocks.
  private var quantizationBlock: Int? {
    let name = quantization.uppercased()
    // vLLM fills each slice of MXFP4 up to whole blocks: gpt-oss, of 90 of them, runs in 2, 4 and 8 ways.
    if name.contains("MXFP4") { return nil }
    // What the file says of itself comes before what its format usually has.
    if let own = model.weightGroup, quantization == model.quantization?.value { return own }
    if name.contains("FP8") {
      // A scale for each row, as llm-compressor's, sets no limit; experts are stored in blocks by all who publish them.
      return model.layers.contains { $0.experts != nil } || hasBlockScales ? 128 : nil
    }
    if name.contains("AWQ") || name.contains("GPTQ") { return 128 }
    return name.contains("NVFP4") ? 16 : nil
  }

  /// DeepSeek's form of FP8 names the scales of its blocks so.
  private var hasBlockScales: Bool { model.tensors.contains { $0.name.hasSuffix("weight_scale_inv") } }

  /// Says why a placement's degrees do not suit the model, with the nearest degree that does; nil where they do.
  func refusal(_ placement: Placement, devices: Int) -> Reason? {
    let ways = placement.tensorParallel
    // Copies share the experts: without expert parallelism each is cut over the devices of all copies.
    let expertWays = ways.multipliedReportingOverflow(by: max(1, placement.dataParallel)).partialValue
    let isSpread = placement.expertParallel > 1
    let fixed = ways > 1 ? headRefusal(ways) ?? blockRefusal(ways) : nil
    guard let refusal = fixed ?? (isSpread || expertWays < 2 ? nil : expertRefusal(expertWays)) else { return nil }
    let nearest = degrees(upTo: max(devices, ways)).min { (abs($0 - ways), -$0) < (abs($1 - ways), -$1) } ?? 1
    let whole = holdsExpertsWhole(ways) ? ", or --expert-parallel \(expertWays), which keeps experts whole" : ""
    let other = fixed?.remedy.map { "; \($0)" } ?? whole
    return Reason(
      refusal.code, "vLLM refuses it: \(refusal.message)", remedy: "use --tensor-parallel \(nearest)\(other)")
  }

  /// True where only the experts' width stands against the cut, and they can be spread whole.
  func holdsExpertsWhole(_ ways: Int) -> Bool {
    guard let experts = model.layers.lazy.compactMap(\.experts).first, experts.count % ways == 0 else { return false }
    return ways < 2 || (headRefusal(ways) == nil && blockRefusal(ways) == nil)
  }

  /// The degrees up to a number that the model allows, smallest first.
  func degrees(upTo most: Int) -> [Int] { (1...max(1, most)).filter { refusal($0) == nil } }
}
