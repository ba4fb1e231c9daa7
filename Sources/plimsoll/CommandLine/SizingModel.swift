import ArgumentParser
import Foundation
import Models
import Planning
import Platform
import Profiles

/// The model that `size` is about: read, known by name, or described by its size.
enum SizingModel {
  static func resolve(
    _ text: String, _ profiles: Profiles, _ context: CommandContext
  ) async throws -> (model: Model, traits: ModelTraits) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
    // A file is meant before a model of its name; a folder beside may be called like a model by chance.
    if text.contains("/") || text.hasSuffix(".gguf") || (exists && !isFolder.boolValue) {
      let model = try await ModelSource(text, context: context).read().model
      guard let traits = ModelTraits(model) else {
        throw ValidationError("\(text) does not say its layers, so it cannot be sized")
      }
      return (model, traits)
    }
    let catalogue = profiles.modelCatalogue()
    // A bare size is an ordinary model, as the speed model has them; nothing else is guessed from a name's digits.
    if try catalogue.genericModel(ofSize: text) != nil, let traits = try profiles.referenceShapes().traits(named: text)
    {
      return (Model(traits, name: text), traits)
    }
    let model = try catalogue.entry(named: text).model()
    guard let traits = ModelTraits(model) else {
      throw ValidationError("the layers of \(text) are not known, so it cannot be sized")
    }
    return (model, traits)
  }
}

/// Prices as `--price "8x h100=250000"` gives them.
struct SizingPrices {
  var byName: [String: Double] = [:]

  init(_ texts: [String]) throws {
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let price = Double(parts[1]), price.isFinite, price >= 0 else {
        throw ValidationError("a price is written as \"8x h100=250000\", not \"\(text)\"")
      }
      byName[String(parts[0])] = price
    }
  }
}
