import Foundation
import Models
public import Planning

extension Workspace {
  /// A draft model that guesses tokens. One that is not on this machine has no files: it is planned, and not started.
  ///
  /// - Throws: what finding the model throws.
  public func draft(_ text: String) async throws -> Guessing {
    var model = try await ModelSource(text, in: self).read().model
    let isThere = { (path: String) in FileManager.default.fileExists(atPath: path) }
    guard let path = model.files.first?.path, isThere(path) else {
      model.files = []
      return .draft(model, name: text)
    }
    return .draft(model, name: isThere(text) ? text : path)
  }
}
