import Units

extension ModelEntry {
  /// Returns the model that the entry's configuration describes, with the tensors that it calls for; no file is read.
  ///
  /// Where the shapes do not add up to the entry's own count, the count is kept and a warning says so.
  ///
  /// - Throws: `ModelError.notAModel` where the catalogue has no configuration of it.
  public func model() throws(ModelError) -> Model {
    guard let config else {
      throw .notAModel(path: repository, cause: "the catalogue has its size but not its dimensions")
    }
    var parts = CheckpointParts(path: repository, format: .config)
    parts.config = config
    parts.files = [ModelFile(path: "hf:\(repository)", bytes: .zero)]
    var model = try CheckpointModel(parts: parts).model()
    model.name = repository.split(separator: "/").last.map { String($0) } ?? repository
    if model.shape.contextLength == 0, let contextLength { model.shape.contextLength = contextLength }
    // An embedder that was made of a decoder has a decoder's configuration: what its maker says that it is for decides.
    let pooling: Double? = uses.contains(.reranking) ? 4 : uses.contains(.embedding) ? 3 : nil
    if let pooling { model.shape.extras["pooling_type"] = pooling }
    hold(&model)
    return model
  }

  /// Holds what the shapes add up to against the entry's count.
  private func hold(_ model: inout Model) {
    let detail = verificationSource ?? "the catalogue's entry \(name)"
    let counted = model.parameters?.value
    if let counted, isClose(counted, to: parameters) { return }
    model.parameters = Figure(parameters, isVerified ? .header : .assumed, detail)
    model.activeParameters = Figure(activeParameters, isVerified ? .header : .assumed, detail)
    guard let counted else { return }
    let share = (Double(counted) / Double(parameters) * 100).rounded()
    model.warnings.append(
      Reason(
        .parameterCount,
        "the shapes that were read make up \(Int(share))% of its \(parameters) parameters: "
          + (share < 100 ? "part of the model is not covered" : "something is counted that it has not, or twice")
      ))
  }

  /// Within 1%, the layers that predict further tokens left out of both or not.
  private func isClose(_ counted: Int, to stated: Int) -> Bool {
    abs(Double(counted) / Double(stated) - 1) <= 0.01
  }
}
