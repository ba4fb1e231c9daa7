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
    public var bits: Int { packing.bits }

    /// The bits of weights, scales and offsets.
    var packing: WeightPacking {
      switch self {
      case .mlx8: Self.mlx(8)
      case .mlx6: Self.mlx(6)
      case .mlx5: Self.mlx(5)
      case .mlx4: Self.mlx(4)
      case .mlx3: Self.mlx(3)
      case .mlx2: Self.mlx(2)
      case .fp8: WeightPacking(bits: 8, sharing: .row, scaleBits: 16)
      case .awq: .integers(bits: 4, group: 128, keepsOrder: false)
      case .gptq: .integers(bits: 4, group: 128, keepsOrder: true)
      case .nvfp4: .nvfp4
      }
    }

    /// A 16-bit scale and offset for each group of 64.
    private static func mlx(_ bits: Int) -> WeightPacking {
      WeightPacking(bits: bits, sharing: .group(64), scaleBits: 16, offsetBits: 16)
    }

    /// True for what mlx-lm makes and runs, false for what vLLM runs.
    public var isMLX: Bool { rawValue.hasPrefix("MLX") }

    /// Weights that share a scale along the input; nil where a whole row does.
    var group: Int? {
      guard case .group(let size) = packing.sharing else { return nil }
      return size
    }
  }

  private let model: Model
  /// True where the weights are of 16 or 32 bits; false of 8-bit floats that mlx-lm alone unpacks.
  private let isPlain: Bool

  /// Families that their makers train and publish in 8-bit floats.
  public static let publishedInFP8: Set<String> = ["deepseek2", "deepseek32", "deepseek4", "mimo2", "minimax-m2"]

  /// Families whose 8-bit floats mlx-lm unpacks to 16 bits while it loads them (`sanitize` of its `models/`, 0.32).
  private static let unpackedByMLX: Set<String> = [
    "deepseek2", "deepseek32", "mimo2", "minimax-m2", "mistral3", "mistral4",
  ]

  /// Prepares a model; nil unless it is a checkpoint of plain weights, or of 8-bit floats that some tool unpacks.
  public init?(_ model: Model) {
    guard model.format != .gguf, !model.tensors.isEmpty else { return nil }
    let stored = model.quantization?.value ?? ""
    isPlain = ["BF16", "F16", "F32"].contains(stored)
    guard isPlain || (stored == "FP8" && Self.unpackedByMLX.contains(model.architecture)) else { return nil }
    self.model = model
  }

  /// The schemes that there is a tool for.
  public var schemes: [Scheme] { Scheme.allCases.filter { isPlain || $0.isMLX } }

  /// Returns the tensors that the scheme makes, or a refusal where rows do not divide into its groups.
  public func outcome(_ scheme: Scheme) -> QuantizationMix.Outcome {
    // Scales of the 8-bit floats go with them.
    var tensors = isPlain ? model.tensors : model.tensors.filter { !$0.name.hasSuffix("_scale_inv") }
    for index in tensors.indices {
      let tensor = tensors[index]
      guard let matrix = QuantizableMatrix(tensor), scheme.isMLX || matrix.role == .layer else { continue }
      if let group = scheme.group, matrix.inputs % group != 0 {
        // mlx-lm leaves such a matrix as it is; the others refuse the model.
        if scheme.isMLX { continue }
        let message = "\(tensor.name) has rows of \(matrix.inputs), no multiple of \(group)"
        return .init(tensors: [], refusal: Reason(.unsupportedQuantization, message))
      }
      // mlx-lm keeps routers at 8 bits.
      let stored = matrix.role == .router ? .mlx8 : scheme
      guard
        let bytes = stored.packing.byteCount(
          inputs: matrix.inputs, outputs: matrix.outputs, matrices: matrix.matrices)
      else { continue }
      tensors[index].type = stored.rawValue
      tensors[index].bytes = bytes
    }
    return .init(tensors: tensors, refusal: nil)
  }
}
