public import Units

/// What llama-quantize would make of a model: the type and bytes of every tensor, exactly, without doing it.
///
/// The rules are those of `src/llama-quant.cpp` in llama.cpp 11434. Files that others publish under the same names may
/// follow rules of their own; where a file exists its header says more than this. Make one value for a model and ask
/// it for every mix: what does not depend on the mix is worked out once.
public struct QuantizationMix: Sendable {
  /// What comes out for one mix.
  public struct Outcome: Hashable, Sendable {
    /// The tensors in the order of the model's; empty where the file cannot be made at all.
    public var tensors: [Tensor]
    /// Why llama-quantize refuses; an importance matrix that is missing leaves `tensors` as they would be with it.
    public var refusal: Reason?

    /// The bytes of all tensors together; 0 where the file cannot be made at all.
    public var tensorBytes: ByteCount { tensors.reduce(ByteCount.zero) { $0 + $1.bytes } }
  }

  private let source: [Tensor]
  private let classified: [ClassifiedTensor]
  private let facts: MixFacts

  /// Prepares a model; nil where its tensors are not known, as for a bare configuration of an unknown family.
  ///
  /// Only shapes and names of the tensors count, and the types of those that are never quantized; a model in another
  /// format is taken as the converter would write it.
  public init?(_ model: Model) {
    guard let source = ConvertedTensors.tensors(of: model) else { return nil }
    self.source = source
    classified = ClassifiedTensor.inLoaderOrder(source, architecture: model.architecture)
    facts = MixFacts(model, classified)
  }

  /// Returns what the mix of that name makes of the model, or a refusal for a name that there is not.
  public func outcome(_ name: String, importanceMatrix: Bool) -> Outcome {
    guard let fileType = GGUFFileType(rawValue: name) else {
      return Outcome(
        tensors: [], refusal: Reason(.unsupportedQuantization, "llama-quantize knows no mix named \(name)"))
    }
    return outcome(fileType, importanceMatrix: importanceMatrix)
  }

  /// Returns what a mix makes of the model.
  public func outcome(_ fileType: GGUFFileType, importanceMatrix: Bool) -> Outcome {
    var rules = MixRules(fileType, facts: facts, hasImportanceMatrix: importanceMatrix)
    var made = source
    var refusal: Reason?
    for tensor in classified {
      let choice: MixRules.Choice
      switch rules.type(of: tensor) {
      case .success(let found): choice = found
      case .failure(let refusal): return Outcome(tensors: [], refusal: refusal.reason)
      }
      guard let bytes = choice.bytes(of: tensor) else {
        let message = "\(tensor.tensor.name) has rows that do not fit blocks of \(choice.name)"
        return Outcome(tensors: [], refusal: Reason(.unsupportedQuantization, message))
      }
      made[tensor.index].type = choice.name
      made[tensor.index].bytes = bytes
      if refusal == nil, choice.needsImportanceMatrix {
        refusal = Reason(
          .importanceMatrixRequired,
          "\(fileType.rawValue) needs an importance matrix: \(tensor.tensor.name) would be \(choice.name)",
          remedy: "make one with llama-imatrix and give --imatrix")
      }
    }
    return Outcome(tensors: made, refusal: refusal)
  }
}
