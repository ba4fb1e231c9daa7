import Units

/// How a checkpoint stores the weights of a matrix: the bits of each, and what its scales and offsets add.
struct WeightPacking: Sendable, Hashable {
  /// Weights that share a scale.
  enum Sharing: Sendable, Hashable {
    case matrix
    /// All inputs of one output.
    case row
    /// So many inputs of one output.
    case group(Int)
    case block(inputs: Int, outputs: Int)
  }

  /// Bits of one weight without scales.
  var bits: Int
  var sharing: Sharing
  /// Bits of one scale.
  var scaleBits: Int
  /// Bits of one offset or zero point, of which there are as many as scales.
  var offsetBits = 0
  /// Bits kept for each input, as GPTQ's order of inputs.
  var inputBits = 0
  /// Bits kept once for each matrix, as a scale of the scales.
  var matrixBits = 0

  /// Inputs that share a scale; 1 where whole rows or matrices do.
  var group: Int {
    switch sharing {
    case .matrix, .row: 1
    case .group(let size), .block(let size, _): size
    }
  }

  /// Returns weights, scales and offsets together; nil on overflow, and for no weights.
  func byteCount(inputs: Int, outputs: Int, matrices: Int) -> ByteCount? {
    let (rows, over) = outputs.multipliedReportingOverflow(by: matrices)
    let (weights, overflow) = rows.multipliedReportingOverflow(by: inputs)
    // No term below is more than a few hundred bits for each weight.
    guard !over, !overflow, min(inputs, outputs, matrices) > 0, weights < Int.max / 1024 else { return nil }
    let scales = sharedParts(inputs: inputs, outputs: outputs) * matrices
    let extras = scales * (scaleBits + offsetBits) + inputs * matrices * inputBits + matrices * matrixBits
    return ByteCount(weights / 8 * bits + weights % 8 * bits / 8 + extras / 8)
  }

  private func sharedParts(inputs: Int, outputs: Int) -> Int {
    func parts(_ length: Int, _ size: Int) -> Int { length / max(1, size) + (length % max(1, size) == 0 ? 0 : 1) }
    return switch sharing {
    case .matrix: 1
    case .row: outputs
    case .group(let size): outputs * parts(inputs, size)
    case .block(let width, let height): parts(inputs, width) * parts(outputs, height)
    }
  }
}

extension WeightPacking {
  /// 8-bit floats with one scale of 32 bits for each matrix.
  static let fp8 = WeightPacking(bits: 8, sharing: .matrix, scaleBits: 32)
  /// 4-bit floats in groups of 16 with 8-bit scales, and two 32-bit ones for each matrix.
  static let nvfp4 = WeightPacking(bits: 4, sharing: .group(16), scaleBits: 8, matrixBits: 64)
  /// 4-bit floats in groups of 32 with 8-bit scales (OCP's microscaling formats).
  static let mxfp4 = WeightPacking(bits: 4, sharing: .group(32), scaleBits: 8)

  /// Integers with a 16-bit scale and packed zero points for each group, as AutoAWQ and GPTQModel store them.
  static func integers(bits: Int, group: Int, keepsOrder: Bool) -> WeightPacking {
    WeightPacking(
      bits: bits, sharing: group > 0 ? .group(group) : .row, scaleBits: 16, offsetBits: bits,
      inputBits: keepsOrder ? 32 : 0)
  }
}

/// A matrix that layers multiply with, as schemes of fewer bits see it.
struct QuantizableMatrix {
  enum Role: Sendable, Hashable { case layer, router, output, embedding }

  let inputs: Int
  let outputs: Int
  let matrices: Int
  let role: Role

  /// Judges a tensor by its name and shape; nil where no scheme changes it.
  init?(_ tensor: Tensor) {
    let place = TensorPlace(tensor.name)
    let dimensions = tensor.dimensions
    let isStacked = place.isExpert && dimensions.count == 3
    let name = tensor.name
    guard dimensions.count == 2 || isStacked, name.hasSuffix("weight") || isStacked, !place.isEncoder else {
      return nil
    }
    let kept = ["norm", "conv1d", "A_log", "pos_emb", "bias", "wpe", "lora"]
    if kept.contains(where: { name.contains($0) }) { return nil }
    if name.hasSuffix(".gate.weight") || name.hasSuffix("router.weight") || name.hasSuffix("shared_expert_gate.weight")
    {
      role = .router
    } else if name.contains("lm_head") {
      role = .output
    } else {
      role = name.contains("embed") || name.hasSuffix("wte.weight") ? .embedding : .layer
    }
    // Stacked experts are stored with inputs and outputs the other way round; only the product of both counts then.
    inputs = dimensions[0]
    outputs = dimensions[1]
    matrices = isStacked ? dimensions[2] : 1
  }
}
