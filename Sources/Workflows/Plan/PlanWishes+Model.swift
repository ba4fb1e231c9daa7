public import Models

extension PlanWishes {
  /// The projector that was found with a model: llama.cpp is given it unless another is asked for, or none.
  public static func ownProjector(of model: Model) -> [Companion] {
    model.format == .gguf ? Array(model.companions.filter { $0.role == .projector }.prefix(1)) : []
  }
}

extension FoundModel {
  /// The quantizations that a deployment considers: of files that are there or published, those files, unless others are
  /// asked for.
  public func deployedQuantizations(asked: String) -> String {
    asked == "usual" && catalogueEntry == nil ? "files" : asked
  }
}
