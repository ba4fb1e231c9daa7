import Units

/// Another quantization of a model that was read, of which only the name and the size are known, as in a listing.
///
/// Its tensors are those that llama-quantize's mix of that name makes of the same shapes; where a publisher's own recipe
/// differs they are scaled, so that the sum is what the listing says.
public struct ListedQuantization: Sendable {
  private let base: Model
  private let mix: QuantizationMix?
  /// What a file holds besides its tensors: the vocabulary above all, the same in every quantization.
  private let headerBytes: ByteCount

  /// Prepares a model whose header was read.
  public init(of base: Model) {
    self.base = base
    mix = QuantizationMix(base)
    let files = base.files.reduce(ByteCount.zero) { $0 + $1.bytes }
    let tensors = base.tensors.reduce(ByteCount.zero) { $0 + $1.bytes }
    headerBytes = files > tensors ? files - tensors : .zero
  }

  /// Returns the model as the files of that name and size would hold it.
  public func model(label: String, files: [ModelFile]) -> Model {
    let total = files.reduce(ByteCount.zero) { $0 + $1.bytes }
    let wanted = total > headerBytes ? total - headerBytes : total
    var model = base
    model.files = files
    model.headerDigest = nil
    model.quantization = Figure(label, .header, "the file's name")
    let made = Self.mixName(label).flatMap { mix?.outcome($0, importanceMatrix: true).tensors } ?? []
    model.tensors = Self.scaled(made.isEmpty ? base.tensors : made, to: wanted)
    model.tensorBytes = Figure(wanted, .header, "the listed size, less the header of \(base.files.first?.path ?? "")")
    return model
  }

  /// The mix that a publisher's label is nearest to; nil where none is.
  static func mixName(_ label: String) -> GGUFFileType? {
    var name = label.uppercased()
    if name.hasPrefix("UD-") { name = String(name.dropFirst(3)) }
    if let type = GGUFFileType(rawValue: name) { return type }
    let others = [
      "FP16": "F16", "FP32": "F32", "MXFP4": "MXFP4_MOE", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M", "Q3_K": "Q3_K_M",
      "Q2_K_L": "Q2_K", "Q2_K_XL": "Q2_K", "Q3_K_XL": "Q3_K_L", "Q4_K_L": "Q4_K_M", "Q4_K_XL": "Q4_K_M",
      "Q5_K_L": "Q5_K_M", "Q5_K_XL": "Q5_K_M", "Q6_K_L": "Q6_K", "Q6_K_XL": "Q6_K", "Q8_K_XL": "Q8_0",
    ]
    return others[name].flatMap { GGUFFileType(rawValue: $0) }
  }

  /// Scales what is quantized so that the sum is exact; vectors keep their bytes.
  private static func scaled(_ tensors: [Tensor], to wanted: ByteCount) -> [Tensor] {
    let sum = tensors.reduce(ByteCount.zero) { $0 + $1.bytes }
    let matrices = tensors.indices.filter { tensors[$0].dimensions.count > 1 }
    let scalable = matrices.reduce(ByteCount.zero) { $0 + tensors[$1].bytes }
    guard sum != wanted, scalable > .zero, wanted + scalable > sum else { return tensors }
    let factor = Double((wanted + scalable - sum).bytes) / Double(scalable.bytes)
    var out = tensors
    for index in matrices { out[index].bytes = tensors[index].bytes.scaled(by: factor) }
    let difference = wanted.bytes - out.reduce(0) { $0 + $1.bytes.bytes }
    if let largest = matrices.max(by: { out[$0].bytes < out[$1].bytes }) {
      out[largest].bytes = ByteCount(max(0, out[largest].bytes.bytes + difference))
    }
    return out
  }
}
