public import Models
import Planning
public import Units

/// The model that `size` is about: the same as every command's, with layers to reckon with.
public enum SizingModel {
  /// - Throws: `Failure` for a model whose layers are not known, and what finding it throws.
  public static func resolve(_ text: String, in workspace: Workspace) async throws -> FoundModel {
    let found = try await ModelSource(text, in: workspace).found()
    guard ModelTraits(found.model) != nil else {
      throw Failure(
        .refusedInput, .noLayers, "\(printable(text)) does not say its layers, so it cannot be sized",
        remedy: "name the model's repository or its whole config.json")
    }
    return found
  }

  /// What has to be said before a model is paid for: that its owner gives it to those alone who agree to a licence.
  public static func notes(_ entry: ModelEntry) -> [Reason] {
    guard entry.isGated == true else { return [] }
    let licence = printable(entry.license ?? "owner's license")
    return [Reason(.gatedRepository, "gated: accept the \(licence) first")]
  }
}
