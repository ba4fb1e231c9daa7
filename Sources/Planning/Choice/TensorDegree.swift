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
    return headRefusal(ways) ?? blockRefusal(ways)
  }

  private func headRefusal(_ ways: Int) -> Reason? {
    for layer in model.layers where layer.kind != .recurrent && layer.kind != .none && layer.headCount > 0 {
      guard layer.headCount % ways == 0 else {
        return Reason("heads-do-not-divide", "\(layer.headCount) attention heads cannot be cut into \(ways)")
      }
      let stored = max(1, layer.kvHeadCount)
      guard layer.kind == .latent || stored % ways == 0 || ways % stored == 0 else {
        return Reason("kv-heads-do-not-divide", "\(stored) key-value heads and \(ways) ways do not divide each other")
      }
    }
    return nil
  }

  private func blockRefusal(_ ways: Int) -> Reason? {
    guard let block = quantizationBlock else { return nil }
    for layer in model.layers {
      let width = layer.experts?.feedForwardLength ?? layer.feedForwardLength
      guard width > 0, width % (ways * block) != 0 else { continue }
      return Reason(
        "blocks-do-not-divide", "a width of \(width) cut into \(ways) is no whole number of blocks of \(block)",
        remedy: layer.experts == nil ? nil : "expert parallelism keeps experts whole")
    }
    return nil
  }

  /// Inputs that share one scale in formats whose slices must be whole blocks.
  private var quantizationBlock: Int? {
    // What the file says of itself comes before what its format usually has.
    if let own = model.weightGroup, quantization == model.quantization?.value { return own }
    let name = quantization.uppercased()
    if name.contains("FP8"), model.layers.contains(where: { $0.experts != nil }) { return 128 }
    if name.contains("AWQ") || name.contains("GPTQ") { return 128 }
    if name.contains("NVFP4") { return 16 }
    return name.contains("MXFP4") ? 32 : nil
  }

  /// Says why a placement's degrees do not suit the model, with the nearest degree that does; nil where they do.
  func refusal(_ placement: Placement, devices: Int) -> Reason? {
    let ways = placement.tensorParallel
    guard let refusal = refusal(ways) else { return nil }
    let holdsExperts = holdsExpertsWhole(ways)
    if placement.expertParallel > 1, holdsExperts { return nil }
    let nearest = degrees(upTo: max(devices, ways)).min { (abs($0 - ways), -$0) < (abs($1 - ways), -$1) } ?? 1
    let whole = holdsExperts ? ", or --expert-parallel \(ways), which keeps experts whole" : ""
    return Reason(
      refusal.code, "vLLM refuses it: \(refusal.message)", remedy: "use --tensor-parallel \(nearest)\(whole)")
  }

  /// True where only the experts' width stands against the cut, and they can be spread whole.
  func holdsExpertsWhole(_ ways: Int) -> Bool {
    guard let experts = model.layers.lazy.compactMap(\.experts).first, experts.count % ways == 0 else { return false }
    return headRefusal(ways) == nil
  }

  /// The degrees up to a number that the model allows, smallest first.
  func degrees(upTo most: Int) -> [Int] { (1...max(1, most)).filter { refusal($0) == nil } }
}
