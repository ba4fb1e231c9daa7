/// The tensors of a model as a GGUF file would hold them.
enum ConvertedTensors {
  /// Returns a GGUF's own tensors; nil for a model whose tensors are not known.
  static func tensors(of model: Model) -> [Tensor]? {
    guard !model.tensors.isEmpty, model.format == .gguf else { return nil }
    return model.tensors
  }
}
