import Units

/// What tools other than llama.cpp's would make of a 16-bit checkpoint: sizes from the formats' own arithmetic.
///
/// Names and bytes of tensors are those of the source; a tensor's bytes include its scales and offsets.
public struct CheckpointQuantization: Sendable {
  /// A way to store weights in fewer bits.
  public enum Scheme: String, Hashable, Sendable, Codable, CaseIterable {
    case mlx8 = "MLX 8-bit"
    case mlx6 = "MLX 6-bit"
    case mlx5 = "MLX 5-bit"
    case mlx4 = "MLX 4-bit"
    case mlx3 = "MLX 3-bit"
    case mlx2 = "MLX 2-bit"
    /// One scale for each output channel, as llm-compressor's FP8_DYNAMIC.
    case fp8 = "FP8"
    /// 4 bits in groups of 128 with zero points, as AutoAWQ.
    case awq = "AWQ 4-bit"
    /// 4 bits in groups of 128 with zero points and the order of inputs, as GPTQModel.
    case gptq = "GPTQ 4-bit"
    /// 4-bit floats in groups of 16 with FP8 scales, as ModelOpt.
    case nvfp4 = "NVFP4"

    /// Bits of one weight without scales.
    public var bits: Int {
      switch self {
      case .mlx8, .fp8: 8
      case .mlx6: 6
      case .mlx5: 5
      case .mlx4, .awq, .gptq, .nvfp4: 4
      case .mlx3: 3
      case .mlx2: 2
      }
    }

    /// True for what mlx-lm makes and runs, false for what vLLM runs.
    public var isMLX: Bool { rawValue.hasPrefix("MLX") }

    /// Weights that share a scale along the input; nil where a whole row does.
    var group: Int? {
      switch self {
      case .fp8: nil
      case .awq, .gptq: 128
      case .nvfp4: 16
      default: 64
      }
    }
  }

  private let model: Model

  /// Prepares a model; nil unless it is a checkpoint of plain 16- or 32-bit weights.
  public init?(_ model: Model) {
    let isCheckpoint = model.format != .gguf
    guard isCheckpoint, !model.tensors.isEmpty, ["BF16", "F16", "F32"].contains(model.quantization?.value ?? "") else {
      return nil
    }
    self.model = model
  }

  /// Returns the tensors that the scheme makes, or a refusal where rows do not divide into its groups.
  public func outcome(_ scheme: Scheme) -> QuantizationMix.Outcome {
    var tensors = model.tensors
    for index in tensors.indices {
      let tensor = tensors[index]
      guard let shape = QuantizableShape(tensor, scheme: scheme) else { continue }
      if let group = scheme.group, shape.inputs % group != 0 {
        // mlx-lm leaves such a matrix as it is; the others refuse the model.
        if scheme.isMLX { continue }
        let message = "\(tensor.name) has rows of \(shape.inputs), no multiple of \(group)"
        return .init(tensors: [], refusal: Reason("unsupported-quantization", message))
      }
      guard let bytes = shape.byteCount(scheme) else { continue }
      tensors[index].type = shape.keepsEightBits ? Scheme.mlx8.rawValue : scheme.rawValue
      tensors[index].bytes = bytes
    }
    return .init(tensors: tensors, refusal: nil)
  }
}

/// A matrix that a scheme stores in fewer bits.
private struct QuantizableShape {
  let inputs: Int
  let outputs: Int
  let matrices: Int
  /// mlx-lm keeps routers at 8 bits.
  let keepsEightBits: Bool

  /// Judges a tensor by its name and shape; nil where it stays as it is.
  init?(_ tensor: Tensor, scheme: CheckpointQuantization.Scheme) {
    let place = TensorPlace(tensor.name)
    let dimensions = tensor.dimensions
    let isStacked = place.isExpert && dimensions.count == 3
    let name = tensor.name
    guard dimensions.count == 2 || isStacked, name.hasSuffix("weight") || isStacked, !place.isEncoder else {
      return nil
    }
    let kept = ["norm", "conv1d", "A_log", "pos_emb", "bias", "wpe", "lora"]
    if kept.contains(where: { name.contains($0) }) { return nil }
    let isRouter =
      name.hasSuffix(".gate.weight") || name.hasSuffix("router.weight") || name.hasSuffix("shared_expert_gate.weight")
    if scheme.isMLX {
      keepsEightBits = isRouter && scheme != .mlx8
    } else {
      keepsEightBits = false
      if isRouter || name.contains("lm_head") || name.contains("embed") || name.hasSuffix("wte.weight") { return nil }
    }
    // Stacked experts are stored with inputs and outputs the other way round; only the product of both counts then.
    inputs = dimensions[0]
    outputs = dimensions[1]
    matrices = isStacked ? dimensions[2] : 1
  }

  /// Returns weights, scales and offsets together; nil on overflow.
  func byteCount(_ scheme: CheckpointQuantization.Scheme) -> ByteCount? {
    let (rows, over) = outputs.multipliedReportingOverflow(by: matrices)
    let (weights, overflow) = rows.multipliedReportingOverflow(by: inputs)
    guard !over, !overflow, weights < Int.max / 64 else { return nil }
    let bits = keepsEightBits ? 8 : scheme.bits
    let packed = weights / 8 * bits + weights % 8 * bits / 8
    switch scheme {
    // A 16-bit scale and offset for each group.
    case .mlx8, .mlx6, .mlx5, .mlx4, .mlx3, .mlx2: return ByteCount(packed + weights / 64 * 4)
    case .fp8: return ByteCount(packed + rows * 2)
    // A 16-bit scale and a 4-bit zero point for each group.
    case .awq: return ByteCount(packed + weights / 128 * 2 + weights / 256)
    case .gptq: return ByteCount(packed + weights / 128 * 2 + weights / 256 + inputs * matrices * 4)
    // An 8-bit scale for each group, and two 32-bit ones for each matrix.
    case .nvfp4: return ByteCount(packed + weights / 16 + matrices * 8)
    }
  }
}
