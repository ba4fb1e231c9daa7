import Units

/// The tensors of a model as a GGUF file of 16 bits would hold them.
enum ConvertedTensors {
  /// Returns a GGUF's own tensors, or those that the converter would write; nil where they cannot be told.
  ///
  /// Checkpoints whose weights are packed already are not converted, but for FP8, which the converter unpacks, and experts
  /// in MXFP4, whose blocks it takes over.
  static func tensors(of model: Model) -> [Tensor]? {
    guard !model.tensors.isEmpty else { return nil }
    if model.format == .gguf { return model.tensors }
    let kind = model.quantization?.value ?? ""
    // The names of BERT's parts are no part of the translation.
    guard model.isArchitectureKnown, plainKinds.contains(kind), !model.architecture.hasSuffix("bert"),
      !model.architecture.contains("-bert")
    else { return nil }
    var writer = ConvertedTensorWriter(model)
    for tensor in model.tensors { writer.add(tensor) }
    return writer.finish()
  }

  private static let plainKinds: Set<String> = ["BF16", "F16", "F32", "FP8", "F8_E4M3", "MXFP4"]
}

/// Renames, splits and stacks tensors one by one.
private struct ConvertedTensorWriter {
  private let model: Model
  private let standardType: String
  private var made: [Tensor] = []
  /// Experts are stored one by one and stacked here: name to place, and how many came.
  private var stacks: [String: (index: Int, count: Int)] = [:]

  init(_ model: Model) {
    self.model = model
    // The converter keeps 16-bit floats as they are, and makes BF16 of everything else.
    standardType = model.quantization?.value == "F16" ? "F16" : "BF16"
  }

  mutating func add(_ tensor: Tensor) {
    let place = TensorPlace(tensor.name)
    guard !place.isEncoder, !place.isPrediction, !tensor.name.hasSuffix("_scale_inv"), !tensor.name.hasSuffix("_scale"),
      !tensor.name.hasSuffix("rotary_emb.inv_freq")
    else { return }
    let (stem, ending) = Self.parted(tensor.name)
    guard let layer = place.layer else {
      // A name that is not known is kept: what cannot be translated takes its place all the same.
      write((TensorTranslation.globalName(stem) ?? stem) + ending, tensor.dimensions)
      return
    }
    // A block beyond those that are kept belongs to a part that the converter leaves out.
    guard layer < model.layers.count else { return }
    guard let part = Self.afterLayer(stem) else { return }
    if place.isExpert, let range = part.firstRange(of: "experts.") {
      addExpert(String(part[range.upperBound...]), layer: layer, ending: ending, tensor)
    } else {
      addPart(String(part), layer: layer, ending: ending, tensor)
    }
  }

  private mutating func addPart(_ part: String, layer: Int, ending: String, _ tensor: Tensor) {
    if part.hasSuffix("self_attn.kv_b_proj") { return addLatentHalves(layer, tensor) }
    let name = TensorTranslation.blockName(part, architecture: model.architecture)
    // Names in the table that end themselves (a bias stored under another name) take no second ending.
    let hasEnding = name.hasSuffix(".weight") || name.hasSuffix(".bias")
    let bare = name == "ssm_a" || name == "ssm_d"
    write("blk.\(layer).\(name)\(hasEnding || bare ? "" : ending)", tensor.dimensions)
  }

  /// The converter splits the matrix that unpacks latent keys and values, and turns the keys' half around.
  private mutating func addLatentHalves(_ layer: Int, _ tensor: Tensor) {
    let extras = model.shape.extras
    let rank = Int(extras["attention.kv_lora_rank"] ?? 0)
    let rope = Int(extras["rope.dimension_count"] ?? 0)
    let key = Int(extras["attention.key_length_mla"] ?? 0) - rope
    let value = Int(extras["attention.value_length_mla"] ?? 0)
    let heads = model.layers[layer].headCount
    guard rank > 0, key > 0, value > 0, heads > 0 else { return }
    write("blk.\(layer).attn_k_b.weight", [key, rank, heads])
    write("blk.\(layer).attn_v_b.weight", [rank, value, heads])
  }

  private mutating func addExpert(_ part: String, layer: Int, ending: String, _ tensor: Tensor) {
    let pieces = part.split(separator: ".")
    if let first = pieces.first, Int(first) != nil, pieces.count == 2 {
      let name = TensorTranslation.expertName(String(pieces[1])) ?? "experts.\(pieces[1])"
      return stack("blk.\(layer).\(name)\(ending)", tensor.dimensions)
    }
    addStackedExperts(part, layer: layer, tensor)
  }

  /// Some checkpoints stack experts themselves, gate and up in one.
  private mutating func addStackedExperts(_ part: String, layer: Int, _ tensor: Tensor) {
    let width = model.shape.expertInputLength
    let isBias = part.hasSuffix("_bias")
    // The scales of MXFP4 stand in its blocks.
    guard !part.hasSuffix("_scales") else { return }
    let ending = isBias ? "bias" : "weight"
    let count = tensor.dimensions.last ?? 0
    let inner = model.layers[layer].experts?.feedForwardLength ?? 0
    switch part.replacing("_bias", with: "").replacing("_blocks", with: "") {
    case "gate_up_proj":
      for name in ["ffn_gate_exps", "ffn_up_exps"] {
        write("blk.\(layer).\(name).\(ending)", isBias ? [inner, count] : [width, inner, count])
      }
    case "down_proj": write("blk.\(layer).ffn_down_exps.\(ending)", isBias ? [width, count] : [inner, width, count])
    case "gate_proj": write("blk.\(layer).ffn_gate_exps.\(ending)", [width, inner, count])
    case "up_proj": write("blk.\(layer).ffn_up_exps.\(ending)", [width, inner, count])
    case "mlp.w1": write("blk.\(layer).ffn_gate_exps.weight", [width, inner, rows(tensor, of: inner)])
    case "mlp.v1": write("blk.\(layer).ffn_up_exps.weight", [width, inner, rows(tensor, of: inner)])
    case "mlp.w2": write("blk.\(layer).ffn_down_exps.weight", [inner, width, rows(tensor, of: inner)])
    default: write("blk.\(layer).experts.\(part)", tensor.dimensions)
    }
  }

  /// Experts that a checkpoint stacks along one dimension (DBRX).
  private func rows(_ tensor: Tensor, of inner: Int) -> Int {
    inner > 0 ? (tensor.dimensions.last ?? 0) / inner : tensor.dimensions.last ?? 0
  }

  private mutating func stack(_ name: String, _ dimensions: [Int]) {
    if let stack = stacks[name] {
      stacks[name] = (stack.index, stack.count + 1)
    } else {
      stacks[name] = (made.count, 1)
      write(name, dimensions + [1])
    }
  }

  private mutating func write(_ name: String, _ dimensions: [Int]) {
    var dimensions = dimensions
    // A convolution over one channel group has a dimension of one in the middle, which is dropped.
    if dimensions.count == 3, dimensions[1] == 1, name.contains("conv") { dimensions.remove(at: 1) }
    made.append(Tensor(name: name, dimensions: dimensions, type: storedType(name, dimensions), bytes: .zero))
  }

  /// Returns what the converter stores a tensor as (`ModelBase.prepare_tensors`).
  private func storedType(_ name: String, _ dimensions: [Int]) -> String {
    guard dimensions.count > 1, name.hasSuffix(".weight"), !name.hasSuffix("_norm.weight") else { return "F32" }
    let whole = [
      "ffn_gate_inp.", "ffn_gate_inp_shexp.", "position_embd.", "token_types.", "ssm_conv1d", "shortconv.conv.",
      "indexer.proj.", "altup_correct_coef.", "altup_predict_coef.", "time_mix_first.", "time_mix_w1.", "time_mix_w2.",
      "time_mix_decay_w1.", "time_mix_decay_w2.", "time_mix_lerp_fused.",
    ]
    return whole.contains { name.contains($0) } ? "F32" : standardType
  }

  mutating func finish() -> [Tensor] {
    for stack in stacks.values { made[stack.index].dimensions[2] = stack.count }
    if let count = model.shape.extras["rope.factor_count"] { write("rope_freqs.weight", [Int(count)]) }
    if model.shape.hasTiedEmbeddings { made.removeAll { $0.name == "output.weight" } }
    return made.map { tensor in
      var tensor = tensor
      tensor.bytes = GGUFType.named(tensor.type)?.byteCount(dimensions: tensor.dimensions) ?? .zero
      return tensor
    }
  }

  /// Parts a name from its ending.
  private static func parted(_ name: String) -> (stem: String, ending: String) {
    for ending in [".weight", ".bias"] where name.hasSuffix(ending) {
      return (String(name.dropLast(ending.count)), ending)
    }
    return (name, "")
  }

  /// Returns what follows `layers.N.` in a name.
  private static func afterLayer(_ name: String) -> Substring? {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let at = pieces.indices.first(where: { $0 > 0 && Int(pieces[$0]) != nil }), at + 1 < pieces.count else {
      return nil
    }
    return name[pieces[at + 1].startIndex...]
  }
}
