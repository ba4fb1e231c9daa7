import ArgumentParser
import Foundation
import Models
import Planning
import Platform
import Profiles

/// The model that `size` is about: read, known by name, or described by its size.
enum SizingModel {
  static func resolve(_ text: String, _ profiles: Profiles, _ context: CommandContext) async throws -> FoundModel {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
    // A file is meant before a model of its name; a folder beside may be called like a model by chance.
    if text.contains("/") || text.hasSuffix(".gguf") || (exists && !isFolder.boolValue) {
      let found = try await ModelSource(text, context: context).found()
      guard ModelTraits(found.model) != nil else {
        throw ValidationError("\(text) does not say its layers, so it cannot be sized")
      }
      return found
    }
    guard let model = try named(text, profiles) else {
      throw ValidationError("\(text) is no file, no known model and no size such as 70b or 30b-a3b")
    }
    return FoundModel(model: model)
  }

  /// The model of a name, or of an ordinary shape for a bare size; nil for a name that is not known.
  private static func named(_ text: String, _ profiles: Profiles) throws -> Model? {
    guard let traits = try profiles.referenceShapes().traits(named: text) else { return nil }
    guard (1e6...1e14).contains(traits.parameters) else {
      throw ValidationError("\(text) is no size of a model: from 0.001b to 100000b")
    }
    return Model(traits, name: text)
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
