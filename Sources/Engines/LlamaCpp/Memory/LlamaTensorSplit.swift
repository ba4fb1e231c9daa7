import Models
import Units

/// What each device holds of a tensor, a cache or a state where llama.cpp cuts every layer over all devices
/// (`--split-mode tensor`; `llama_meta_device_get_split_state` of 11434).
///
/// Attention is cut between groups of heads that share their keys, a feed-forward network between blocks of its inner
/// width, the output between rows. Everything else lies on every device whole.
struct LlamaTensorSplit {
  /// A share for each device, 1 where it has everything.
  typealias Shares = [Double]

  private let whole: Shares
  private let output: Shares?
  /// By layer; nil where the layer has no such part.
  private let heads: [Shares?]
  private let states: [Shares?]
  private let feedForwards: [FeedForward]

  /// How the inner width of one layer's feed-forward network is cut.
  private struct FeedForward {
    var granularity: Int
    var rotation: Int
  }

  private let cut: Cut
  private let layers: [Layer]

  /// - Parameter shares: One for each device; empty means equal ones, whatever their memory.
  init(_ question: Question, devices: Int, shares: [Double]) {
    let model = question.model
    cut = Cut(devices: devices, shares: shares)
    layers = model.layers
    whole = Shares(repeating: 1, count: devices)
    let sources = Self.sources(question.tensors)
    // Alike layers take turns in who gets what is left over.
    var seen: [[Bool]: Int] = [:]
    let turns = model.layers.map { layer -> Int in
      let kind = [layer.kind == .recurrent, layer.kind == .sliding]
      defer { seen[kind, default: 0] += 1 }
      return seen[kind, default: 0]
    }
    let isMirrored = ["hrm_text", "deepseek4"].contains(model.architecture)
    output = isMirrored ? nil : cut.shares(of: model.shape.vocabularySize, by: 1, turn: model.layers.count)
    heads = model.layers.indices.map { [cut] index in
      guard !isMirrored, let source = sources[index]?["attn_output.weight"] else { return nil }
      return cut.shares(ofHeads: model.layers[index], block: Self.block(source), turn: turns[index])
    }
    states = model.layers.indices.map { [cut] index in
      guard !isMirrored, let source = sources[index]?["ssm_out.weight"], let shape = model.shape.stateSpace else {
        return nil
      }
      let keys = product(shape.groupCount, shape.stateSize)
      let granularity = leastCommonMultiple(leastCommonMultiple(Self.block(source), 128), max(1, shape.stateSize))
      return cut.shares(of: keys > 0 ? keys : shape.innerSize, by: granularity, turn: turns[index])
    }
    feedForwards = model.layers.indices.map { index in
      let down = sources[index]?["ffn_down.weight"] ?? sources[index]?["ffn_down_exps.weight"]
      return FeedForward(granularity: leastCommonMultiple(down.map(Self.block) ?? 1, 128), rotation: turns[index])
    }
  }

  /// What each device has of a tensor that lies on the devices.
  func shares(of tensor: Tensor) -> Shares {
    if tensor.name == "output.weight" || tensor.name == "output.bias" { return output ?? whole }
    guard let (index, part) = Self.place(tensor.name), layers.indices.contains(index) else { return whole }
    switch part {
    case "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_qkv.weight", "attn_q.bias", "attn_k.bias",
      "attn_v.bias", "attn_qkv.bias", "attn_output.weight", "attn_sinks.weight", "attn_gate.weight":
      return heads[index] ?? states[index] ?? whole
    case "attn_q_norm.weight", "attn_k_norm.weight":
      return tensor.dimensions.count > 1 ? heads[index] ?? whole : whole
    case "ssm_dt.bias", "ssm_a", "ssm_alpha.weight", "ssm_beta.weight", "ssm_ba.weight", "ssm_conv1d.weight",
      "ssm_out.weight":
      return states[index] ?? whole
    case "ffn_up.weight", "ffn_gate.weight", "ffn_up_exps.weight", "ffn_gate_exps.weight", "ffn_gate_up.weight",
      "ffn_gate_up_exps.weight":
      return feedForward(index, width: tensor.dimensions.count > 1 ? tensor.dimensions[1] : 0)
    case "ffn_down.weight", "ffn_down_exps.weight", "ffn_up.bias", "ffn_gate.bias", "ffn_up_exps.bias",
      "ffn_gate_exps.bias":
      return feedForward(index, width: tensor.dimensions.first ?? 0)
    default: return whole
    }
  }

  /// What each device has of a layer's keys and values.
  func sharesOfCache(_ layer: Int) -> Shares { heads.indices.contains(layer) ? heads[layer] ?? whole : whole }

  /// What each device has of a layer's recurrent state.
  func sharesOfState(_ layer: Int) -> Shares { states.indices.contains(layer) ? states[layer] ?? whole : whole }

  /// A width of two fused matrices is cut as two.
  private func feedForward(_ index: Int, width: Int) -> Shares {
    let rule = feedForwards[index]
    let inner = layers[index].experts?.feedForwardLength ?? layers[index].feedForwardLength
    let isFused = inner > 0 && width == product(2, inner)
    return cut.shares(of: isFused ? inner : width, by: rule.granularity, turn: rule.rotation)
  }

  /// The tensors whose types and widths decide where a layer is cut, by layer and name.
  private static func sources(_ tensors: [Tensor]) -> [Int: [Substring: Tensor]] {
    let names: Set<Substring> = ["attn_output.weight", "ssm_out.weight", "ffn_down.weight", "ffn_down_exps.weight"]
    var found: [Int: [Substring: Tensor]] = [:]
    for tensor in tensors {
      guard let (index, part) = place(tensor.name), names.contains(part) else { continue }
      found[index, default: [:]][part] = tensor
    }
    return found
  }

  private static func place(_ name: String) -> (layer: Int, part: Substring)? {
    guard name.hasPrefix("blk."), let dot = name.dropFirst(4).firstIndex(of: "."),
      let index = Int(name[name.index(name.startIndex, offsetBy: 4)..<dot])
    else { return nil }
    return (index, name[name.index(after: dot)...])
  }

  private static func block(_ tensor: Tensor) -> Int { GGUFType.named(tensor.type)?.blockLength ?? 1 }
}

extension LlamaTensorSplit {
  /// Families that llama.cpp 11434 refuses to cut (`llm_arch_supports_sm_tensor`).
  private static let refused: Set<String> = [
    "grok", "mpt", "plamo2", "minicpm3", "gemma3n", "mamba", "mamba2", "jamba", "falcon-h1", "olmo2", "olmoe",
    "deepseek2", "deepseek32", "hy_v4", "dots3note", "glm-dsa", "bitnet", "t5", "nemotron_h", "nemotron_h_moe",
    "granitehybrid", "minimax-01", "minimax-m2", "minimax-m3", "mistral4", "kimi-linear", "bailingmoe3", "kimi-k3",
    "glm5-next", "qwen3tts",
  ]
  /// Families whose recurrent layers are not cut at all.
  private static let mirrored: Set<String> = ["lfm2", "lfm2moe"]

  /// Why llama.cpp would not start; nil where it would.
  static func refusal(_ question: Question) -> Reason? {
    let model = question.model
    let hasUncutState =
      !mirrored.contains(model.architecture) && model.layers.contains { $0.kind == .recurrent }
      && !question.tensors.contains { $0.name.hasSuffix(".ssm_out.weight") }
    if refused.contains(model.architecture) || hasUncutState {
      return Reason(
        .unsupportedSplit, "llama.cpp does not cut the layers of \(model.architecture) over devices",
        remedy: "--split-mode layer")
    }
    if !question.settings.flashAttention {
      return Reason(
        .unsupportedSplit, "llama.cpp cuts layers over devices with flash attention only",
        remedy: "--flash-attention, or --split-mode layer")
    }
    return nil
  }
}

/// Cuts a length over devices in whole grains, as the engine rounds: each bound rounded down, what is left over to the last.
private struct Cut {
  private let wanted: [Double]

  init(devices: Int, shares: [Double]) {
    let given = (0..<devices).map { shares.indices.contains($0) ? shares[$0] : 0 }
    wanted = given.contains { $0 > 0 } ? given : [Double](repeating: 1, count: devices)
  }

  /// - Parameter turn: How far the devices are rotated: the first to be served is that of this number.
  func shares(of length: Int, by granularity: Int, turn: Int) -> [Double] {
    let count = wanted.count
    guard length > 0, count > 1 else { return [Double](repeating: 1, count: count) }
    let rotation = turn % count
    let rotated = (0..<count).map { wanted[($0 + rotation) % count] }
    let sum = rotated.reduce(0, +)
    var result = [Double](repeating: 0, count: count)
    var (low, reached) = (0, 0.0)
    for offset in 0..<count {
      reached += rotated[offset]
      let bound = Double(length) * reached / sum
      var high = length
      // Shares without measure make a bound that is no number.
      if offset < count - 1, bound < Double(length) { high = Int(bound) - Int(bound) % max(1, granularity) }
      result[(offset + rotation) % count] = Double(max(0, high - low)) / Double(length)
      low = max(low, high)
    }
    return result
  }

  /// Whole groups of the heads that share one key head, and whole blocks of the type of the matrix after them.
  func shares(ofHeads layer: Layer, block: Int, turn: Int) -> [Double]? {
    guard layer.headCount > 0, layer.kvHeadCount > 0, layer.keyLength > 0 else { return nil }
    let group = product(layer.headCount / layer.kvHeadCount, layer.keyLength)
    var grain = max(1, block)
    while grain < 128, grain * wanted.count < group { grain *= 2 }
    return shares(
      of: product(layer.headCount, layer.keyLength), by: leastCommonMultiple(max(1, group), grain), turn: turn)
  }
}

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
  var (x, y) = (max(1, a), max(1, b))
  while y != 0 { (x, y) = (y, x % y) }
  return product(max(1, a) / x, max(1, b))
}

/// A header may state sizes whose product no integer holds.
private func product(_ a: Int, _ b: Int) -> Int {
  let (result, overflows) = a.multipliedReportingOverflow(by: b)
  return overflows ? Int.max : result
}
