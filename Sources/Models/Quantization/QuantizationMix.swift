public import Units

/// What llama-quantize would make of a model: the type and bytes of every tensor, exactly, without doing it.
///
/// The rules are those of `src/llama-quant.cpp` in llama.cpp 11434. Files that others publish under the same names may
/// follow rules of their own; where a file exists its header says more than this.
public struct QuantizationMix: Sendable {
  public let fileType: GGUFFileType
  public let hasImportanceMatrix: Bool

  public init(_ fileType: GGUFFileType, importanceMatrix: Bool = false) {
    self.fileType = fileType
    hasImportanceMatrix = importanceMatrix
  }

  /// Returns the tensors that the file would hold, in the order of the model's, or why it cannot be made.
  ///
  /// Only shapes and names of the model's tensors count, and the types of those that are never quantized; a model in
  /// another format is taken as the converter would write it.
  public func applied(to model: Model) -> Result<[Tensor], Reason> {
    guard let source = ConvertedTensors.tensors(of: model) else {
      return .failure(Reason("no-tensors", "the tensors of \(model.name) are not known, only its configuration"))
    }
    var rules = MixRules(fileType, model: model, tensors: source, hasImportanceMatrix: hasImportanceMatrix)
    var chosen: [String: Tensor] = [:]
    for tensor in MixRules.inLoaderOrder(source) {
      switch rules.type(of: tensor) {
      case .success(let type):
        guard let bytes = type.byteCount(dimensions: tensor.dimensions) else {
          return .failure(
            Reason("unsupported-quantization", "\(tensor.name) has rows that do not fit blocks of \(type.name)"))
        }
        chosen[tensor.name] = Tensor(
          name: tensor.name, dimensions: tensor.dimensions, type: type.name, bytes: bytes)
      case .failure(let reason): return .failure(reason)
      }
    }
    return .success(source.compactMap { chosen[$0.name] })
  }

  /// Returns the bytes of all tensors together, or why the file cannot be made.
  public func byteCount(of model: Model) -> Result<ByteCount, Reason> {
    applied(to: model).map { tensors in tensors.reduce(ByteCount.zero) { $0 + $1.bytes } }
  }
}

extension Reason: Error {}
