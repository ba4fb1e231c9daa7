import Foundation
public import Models
public import Planning
import Platform
import Profiles
import Units

/// The model that `size` is about: read, known by name, or described by its size.
public enum SizingModel {
  /// - Throws: `Failure` for a name that means nothing, and what reading a file or a repository throws.
  public static func resolve(
    _ text: String, in workspace: Workspace
  ) async throws -> (model: Model, traits: ModelTraits) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
    // A file is meant before a model of its name; a folder beside may be called like a model by chance.
    if text.contains("/") || text.hasSuffix(".gguf") || (exists && !isFolder.boolValue) {
      let model = try await ModelSource(text, in: workspace).read().model
      guard let traits = ModelTraits(model) else {
        throw Failure(.refusedInput, .noLayers, "\(text) does not say its layers, so it cannot be sized")
      }
      return (model, traits)
    }
    if let traits = try workspace.catalogue().referenceShapes().traits(named: text) {
      guard (1e6...1e14).contains(traits.parameters) else {
        throw Failure(.usage, .wrongUsage, "\(text) is no size of a model: from 0.001b to 100000b")
      }
      return (Model(traits, name: text), traits)
    }
    throw Failure(
      .usage, .wrongUsage, "\(text) is no file, no known model and no size such as 70b or 30b-a3b")
  }
}
